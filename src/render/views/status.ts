// How `status` looks: one line on the gateway, a table in which pods that are alike share a line, then what is wrong
// and what to do about it, the worst first.

import type { Answer, Style, View } from '#command/command.ts';
import type { Pod } from '#core/fleet.ts';
import { andList, count } from '#core/phrase.ts';
import { stepText } from '#core/shell.ts';
import type { PodReport, PodStatus, StatusIstiod, StatusProblem } from '#model/status.ts';
import { renderTable } from '#render/format/table.ts';
import { paint } from '#render/format/tone.ts';
import { linesOf, type StatusLine, statusColumns } from './status-lines.ts';

export interface StatusOptions {
  readonly everyPod: boolean;
  readonly problems: readonly StatusProblem[];
}

export const statusView = (options: StatusOptions): View<PodStatus> => ({
  kind: 'Status',
  table: (items, answer, style) => renderStatus(items, answer, style, options),
  name: ({ pod }) => `pod/${pod.name}`,
  json: describeForJson,
});

function renderStatus(
  items: readonly PodStatus[],
  answer: Answer<PodStatus>,
  style: Style,
  { everyPod, problems }: StatusOptions,
): string[] {
  const lines: readonly StatusLine[] = linesOf(items, answer.gateway, everyPod || style.wide);
  const compared = andList((answer.extra?.['compared'] ?? []) as readonly string[]);
  const verdict =
    problems.length === 0
      ? [describeHealth(items, compared, style)]
      : problems.flatMap((problem) => problemLines(problem, style));
  const table = renderTable(statusColumns(style, compared, lines), lines, style);
  return [describeGateway(items, answer), '', ...(table.length === 0 ? [] : [...table, '']), ...verdict];
}

function describeHealth(items: readonly PodStatus[], compared: string, style: Style): string {
  if (items.length === 0) return paint('✗ no pod: nothing listens for this gateway', 'bad', style.color);
  return paint(`✓ every pod is ready, in sync with istiod and serves the same ${compared}`, 'good', style.color);
}

function describeGateway(items: readonly PodStatus[], answer: Answer<PodStatus>): string {
  const { gateway } = answer;
  const report = mostCommonReport(items);
  return [
    gateway.name,
    gateway.namespace,
    describePodCount(items, answer),
    describeIstiods((answer.extra?.['istiods'] ?? []) as readonly StatusIstiod[]),
    ...(report ? [count(report.routes, 'route'), count(report.certificates, 'certificate')] : []),
  ].join(' · ');
}

/** Nodes where one pod is wanted on each; a pod that is being deleted next to its successor does not count twice. */
function describePodCount(items: readonly PodStatus[], { gateway }: Answer<PodStatus>): string {
  if (gateway.others.length > 0) return `${items.length} of ${count(items.length + gateway.others.length, 'pod')}`;
  if (gateway.nodesWanted === undefined) return count(items.length, 'pod');
  const nodes = new Set(items.map(({ pod }) => pod.node ?? pod.name));
  return `${nodes.size} of ${count(gateway.nodesWanted, 'node')}`;
}

function describeIstiods(istiods: readonly StatusIstiod[]): string {
  const versions = [...new Set(istiods.flatMap(({ version }) => version ?? []))].sort();
  const silent = istiods.filter(({ failed }) => failed !== undefined).length;
  const replicas = `${count(istiods.length, 'replica')}${silent === 0 ? '' : `, ${silent} did not answer`}`;
  return istiods.length === 0
    ? 'no istiod found'
    : ['istiod', ...(versions.length > 0 ? [versions.join(', ')] : []), `(${replicas})`].join(' ');
}

function mostCommonReport(items: readonly PodStatus[]): PodReport | undefined {
  const agreeing = items.filter(({ difference }) => difference === undefined).flatMap(({ report }) => report ?? []);
  return agreeing[0] ?? items.flatMap(({ report }) => report ?? [])[0];
}

const symbols = { error: '✗', warning: '!' } as const;

function problemLines(problem: StatusProblem, style: Style): string[] {
  const head = paint(
    `${symbols[problem.severity]} ${problem.text}`,
    problem.severity === 'error' ? 'bad' : 'warning',
    style.color,
  );
  return [head, ...problem.next.map((next) => `    ${stepText(next)}`)];
}

function describeForJson(status: PodStatus): object {
  const { pod, report, failure, sync, difference } = status;
  return { ...describePodForJson(pod), report: report && describeReportForJson(report), failure, sync, difference };
}

const describePodForJson = (pod: Pod): object => ({
  name: pod.name,
  namespace: pod.namespace,
  node: pod.node,
  ip: pod.ip,
  phase: pod.phase,
  ready: pod.isReady,
  containers: pod.ready,
  reason: pod.reason,
  restarts: pod.restarts,
  startedAt: pod.startedAt,
  deletedAt: pod.deletedAt,
});

/** Without the content keys, which are there to count differences by, and without what `compared` says. */
function describeReportForJson({ contents: _, notGiven: __, ...report }: PodReport): object {
  return report;
}
