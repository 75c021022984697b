// How `clusters` looks: a line for each cluster, named as Istio names it: FQDN, port, subset.

import type { Answer, Style, View } from '#command/command.ts';
import type { CircuitBreaker, UpstreamTls } from '#model/cluster.ts';
import { parseClusterName } from '#model/cluster-name.ts';
import type { ClusterRow } from '#model/cluster-row.ts';
import type { OnPods } from '#model/merge-pods.ts';
import { describeObject } from '#model/resource.ts';
import { envoyClusters } from '#render/format/envoy.ts';
import { renderOnPods } from '#render/format/pods-table.ts';
import { type Cell, type Column, textOf } from '#render/format/table.ts';
import { describeMs } from '#render/words/describe-action.ts';
import { type Asked, askedPods, describePods } from '#render/words/describe-pods.ts';
import { describeRejection } from '#render/words/describe-state.ts';
import { describeUpstreamTls } from '#render/words/describe-tls.ts';

type Item = OnPods<ClusterRow>;
type Settings = NonNullable<ClusterRow['cluster']>;

export const clustersView: View<Item> = {
  kind: 'ClusterList',
  table: (items, answer, style) => renderOnPods(columnsFor(items, answer, style), items, style),
  name: ({ value }) => (value.state === 'rejected' ? `cluster/${value.name}/rejected` : `cluster/${value.name}`),
  json: ({ value: { cluster, ...row }, pods }) => ({ ...row, ...parseClusterName(row.name), ...cluster, pods }),
  envoy: envoyClusters,
};

const service: Column<Item> = {
  title: 'SERVICE',
  cell: ({ value }) => parseClusterName(value.name)?.fqdn ?? value.name,
  narrow: 'wrap',
  minimum: 12,
};
const port: Column<Item> = {
  title: 'PORT',
  cell: ({ value }) => String(parseClusterName(value.name)?.port ?? '—'),
  minimum: 4,
};
const subset: Column<Item> = {
  title: 'SUBSET',
  cell: ({ value }) => parseClusterName(value.name)?.subset || '—',
  narrow: 'wrap',
  minimum: 6,
};
const routed: Column<Item> = { title: 'ROUTED', cell: ({ value }) => (value.isRouted ? 'yes' : 'no'), minimum: 6 };

/** Nothing in a row without settings: what is wrong with it reaches over these columns. */
const setting =
  (describe: (cluster: Settings) => Cell): Column<Item>['cell'] =>
  ({ value }) =>
    value.cluster ? describe(value.cluster) : '';

const rule: Column<Item> = { title: 'DESTINATION RULE', cell: setting(describeRule), narrow: 'wrap', minimum: 11 };
const tls: Column<Item> = {
  title: 'TLS',
  cell: setting(({ tls: spoken }) => describeTls(spoken)),
  narrow: 'wrap',
  minimum: 9,
};

const wideOnly: readonly Column<Item>[] = [
  { title: 'SNI', cell: setting(({ tls: spoken }) => describeSni(spoken)) },
  {
    title: 'SANS',
    cell: setting(({ tls: spoken }) => ('subjectAltNames' in spoken ? spoken.subjectAltNames.join(', ') : '') || '—'),
  },
  { title: 'CA', cell: setting(({ tls: spoken }) => ('ca' in spoken ? spoken.ca : undefined) ?? '—') },
  { title: 'CIRCUIT BREAKERS', cell: setting(({ circuitBreakers }) => describeBreakers(circuitBreakers)) },
  { title: 'OUTLIER DETECTION', cell: setting(({ outlierDetection }) => describeOutliers(outlierDetection)) },
  {
    title: 'PANIC BELOW',
    cell: setting(({ panicThreshold, failsInPanic }) =>
      panicThreshold === 0 ? 'never' : `${panicThreshold}% healthy${failsInPanic ? ', then none' : ''}`,
    ),
  },
  { title: 'BALANCING', cell: setting(({ lbPolicy }) => lbPolicy ?? '—') },
  {
    title: 'CONNECT TIMEOUT',
    cell: setting(({ connectTimeoutMs }) => describeMs(connectTimeoutMs ?? envoysConnectTimeoutMs)),
  },
  { title: 'ENDPOINTS IN IT', cell: setting(({ inlineEndpoints }) => inlineEndpoints.join(', ') || '—') },
  { title: 'CLUSTER', cell: ({ value }) => (value.cluster ? value.name : '') },
];

/** Source: envoy/config/cluster/v3/cluster.proto, connect_timeout. */
const envoysConnectTimeoutMs = 5000;

