// What happened, in the order of time: the chart, and the same as a list.

import type { Report } from '#model/report.ts';
import type { Moment, MomentKind } from '#model/timeline.ts';
import { chart, kindNames } from './chart.ts';
import { h, section } from './dom.ts';
import type { Range } from './scale.ts';
import { clock, counted, dayAndClock, number, onPods, utc } from './words.ts';

/** More are shown on demand. */
const mostMoments = 200;

export function timeSection(report: Report): HTMLElement {
  const { traffic, moments } = report;
  const place = h('div', { class: 'plot' });
  const ranges = rangesOf(report);
  let chosen = 0;
  const rows = new Map<Moment, HTMLElement>();
  const choose = (moment: Moment): void => {
    const row = rows.get(moment);
    row?.scrollIntoView({ block: 'center' });
    row?.focus();
  };
  const draw = (): void => {
    const width = Math.max(280, Math.floor(place.clientWidth));
    const range = ranges[chosen]?.range ?? { from: 0, to: 1 };
    place.replaceChildren(chart({ traffic, moments, range, width, choose }));
  };
  new ResizeObserver(draw).observe(place);
  const buttons = ranges.map(({ name }, index) => {
    const button = h('button', { type: 'button', 'aria-pressed': String(index === chosen) }, name);
    button.addEventListener('click', () => {
      chosen = index;
      for (const [other, one] of buttons.entries()) one.setAttribute('aria-pressed', String(other === chosen));
      draw();
    });
    return button;
  });
  return section(
    'time',
    'What happened',
    h('p', { class: 'note' }, trafficLine(report)),
    traffic?.verdict !== undefined && h('p', { class: 'verdict' }, traffic.verdict),
    h(
      'div',
      { class: 'bar' },
      h('div', { class: 'segments', role: 'group', 'aria-label': 'Stretch of time' }, buttons),
      h(
        'p',
        { class: 'key' },
        h('span', { class: 'swatch errors', 'aria-hidden': 'true' }),
        'errors, below',
        h('span', { class: 'swatch requests', 'aria-hidden': 'true' }),
        `other requests${traffic && traffic.bucketMs > 0 ? `, per ${traffic.bucketMs / 1000} s` : ''}`,
      ),
    ),
    place,
    h(
      'p',
      { class: 'note' },
      'The order in time: that one thing comes after another does not say that it comes from it.',
    ),
    momentList(report, rows),
  );
}

function trafficLine({ traffic }: Report): string {
  if (!traffic) return 'No log could be read: what clients saw is not known.';
  const { requests, connections, errors, refused, from, to } = traffic;
  const when = from !== undefined && to !== undefined ? `, ${clock(from)}–${clock(to)} UTC` : '';
  return [
    `${counted(requests, 'request')}${connections > 0 ? ` and ${counted(connections, 'TCP connection')}` : ''}${when}`,
    counted(errors, 'error'),
    ...(refused > 0 ? [`${number(refused)} refused by the gateway with 4xx`] : []),
  ].join(' · ');
}

/** Of the requests, with a margin, and of everything that is known. */
function rangesOf({
  traffic,
  moments,
  window: asked,
}: Report): readonly { readonly name: string; readonly range: Range }[] {
  const times = moments.flatMap(({ at, until }) => [Date.parse(at), Date.parse(until ?? at)]);
  const { from = asked.from, to = asked.to } = traffic ?? {};
  const [first, last] = [Date.parse(from), Date.parse(to)];
  const margin = Math.max(2000, (last - first) * 0.04);
  const all = [first, last, ...times];
  const whole = { from: Math.min(...all), to: Math.max(...all) };
  const edge = Math.max(2000, (whole.to - whole.from) * 0.02);
  const everything = { name: 'All', range: { from: whole.from - edge, to: whole.to + edge } };
  return traffic?.from === undefined
    ? [everything]
    : [everything, { name: 'While requests came', range: { from: first - margin, to: last + margin } }];
}

function momentList({ moments, fleet, takenAt }: Report, rows: Map<Moment, HTMLElement>): HTMLElement {
  const kinds = (Object.keys(kindNames) as readonly MomentKind[]).filter((kind) =>
    moments.some((moment) => moment.kind === kind),
  );
  const wanted = new Set(kinds);
  const list = h('ol', { class: 'moments', tabindex: '0', 'aria-label': 'What happened, in the order of time' });
  const more = h('button', { type: 'button' });
  let most = mostMoments;
  const fill = (): void => {
    const chosen = moments.filter(({ kind }) => wanted.has(kind));
    list.replaceChildren(
      ...chosen.slice(0, most).map((moment) => rowOf(moment, { pods: fleet.pods.length, day: takenAt }, rows)),
    );
    if (chosen.length === 0) list.append(h('li', { class: 'note' }, 'Nothing of that is known.'));
    more.hidden = chosen.length <= most;
    more.textContent = `Show all ${chosen.length}`;
  };
  const showAll = (): void => {
    most = Number.POSITIVE_INFINITY;
    fill();
  };
  more.addEventListener('click', showAll);
  window.addEventListener('beforeprint', showAll);
  const boxes = kinds.map((kind) => {
    const box = h('input', { type: 'checkbox', checked: true });
    box.addEventListener('change', () => {
      if (box.checked) wanted.add(kind);
      else wanted.delete(kind);
      fill();
    });
    return h(
      'label',
      { class: `chip ${kind}` },
      box,
      h('span', { class: 'dot', 'aria-hidden': 'true' }),
      kindNames[kind],
    );
  });
  fill();
  const first = rows.get(moments.find(({ kind }) => kind === 'errors') as Moment);
  // What came before it stands above it.
  if (first)
    requestAnimationFrame(() => {
      list.scrollTop = first.offsetTop - list.offsetTop - list.clientHeight / 3;
    });
  return h(
    'div',
    {},
    h('fieldset', { class: 'chips' }, h('legend', { class: 'sr' }, 'Kinds of moments in the list'), boxes),
    list,
    more,
  );
}

interface Around {
  readonly pods: number;
  /** When the snapshot was taken. */
  readonly day: string;
}

function rowOf(moment: Moment, { pods, day }: Around, rows: Map<Moment, HTMLElement>): HTMLElement {
  const { at, until, kind, what, by, count: times } = moment;
  const [begin, end] = [dayAndClock(at, day), dayAndClock(until ?? at, day)];
  const where = onPods(moment.pods, pods);
  const row = h(
    'li',
    { class: kind, tabindex: '-1' },
    h('time', { datetime: at, title: utc(at) }, begin === end ? begin : `${begin} – ${end}`),
    h('span', { class: 'dot', 'aria-hidden': 'true' }),
    h('span', { class: 'kind' }, kindNames[kind]),
    h(
      'span',
      { class: 'what' },
      what,
      times !== undefined && times > 1 && ` (${number(times)} times)`,
      by !== undefined && h('span', { class: 'by' }, ` · by ${by}`),
      where !== '' && h('span', { class: 'where' }, ` · ${where}`),
    ),
  );
  rows.set(moment, row);
  return row;
}
