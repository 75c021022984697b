// How `preview` looks: how far it can be believed; what becomes of each object, of each host and its routes; findings that
// would come and go.

import type { Answer, Style, View } from '#command/command.ts';
import { hasAnswered } from '#core/fleet.ts';
import { count, someOf } from '#core/phrase.ts';
import type { Explanation } from '#model/explanation.ts';
import type {
  FindingChange,
  HostChange,
  InstallSetting,
  ObjectChange,
  PreviewCalibration,
  PreviewItem,
  RequestChange,
  RouteChange,
  Stream,
  TrafficChange,
  TrafficTotals,
} from '#model/preview.ts';
import { describeObject, type ObjectRef } from '#model/resource.ts';
import type { Route } from '#model/route.ts';
import { wrapText } from '#render/format/text.ts';
import { paint, type Tone } from '#render/format/tone.ts';
import { describeAction, describeClusters, describeFault } from '#render/words/describe-action.ts';
import { describeMatch } from '#render/words/describe-match.ts';
import { severityMarks } from '#render/words/severity-marks.ts';
import { explainView } from './explain.ts';

export const previewView: View<PreviewItem> = {
  kind: 'PreviewList',
  table: renderPreview,
  json: (item) => {
    if (item.type !== 'request') return item;
    const { before, after, pods, ...rest } = item;
    return { ...rest, before: { ...before, pods }, after: { ...after, pods } };
  },
  name: (item) => {
    if (item.type === 'object')
      return `${item.object.kind.toLowerCase()}/${item.object.namespace}/${item.object.name} ${item.change}`;
    if (item.type === 'request') return `request/${item.url}`;
    if (item.type === 'traffic') return `traffic/${item.requests} ${item.before.name} → ${item.after.name}`;
    if (item.type === 'setting') return `setting/${item.setting}`;
    return item.type === 'host' ? `host/${item.host}:${item.port} ${item.change}` : `check/${item.id} ${item.change}`;
  },
};

function renderPreview(items: readonly PreviewItem[], answer: Answer<PreviewItem>, style: Style): string[] {
  const objects = items.filter((item) => item.type === 'object');
  const hosts = items.filter((item) => item.type === 'host');
  const findings = items.filter((item) => item.type === 'finding');
  const settings = items.filter((item) => item.type === 'setting');
  const requests = items.filter((item) => item.type === 'request');
  const traffic = items.filter((item) => item.type === 'traffic');
  const calibration = answer.extra?.['calibration'] as PreviewCalibration;
  const totals = answer.extra?.['traffic'] as TrafficTotals | undefined;
  return [
    ...wrapText(describeCalibration(calibration, answer.pods, style), style.columns),
    ...section(
      'Install file',
      settings.flatMap((one) => settingLines(one, style)),
      style,
    ),
    ...section(
      'Objects',
      objects.flatMap((one) => objectLines(one, style)),
      style,
    ),
    ...section(
      'Hosts',
      hosts.length === 0 && settings.length === 0
        ? ['no host would be served otherwise']
        : hosts.flatMap((one) => hostLines(one, style)),
      style,
    ),
    ...section(
      'Findings that would come',
      findings.filter(({ change }) => change === 'new').flatMap((one) => findingLines(one, style)),
      style,
    ),
    ...section(
      'Findings that would go',
      findings.filter(({ change }) => change === 'gone').flatMap((one) => findingLines(one, style)),
      style,
    ),
    ...section('Requests of the access log', totals ? trafficLines(traffic, totals, style) : [], style),
    ...requests.flatMap((one) => requestLines(one, answer, style)),
  ];
}

function trafficLines(
  changes: readonly TrafficChange[],
  { requests, otherwise, undecided, undecidedBy, unread }: TrafficTotals,
  style: Style,
): string[] {
  const by = undecidedBy.length === 0 ? '' : `: they depend on ${someOf(undecidedBy, 4)}, which the log does not show`;
  return [
    ...marked(
      marks[otherwise === 0 ? 'none' : 'changed'],
      `${grouped(otherwise)} of ${grouped(requests)} would be answered otherwise`,
      0,
      style,
    ),
    ...changes.flatMap((one) => marked(marks.changed, describeTraffic(one), 4, style)),
    ...(undecided === 0 ? [] : marked(unsureMark, `not decided: ${grouped(undecided)}${by}`, 0, style)),
    ...(unread === 0 ? [] : marked(unsureMark, `not read: ${grouped(unread)} lines of another format`, 0, style)),
  ];
}