function columnsFor(items: readonly Item[], answer: Answer<Item>, style: Style): readonly Column<Item>[] {
  const asked = askedPods(answer);
  const type: Column<Item> = {
    title: 'TYPE',
    cell: (item) => describeType(item, asked, style.now),
    narrow: 'wrap',
    minimum: 4,
  };
  const state: Column<Item> = { title: 'STATE', cell: ({ value }) => describeState(value), narrow: 'wrap', minimum: 9 };
  const pods: Column<Item> = {
    title: 'PODS',
    cell: (item) => (item.value.cluster ? describePods(item.pods, asked) : ''),
    narrow: 'wrap',
    minimum: 9,
  };
  const some = (is: (row: ClusterRow) => boolean): boolean => items.some(({ value }) => is(value));
  const named = [
    service,
    port,
    ...(style.wide || some(({ name }) => (parseClusterName(name)?.subset ?? '') !== '') ? [subset] : []),
    ...(style.wide && some(({ isRouted }) => !isRouted) ? [routed] : []),
  ];
  if (style.wide)
    return [
      ...named,
      type,
      rule,
      { ...tls, cell: setting((cluster) => describeUpstreamTls(cluster.tls)) },
      ...wideOnly,
      state,
      pods,
    ];
  return [
    ...named,
    type,
    rule,
    tls,
    ...(some((row) => row.state === 'warming' || row.state === 'draining') ? [state] : []),
    pods,
  ];
}

function describeType({ value, pods }: Item, asked: Asked, now: Date): Cell {
  const { state, rejected, cluster } = value;
  if (cluster) return cluster.type;
  const what =
    state === 'missing' || !rejected
      ? 'Envoy has no such cluster: requests that are routed to it fail (503, NC)'
      : describeRejection(rejected, now);
  return { text: `✗ ${what} · pods ${textOf(describePods(pods, asked))}`, tone: 'bad', spans: true };
}

function describeRule({ destinationRule }: Settings): string {
  if (destinationRule === undefined) return '—';
  const { kind, namespace, name } = destinationRule;
  return kind === 'DestinationRule' ? `${namespace}/${name}` : describeObject(destinationRule);
}

/** Without the names of CAs and SANs, which `-o wide` has. */
function describeTls(spoken: UpstreamTls): Cell {
  if (spoken.mode === 'per-endpoint') return 'by the endpoint';
  if (!('isVerified' in spoken)) return describeUpstreamTls(spoken);
  if (!spoken.isVerified) return { text: describeUpstreamTls(spoken), tone: 'warning' };
  return describeUpstreamTls({ ...spoken, ca: '', subjectAltNames: [] }).replace(/ by $/, '');
}

function describeSni(spoken: UpstreamTls): string {
  if (!('sni' in spoken)) return '—';
  return spoken.sni ?? (spoken.autoSni ? "the request's host" : '—');
}

/** What Istio writes where nothing is limited. Source: istio pilot/pkg/networking/core/cluster_traffic_policy.go. */
const unlimited = 4_294_967_295;

/** Source: envoy/config/cluster/v3/circuit_breaker.proto. */
const envoysLimits = { maxConnections: 1024, maxPendingRequests: 1024, maxRequests: 1024, maxRetries: 3 };

const limitNames = {
  maxConnections: 'connections',
  maxPendingRequests: 'pending requests',
  maxRequests: 'requests',
  maxRetries: 'retries',
} as const;

function describeBreakers(breakers: readonly CircuitBreaker[]): string {
  const all = breakers.some(({ priority }) => priority === 'DEFAULT')
    ? breakers
    : [{ ...envoysLimits, priority: 'DEFAULT' }, ...breakers];
  return all
    .map((breaker) => `${breaker.priority === 'DEFAULT' ? '' : `${breaker.priority}: `}${describeLimits(breaker)}`)
    .join('; ');
}

function describeLimits(breaker: Omit<CircuitBreaker, 'priority'>): string {
  const limits = (Object.keys(limitNames) as (keyof typeof limitNames)[]).flatMap((field) => {
    const limit = breaker[field] ?? envoysLimits[field];
    return limit === unlimited ? [] : [`${limitNames[field]} ${limit}`];
  });
  return limits.join(', ') || 'unlimited';
}

const describeOutliers = (detection: Settings['outlierDetection']): string =>
  Object.entries(detection ?? {})
    .map(([name, value]) => `${name} ${value}`)
    .join(', ') || '—';

function describeState({ state, cluster }: ClusterRow): Cell {
  if (!cluster) return '';
  return state === 'warming' ? { text: 'warming, not in use yet', tone: 'warning' } : state;
}
