// The lines of `status`: pods that are alike in everything shown share one, nodes without a pod have theirs.

import type { Style } from '#command/command.ts';
import { describeSpan } from '#core/duration.ts';
import type { Gateway, NodeWithoutPod, Pod } from '#core/fleet.ts';
import { count } from '#core/phrase.ts';
import type { PodStatus } from '#model/status.ts';
import { openTypes, type TypeSync, type XdsType, xdsTypes } from '#model/sync.ts';
import { type Cell, type Column, textOf } from '#render/format/table.ts';
import { describeAgo, describeSince } from '#render/words/describe-time.ts';

export type StatusLine =
  /** More than one status: they are alike. */
  | { readonly kind: 'pods'; readonly pods: readonly [PodStatus, ...PodStatus[]]; readonly isConsensus: boolean }
  | { readonly kind: 'nodes'; readonly nodes: readonly string[]; readonly reason: string };

/** Pods that differ from the most are named up to this many alike ones; nodes without a pod likewise. */
const mostNamed = 5;

/** What most pods are like first, then what is unlike it, then nodes without a pod. */
export function linesOf(items: readonly PodStatus[], gateway: Gateway, everyPod: boolean): readonly StatusLine[] {
  const groups = [...Map.groupBy(items, everyPod ? ({ pod }) => pod.name : likeness).values()] as [
    PodStatus,
    ...PodStatus[],
  ][];
  const sorted = everyPod ? groups : groups.toSorted((a, b) => b.length - a.length);
  const lines = sorted.flatMap((group, index): StatusLine[] => {
    const isConsensus = index === 0 && !everyPod;
    if (isConsensus || group.length > mostNamed) return [{ kind: 'pods', pods: group, isConsensus }];
    return group.map((status) => ({ kind: 'pods', pods: [status], isConsensus }));
  });
  return [...lines, ...linesOfNodes(gateway.nodesWithoutPod)];
}

function linesOfNodes(nodes: readonly NodeWithoutPod[]): StatusLine[] {
  const groups = [...Map.groupBy(nodes, ({ reason }) => reason)].map(([reason, alike]) => ({
    reason,
    names: alike.map(({ node }) => node),
  }));
  return groups.flatMap(({ reason, names }): StatusLine[] =>
    names.length > mostNamed
      ? [{ kind: 'nodes', nodes: names, reason }]
      : names.map((node) => ({ kind: 'nodes', nodes: [node], reason })),
  );
}

/** Everything that is shown of a pod but its own name, node, address and ages. */
function likeness(status: PodStatus): string {
  const { report, sync } = status;
  const states = sync.state === 'connected' ? xdsTypes.map((type) => stateOf(sync.types[type])) : [];
  return JSON.stringify([
    describeReady(status.pod),
    describeProxy(status),
    sync.state,
    states,
    report?.fingerprint,
    report?.raisedLogLevels,
  ]);
}

/** `compared`: what pods on one line have in common, `routes and certificates`. `lines` tell which types there are. */
export function statusColumns(
  style: Style,
  compared: string,
  lines: readonly StatusLine[],
): readonly Column<StatusLine>[] {
  const { now } = style;
  const base: readonly Column<StatusLine>[] = [
    { title: 'PODS', cell: (line) => describePods(line, compared), narrow: 'wrap', minimum: 24 },
    { title: 'NODE', cell: describeNodes, narrow: 'wrap', minimum: 8 },
    { title: 'READY', cell: ofPods(({ pod }) => describeReady(pod), describeNoPod), narrow: 'wrap', minimum: 16 },
    { title: 'PROXY', cell: ofPods(describeProxy), narrow: 'wrap', minimum: 10 },
    { title: 'ISTIOD', cell: (line) => describeIstiod(line, now), narrow: 'wrap', minimum: 14 },
  ];
  const config: Column<StatusLine> = { title: 'CONFIG', cell: describeConfig };
  if (!style.wide)
    return [
      ...base,
      { title: 'SYNC', cell: ofPods((status) => describeSync(status, now)), narrow: 'wrap', minimum: 10 },
      config,
    ];
  const types = xdsTypes.filter((type) => type !== 'ECDS' || lines.some((line) => hasType(line, type)));
  return [...base, ...types.map((type) => syncColumn(type, now)), config, ...wideColumns(now)];
}

const hasType = (line: StatusLine, type: XdsType): boolean =>
  line.kind !== 'nodes' && line.pods.some(({ sync }) => sync.state === 'connected' && sync.types[type] !== undefined);

const syncColumn = (type: XdsType, now: Date): Column<StatusLine> => ({
  title: type,
  cell: ofPods(({ sync }) => (sync.state === 'connected' ? describeType(sync.types[type], now) : '—')),
});

const wideColumns = (now: Date): readonly Column<StatusLine>[] => [
  { title: 'IP', cell: ofPods(({ pod }) => pod.ip ?? '—') },
  {
    title: 'AGE',
    cell: ofPods(({ pod }) =>
      pod.startedAt === undefined ? '—' : describeSpan(now.getTime() - Date.parse(pod.startedAt)),
    ),
  },
  {
    title: 'UPTIME',
    cell: ofPods(({ report }) =>
      report?.proxy.uptimeSeconds === undefined ? '—' : describeSpan(report.proxy.uptimeSeconds * 1000),
    ),
  },
  { title: 'LAST UPDATE', cell: ofPods(({ report }) => report?.lastUpdated ?? '—') },
  { title: 'LOG LEVELS', cell: ofPods(({ report }) => report?.raisedLogLevels.join(', ') || '—') },
];

