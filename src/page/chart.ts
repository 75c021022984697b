// Requests and errors over time, and on the same axis a lane for each kind of moment.

import type { Traffic } from '#model/report.ts';
import type { Moment, MomentKind } from '#model/timeline.ts';
import { type Child, svg } from './dom.ts';
import { niceTop, type Range, type Scale, scale, ticks } from './scale.ts';
import { clock, number } from './words.ts';

export interface ChartData {
  readonly traffic: Traffic | undefined;
  readonly moments: readonly Moment[];
  readonly range: Range;
  readonly width: number;
  /** Called with the moment whose mark is chosen. */
  readonly choose: (moment: Moment) => void;
}

export const kindNames: Readonly<Record<MomentKind, string>> = {
  errors: 'Errors begin',
  rejection: 'Rejected',
  push: 'istiod pushes',
  connection: 'To istiod',
  configuration: 'Envoy updates',
  object: 'Objects',
  event: 'Events',
  pod: 'Pods start',
  certificate: 'Certificates',
};

const kinds = Object.keys(kindNames) as readonly MomentKind[];

const plotHeight = 150;
const laneHeight = 24;
const axisHeight = 22;
const top = 14;

/** Below this the names of lanes stand above their marks. */
const narrow = 620;

export function chart(data: ChartData): SVGSVGElement {
  const { traffic, moments, range, width, choose } = data;
  const left = width < narrow ? 36 : 108;
  const inner = Math.max(80, width - left - 12);
  const x = scale(range, inner);
  const lanes = kinds.filter((kind) => moments.some((moment) => moment.kind === kind));
  const perLane = width < narrow ? laneHeight + 14 : laneHeight;
  const bottom = top + plotHeight + axisHeight;
  const height = bottom + lanes.length * perLane + 6;
  return svg(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': describe(data), class: 'chart' },
    svg(
      'g',
      { transform: `translate(${left} 0)` },
      axis(range, x, inner, height),
      traffic && bars(traffic, x, inner, range),
      lanes.map((kind, index) =>
        lane(kind, bottom + index * perLane, { moments, range, x, inner, left, isNarrow: width < narrow, choose }),
      ),
    ),
  );
}

function describe({ traffic, moments, range }: ChartData): string {
  const when = `from ${clock(isoOf(range.from))} to ${clock(isoOf(range.to))} UTC`;
  const what = traffic
    ? `${traffic.requests + traffic.connections} requests and ${traffic.errors} errors`
    : 'no requests are known';
  return `Chart ${when}: ${what}, and ${moments.length} moments, which the list below has in the order of time.`;
}

const isoOf = (ms: number): string => new Date(ms).toISOString();

function axis(range: Range, x: Scale, inner: number, height: number): Child {
  return ticks(range, Math.max(3, Math.floor(inner / 80))).map((at) => [
    svg('line', { class: 'grid', x1: x(at), x2: x(at), y1: top, y2: height }),
    svg('text', { class: 'tick', x: x(at), y: top + plotHeight + 15, 'text-anchor': 'middle' }, clock(isoOf(at))),
  ]);
}

function bars({ buckets, bucketMs }: Traffic, x: Scale, inner: number, range: Range): Child {
  const shown = buckets.filter(({ from }) => Date.parse(from) + bucketMs >= range.from && Date.parse(from) <= range.to);
  const most = niceTop(Math.max(1, ...shown.map(({ requests }) => requests)));
  const y = (n: number): number => top + plotHeight - (n / most) * plotHeight;
  const bar = (from: string, low: number, high: number, kind: string): Child => {
    const [begin, end] = [Math.max(0, x(Date.parse(from))), Math.min(inner, x(Date.parse(from) + bucketMs))];
    const gap = end - begin > 4 ? 1 : 0;
    return (
      high > low &&
      end > begin &&
      svg('rect', {
        class: kind,
        x: begin,
        width: Math.max(1, end - begin - gap),
        y: y(high),
        height: y(low) - y(high),
      })
    );
  };
  return [
    [0, most / 2, most]
      .filter(Number.isInteger)
      .map((n) => [
        svg('line', { class: n === 0 ? 'base' : 'grid', x1: 0, x2: inner, y1: y(n), y2: y(n) }),
        svg('text', { class: 'tick', x: -6, y: y(n) + 4, 'text-anchor': 'end' }, number(n)),
      ]),
    shown.map(({ from, requests, errors }) =>
      svg(
        'g',
        {},
        svg('title', {}, `${clock(from)} UTC: ${requests} requests, ${errors} errors in ${bucketMs / 1000} s`),
        bar(from, 0, errors, 'errors'),
        bar(from, errors, requests, 'requests'),
      ),
    ),
  ];
}

interface LaneData extends Pick<ChartData, 'moments' | 'range' | 'choose'> {
  readonly x: Scale;
  readonly inner: number;
  readonly left: number;
  readonly isNarrow: boolean;
}

function lane(kind: MomentKind, y: number, { moments, range, x, inner, left, isNarrow, choose }: LaneData): Child {
  const own = moments.filter((moment) => moment.kind === kind);
  const middle = y + laneHeight / 2 + (isNarrow ? 12 : 0);
  return svg(
    'g',
    { class: `lane ${kind}` },
    svg('line', { class: 'grid', x1: isNarrow ? -left + 8 : 0, x2: inner, y1: y, y2: y }),
    isNarrow
      ? svg('text', { class: 'name', x: -left + 8, y: y + 13 }, kindNames[kind])
      : svg('text', { class: 'name', x: -left + 4, y: middle + 4 }, kindNames[kind]),
    own.map((moment) => mark(moment, middle, { range, x, inner, choose })),
  );
}

function mark(
  moment: Moment,
  y: number,
  { range, x, inner, choose }: Omit<LaneData, 'moments' | 'left' | 'isNarrow'>,
): Child {
  const [from, to] = [Date.parse(moment.at), Date.parse(moment.until ?? moment.at)];
  if (to < range.from || from > range.to) return undefined;
  const [begin, end] = [Math.max(0, x(from)), Math.min(inner, x(to))];
  const made = svg(
    'g',
    { class: 'moment' },
    svg('title', {}, `${clock(moment.at)} UTC: ${moment.what}${moment.by === undefined ? '' : ` (${moment.by})`}`),
    end - begin > 2 && svg('rect', { class: 'stretch', x: begin, width: end - begin, y: y - 2, height: 4, rx: 2 }),
    svg('circle', { cx: begin, cy: y, r: 5 }),
  );
  made.addEventListener('click', () => choose(moment));
  return made;
}