const unsureMark: Mark = { mark: '?', tone: 'warning' };

const describeTraffic = ({ before, after, requests, of, examples }: TrafficChange): string =>
  `${percent(requests, of)} of the requests that ${before.by === 'service' ? 'go to' : 'get'} ${before.name} (${grouped(requests)} of ${grouped(of)}) would ${after.by === 'service' ? 'go to' : 'get'} ${after.name}: ${examples.join(', ')}`;

const grouped = (n: number): string => n.toLocaleString('en-US');

/** Never 0 % of some, nor 100 % of less than all. */
function percent(part: number, all: number): string {
  const exact = (100 * part) / all;
  if (part === all) return '100 %';
  return exact < 0.1 ? 'less than 0.1 %' : `${Math.min(exact, 99.9).toFixed(1)} %`;
}

/** As `explain` shows it. */
function requestLines(
  { url, before, after, pods }: RequestChange,
  answer: Answer<PreviewItem>,
  style: Style,
): string[] {
  const shown = (value: Explanation): readonly string[] => {
    const items = [{ value, pods }];
    const text = explainView.table(items, { ...answer, view: explainView, items, extra: {} }, style);
    return 'document' in text ? [] : text;
  };
  return [...section(`${url} now`, shown(before), style), ...section(`${url} then`, shown(after), style)];
}

const section = (title: string, lines: readonly string[], style: Style): string[] =>
  lines.length === 0 ? [] : ['', paint(title, 'strong', style.color), ...lines];

const mostUnsure = 3;

function describeCalibration(
  { hosts, exact, unsure }: PreviewCalibration,
  pods: Answer<PreviewItem>['pods'],
  style: Style,
): string {
  const answered = pods.filter(hasAnswered).length;
  const by = answered === pods.length ? '' : `, by the ${answered} of ${count(pods.length, 'pod')} that answered`;
  const all = `${exact} of ${count(hosts, 'host')} ${exact === 1 ? 'is' : 'are'} served exactly as the objects in the cluster say${by}`;
  if (unsure.length === 0) return all;
  const shown = style.wide ? unsure : unsure.slice(0, mostUnsure);
  const more = unsure.length - shown.length;
  const named = shown.map(({ host, why }) => `${host}: ${why}`).join('; ');
  return `${all}; ${unsure.length} ${unsure.length === 1 ? 'is' : 'are'} not: ${named}${more === 0 ? '' : `; and ${more} more (-o wide names them)`}`;
}

interface Mark {
  readonly mark: string;
  readonly tone: Tone;
}

const marks: Readonly<Record<'new' | 'gone' | 'changed' | 'none', Mark>> = {
  new: { mark: '+', tone: 'good' },
  gone: { mark: '−', tone: 'bad' },
  changed: { mark: '≠', tone: 'warning' },
  none: { mark: '=', tone: 'faint' },
};

function objectLines({ object, place, change, hosts, without, unsure }: ObjectChange, style: Style): string[] {
  const mark = marks[({ created: 'new', deleted: 'gone', changed: 'changed', none: 'none' } as const)[change]];
  const words = { created: 'new', deleted: 'deleted', changed: 'changed', none: 'as it is in the cluster' }[change];
  const served = hosts === undefined || hosts.length === 0 ? '' : ` · ${someOf(hosts, style.wide ? hosts.length : 4)}`;
  const none = hosts?.length === 0 && without.length === 0 ? ' · no host' : '';
  return [
    ...marked(
      mark,
      `${describeObject(object)}${place === undefined ? '' : ` (${place})`} · ${words}${served}${none}`,
      0,
      style,
    ),
    ...without.flatMap((why) => marked({ mark: '!', tone: 'warning' }, `no effect: ${why}`, 2, style)),
    ...unsure.flatMap((why) => marked({ mark: '?', tone: 'warning' }, `not judged: ${why}`, 2, style)),
  ];
}