const ofPods =
  (describe: (status: PodStatus) => Cell, ofNodes: (line: StatusLine & { kind: 'nodes' }) => Cell = () => '') =>
  (line: StatusLine): Cell =>
    line.kind === 'pods' ? describe(line.pods[0]) : ofNodes(line);

function describePods(line: StatusLine, compared: string): Cell {
  if (line.kind === 'nodes') return '—';
  if (line.pods.length === 1) return line.pods[0].pod.name;
  if (!line.pods[0].report) return `${line.pods.length} pods`;
  return `${line.pods.length} pods, ${line.isConsensus ? `identical ${compared}` : 'alike'}`;
}

function describeNodes(line: StatusLine): Cell {
  if (line.kind === 'nodes')
    return line.nodes.length === 1 ? (line.nodes[0] as string) : count(line.nodes.length, 'node');
  const [first, ...others] = new Set(line.pods.map(({ pod }) => pod.node ?? '—'));
  return others.length === 0 ? (first as string) : '…';
}

const describeNoPod = (line: StatusLine & { kind: 'nodes' }): Cell => ({
  text: `✗ NO POD: ${line.reason}`,
  tone: 'bad',
  spans: true,
});

/** `1/1`, `✗ 0/1 CrashLoopBackOff, 7 restarts`, `! 1/1 terminating`. */
function describeReady(pod: Pod): Cell {
  const containers = `${pod.ready.containers}/${pod.ready.of}`;
  const restarts = pod.restarts === 0 ? '' : `, ${count(pod.restarts, 'restart')}`;
  if (pod.deletedAt !== undefined) return { text: `! ${containers} terminating${restarts}`, tone: 'warning' };
  if (pod.isReady) return { text: `${containers}${restarts}`, tone: 'good' };
  return { text: `✗ ${containers} ${pod.reason ?? pod.phase}${restarts}`, tone: 'bad' };
}

/** `1.31.0 (1.40.0)`: Istio, and Envoy in parentheses; Envoy's state where it is not LIVE. */
function describeProxy({ report }: PodStatus): Cell {
  if (!report) return { text: '✗ no answer', tone: 'bad' };
  const { istioVersion, envoyVersion, state } = report.proxy;
  const version = istioVersion === undefined ? `Envoy ${envoyVersion}` : `${istioVersion} (${envoyVersion})`;
  return state === 'LIVE' ? version : { text: `${version} ! ${state}`, tone: 'warning' };
}

function describeIstiod(line: StatusLine, now: Date): Cell {
  if (line.kind === 'nodes') return '';
  const [{ sync, report }] = line.pods;
  switch (sync.state) {
    case 'connected': {
      const istiods = [
        ...new Set(line.pods.flatMap((status) => (status.sync.state === 'connected' ? status.sync.istiods : []))),
      ];
      return line.pods.length > 1 && istiods.length > 1 ? count(istiods.length, 'replica') : istiods.join(', ');
    }
    case 'not-connected': {
      const last =
        line.pods.length > 1 || report?.lastUpdated === undefined
          ? ''
          : `, last update ${describeSince(report.lastUpdated, now)}`;
      return { text: `✗ NOT CONNECTED${last}`, tone: 'bad' };
    }
    case 'unknown':
      return { text: `? UNKNOWN: ${sync.why}`, tone: 'warning' };
  }
}

const stateOf = (type: TypeSync | undefined): TypeSync['state'] => type?.state ?? 'NOT SENT';

/** `SYNCED`, or only what is not: `✗ LDS NACK, 7m ago, RDS STALE, 2m ago`. */
function describeSync({ sync }: PodStatus, now: Date): Cell {
  if (sync.state !== 'connected') return '—';
  const unlike = openTypes(sync.types);
  if (unlike.length === 0) return { text: 'SYNCED', tone: 'good' };
  const isRejected = unlike.some((type) => stateOf(sync.types[type]) === 'NACK');
  const text = unlike.map((type) => `${type} ${textOf(describeType(sync.types[type], now))}`).join(', ');
  return { text: `${isRejected ? '✗' : '!'} ${text}`, tone: isRejected ? 'bad' : 'warning' };
}

function describeType(type: TypeSync | undefined, now: Date): Cell {
  const state = stateOf(type);
  if (state === 'SYNCED') return { text: state, tone: 'good' };
  if (state === 'NOT SENT' || type === undefined) return state;
  const age = type.sentAt === undefined ? '' : `, ${describeAgo(type.sentAt, now)}`;
  return { text: `${state}${age}`, tone: state === 'NACK' ? 'bad' : 'warning' };
}

function describeConfig(line: StatusLine): Cell {
  if (line.kind === 'nodes') return '';
  const [{ report, difference }] = line.pods;
  if (!report) return '—';
  return difference ? { text: `${report.fingerprint} ≠`, tone: 'warning' } : report.fingerprint;
}
