// How `check` looks: sections; what was found with its evidence, reason and next step; how many checks passed; what was
// not evaluated.

import type { Answer, Style, View } from '#command/command.ts';
import { count } from '#core/phrase.ts';
import { stepText } from '#core/shell.ts';
import { type CheckResult, type Finding, type Section, sections, severities } from '#model/finding.ts';
import { cleanText } from '#render/format/terminal.ts';
import { wrapText } from '#render/format/text.ts';
import { paint, type Tone } from '#render/format/tone.ts';
import { describeCluster } from '#render/words/describe-cluster.ts';
import { severityMarks } from '#render/words/severity-marks.ts';
import { checkMetrics } from './check-metrics.ts';

export const checkView: View<CheckResult> = {
  kind: 'CheckList',
  table: (items, answer, style) => [
    headLine(answer),
    ...sections.flatMap((section) => sectionLines(section, items, answer.gateway.pods.length, style)),
    '',
    ...lastLines(items, style),
  ],
  name: ({ id, outcome }) => `check/${id} ${outcome}`,
  openmetrics: checkMetrics,
};

function headLine({ gateway, extra }: Answer<CheckResult>): string {
  const owner = extra?.['for'] as string | undefined;
  return [
    gateway.name,
    gateway.namespace,
    count(gateway.pods.length, 'pod'),
    ...(owner === undefined ? [] : [`what concerns ${owner}`]),
  ].join(' · ');
}

const titles: Readonly<Record<Section, string>> = {
  pods: 'Pods',
  istiod: 'Connection to istiod',
  configuration: 'Configuration',
  certificates: 'Certificates',
  gateways: 'Gateways and VirtualServices',
  routes: 'Routes and services',
  load: 'Load and logs',
};

function sectionLines(section: Section, items: readonly CheckResult[], pods: number, style: Style): string[] {
  const own = items.filter((item) => item.section === section);
  const passed = own.filter(hasPassed);
  const found = own
    .map((item) => ({ ...item, findings: item.findings.filter(isShown) }))
    .filter(({ findings }) => findings.length > 0)
    .toSorted((a, b) => worst(a) - worst(b));
  const unknown = own.filter(({ outcome }) => outcome === 'not-evaluated');
  if (found.length + unknown.length + passed.length === 0) return [];
  const good = paint('✓', 'good', style.color);
  const passedLines =
    style.wide || passed.length === 1
      ? passed.map(({ id, title }) => `${good} ${title} (${id})`)
      : passed.length === 0
        ? []
        : [`${good} ${count(passed.length, 'check')} passed`];
  return [
    '',
    paint(titles[section], 'strong', style.color),
    ...found.flatMap((item) => foundLines(item, items, pods, style)),
    ...unknownLines(unknown, style),
    ...passedLines,
  ];
}

/** What concerns others only has not passed: it is counted at the end. */
const hasPassed = ({ outcome, others }: CheckResult): boolean => outcome === 'passed' && others === 0;

/** What is known is counted; what follows from another finding stands under that. */
const isShown = ({ known, causedBy }: Finding): boolean => !known && !causedBy;

const worst = ({ findings }: CheckResult): number =>
  Math.min(...findings.map(({ severity }) => severities.indexOf(severity)));

/** More of one check are in `-o wide` and in JSON. */
const mostFindings = 5;

/** What is the case comes first; why it matters and what not to do once, after all of its findings. */
function foundLines(
  { id, name, reason, avoid, findings }: CheckResult,
  items: readonly CheckResult[],
  pods: number,
  style: Style,
): string[] {
  const shown = style.wide ? findings : findings.slice(0, mostFindings);
  const hidden = findings.length - shown.length;
  const next = [...new Set(shown.flatMap((finding) => finding.next.map(stepText)))];
  const avoided = [...new Set(shown.flatMap((finding) => finding.avoid ?? avoid ?? []))];
  return [
    ...shown.flatMap((finding) => [
      ...marked(
        severityMarks[finding.severity],
        `${cleanText(finding.text)}${describeWhere(finding, pods)}${describeHands(finding)} (${id})`,
        style,
      ),
      ...consequenceLines(id, finding, items, style),
    ]),
    ...(hidden > 0 ? [`  and ${hidden} more: see --only ${name} -o wide`] : []),
    ...indented(`why: ${reason}`, style),
    ...next.map((command) => `    ${command}`),
    ...avoided.flatMap((text) => indented(text, style)),
  ];
}