function settingLines({ setting, place, asked, runs, isSame, why }: InstallSetting, style: Style): string[] {
  if (isSame === undefined) return marked(unsureMark, `${setting} (${place}): not judged: ${why}`, 0, style);
  if (isSame) return marked(marks.none, `${setting}: ${asked}`, 0, style);
  return marked(
    marks.changed,
    `${setting} (${place}): the file asks for ${asked}, and what runs has ${runs}`,
    0,
    style,
  );
}

function hostLines(change: HostChange, style: Style): string[] {
  const { host, port, routes, stream, unsure } = change;
  const mark = marks[change.change === 'taken-over' ? 'changed' : change.change];
  return [
    ...marked(mark, `${host}:${port} · ${describeHost(change)}`, 0, style),
    ...routes.flatMap((route) => routeLines(route, style)),
    ...(stream?.before ? marked(marks.gone, describeStream(stream.before), 4, style) : []),
    ...(stream?.after ? marked(marks.new, describeStream(stream.after), 4, style) : []),
    ...unsure.flatMap((why) => marked({ mark: '?', tone: 'warning' }, `not sure: ${why}`, 4, style)),
  ];
}

const describeStream = ({ clusters, endsTls, from }: Stream): string =>
  `${endsTls ? 'TLS ends here, ' : ''}connections → ${describeClusters(clusters)} · ${describeObject(from)}`;

function describeHost({ change, before, after, routes, stream }: HostChange): string {
  switch (change) {
    case 'new':
      return `new, by ${describeObjects(after)}${routes.length > 0 || stream ? '' : ' · 404: it has no routes'}`;
    case 'gone':
      return `no longer served by ${describeObjects(before)}`;
    case 'taken-over':
      return `taken over by ${describeObjects(after)} from ${describeObjects(before)}`;
    case 'changed':
      if (stream) return 'connections are handed on otherwise';
      return routes.length === 0
        ? 'plain requests are answered otherwise'
        : `${count(routes.length, 'route')} otherwise`;
  }
}

const describeObjects = (refs: readonly ObjectRef[]): string => refs.map(describeObject).join(' and ');

function routeLines({ change, before, after, headers }: RouteChange, style: Style): string[] {
  if (change === 'new' && after) return marked(marks.new, `${place(after)} ${describeRoute(after)}`, 4, style);
  if (change === 'gone' && before) return marked(marks.gone, `${place(before)} ${describeRoute(before)}`, 4, style);
  if (!before || !after) return [];
  if (change === 'moved')
    return marked(marks.changed, `${place(after)} ${describeRoute(after)} · it was route ${before.position}`, 4, style);
  if (headers)
    return marked(marks.changed, `${place(after)} ${describeRoute(after)} · other headers are set`, 4, style);
  return [
    ...marked(marks.gone, `${place(before)} ${describeRoute(before)}`, 4, style),
    ...marked(marks.new, `${place(after)} ${describeRoute(after)}`, 4, style),
  ];
}

const place = ({ position }: Route): string => `${position}.`;

function describeRoute({ match, action, fault, from }: Route): string {
  const parts = [describeAction(action), describeFault(fault), from ? describeObject(from) : ''];
  return `${describeMatch(match)} → ${parts.filter((part) => part !== '').join(' · ')}`;
}

function findingLines({ id, change, severity, text, places, remedy }: FindingChange, style: Style): string[] {
  const { mark, tone } = severityMarks[severity];
  const where = places.length === 0 ? '' : ` · ${someOf(places, 3)}`;
  return [
    ...marked({ mark, tone: tone ?? 'faint' }, `${text} (${id})${change === 'new' ? where : ''}`, 0, style),
    ...(remedy === undefined ? [] : marked({ mark: ' ', tone: 'faint' }, remedy, 0, style)),
  ];
}

function marked({ mark, tone }: Mark, text: string, indent: number, style: Style): string[] {
  const blank = ' '.repeat(indent);
  return wrapText(text, style.columns - indent - 2).map((line, index) =>
    index === 0 ? `${blank}${paint(mark, tone, style.color)} ${line}` : `${blank}  ${line}`,
  );
}