/** What goes with it. */
const consequenceLines = (id: string, { text }: Finding, items: readonly CheckResult[], style: Style): string[] =>
  items.flatMap((item) =>
    item.findings
      .filter(({ causedBy }) => causedBy?.id === id && causedBy.text === text)
      .flatMap((one) => [
        ...indented(`from it follows: ${cleanText(one.text)}${describeHurt(one)} (${item.id})`, style),
        ...consequenceLines(item.id, one, items, style),
      ]),
  );

/** What another one's object does to the owner. */
function describeHands(finding: Finding): string {
  if (finding.inHandsOf === undefined) return '';
  const hurt = describeHurt(finding);
  return `${hurt === '' ? ';' : `${hurt}, and`} it is in the hands of ${finding.inHandsOf}`;
}

/** Hosts of the owner, or services where it is no host, that the text does not name. */
function describeHurt({ text, inHandsOf, hosts = [], clusters = [] }: Finding): string {
  if (inHandsOf === undefined) return '';
  const hurt = hosts.length > 0 ? hosts : clusters.map(describeCluster);
  const unnamed = hurt.filter((one) => !text.includes(one));
  if (unnamed.length === 0) return '';
  return `; it hurts ${unnamed.slice(0, 3).join(', ')}${unnamed.length > 3 ? ` and ${unnamed.length - 3} more` : ''}`;
}

/** Which pods, where they are not all and the text does not name them. */
function describeWhere({ text, pods: having }: Finding, pods: number): string {
  if (
    having.length === 0 ||
    having.length === pods ||
    having.some((pod) => text.includes(pod)) ||
    /^\d+ pods /.test(text)
  )
    return '';
  return `, only on ${having.length > 3 ? count(having.length, 'pod') : having.join(', ')}`;
}

/** Once for each reason. */
function unknownLines(items: readonly CheckResult[], style: Style): string[] {
  const groups = [...Map.groupBy(items, ({ notEvaluated }) => notEvaluated.join('; '))];
  return groups.flatMap(([why, group]) => {
    const what = group.map(({ id, name }) => `${name} (${id})`).join(', ');
    return marked({ mark: '?', tone: 'warning' }, `not evaluated: ${what}: ${why}`, style);
  });
}

function marked(
  { mark, tone }: { readonly mark: string; readonly tone: Tone | undefined },
  text: string,
  style: Style,
): string[] {
  const [first = '', ...rest] = wrapText(text, style.columns - 2);
  return [`${paint(mark, tone, style.color)} ${first}`, ...rest.map((line) => `  ${line}`)];
}

const indented = (text: string, style: Style): string[] =>
  wrapText(text, style.columns - 4).map((line) => `    ${paint(line, 'faint', style.color)}`);

function lastLines(items: readonly CheckResult[], style: Style): string[] {
  const all = items.flatMap((item) => item.findings);
  const findings = all.filter(isShown);
  const known = all.filter((finding) => finding.known !== undefined).length;
  const following = all.length - findings.length - known;
  const counts = severities.flatMap((severity) => {
    const n = findings.filter((finding) => finding.severity === severity).length;
    return n === 0 ? [] : [severity === 'info' ? `${n} for information` : count(n, severity)];
  });
  const passed = items.filter(hasPassed).length;
  const unknown = items.filter(({ outcome }) => outcome === 'not-evaluated').length;
  const others = items.reduce((sum, item) => sum + item.others, 0);
  const partial = new Set(
    items.flatMap(({ outcome, notEvaluated }) =>
      outcome === 'not-evaluated' ? [] : notEvaluated.map((one) => one.split(':')[0]),
    ),
  );
  const parts = [
    ...(counts.length === 0 ? ['nothing found'] : counts),
    ...(following === 0 ? [] : [`${following} that ${following === 1 ? 'follows' : 'follow'} from these`]),
    ...(known === 0 ? [] : [`${known} known`]),
    `${count(passed, 'check')} passed`,
    ...(others === 0 ? [] : [`${count(others, 'finding')} of the gateway itself or of others not shown`]),
    ...(unknown === 0 ? [] : [`${unknown} not evaluated`]),
    ...(partial.size === 0 ? [] : [`nothing is known of ${count(partial.size, 'pod')}`]),
  ];
  const tone: Tone = findings.some(({ severity }) => severity === 'error') ? 'bad' : 'strong';
  return [paint(parts.join(' · '), tone, style.color)];
}
