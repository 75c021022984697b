// How `endpoints` looks: a line for each address that Envoy balances over, and one for a cluster that has none.

import type { Answer, Style, View } from '#command/command.ts';
import type { Endpoint } from '#model/cluster.ts';
import { parseClusterName } from '#model/cluster-name.ts';
import type { EndpointItem, EndpointRow } from '#model/endpoint-row.ts';
import { envoyEndpoints } from '#render/format/envoy.ts';
import { type Cell, type Column, renderTable, textOf } from '#render/format/table.ts';
import { describeCluster } from '#render/words/describe-cluster.ts';
import { type Asked, askedPods, describePods } from '#render/words/describe-pods.ts';

export const endpointsView: View<EndpointItem> = {
  kind: 'EndpointList',
  table: (items, answer, style) => renderTable(columnsFor(items, answer, style), items, style),
  name: ({ value }) => `endpoint/${value.cluster}/${value.endpoint?.address ?? 'none'}`,
  json: describeForJson,
  envoy: envoyEndpoints,
};

function describeForJson({ value, pods, routedBy, stats, successRate, backend }: EndpointItem): object {
  const { endpoint, cluster, ...row } = value;
  const place = { cluster, ...parseClusterName(cluster), ...routing(routedBy), ...row };
  return endpoint ? { ...place, ...endpoint, stats, successRate, backend, pods } : { ...place, pods };
}

const routing = (routedBy: EndpointItem['routedBy']): object =>
  routedBy === undefined ? {} : { isRouted: routedBy.length > 0, routedBy };

const cluster: Column<EndpointItem> = {
  title: 'SERVICE',
  cell: ({ value }) => describeCluster(value.cluster),
  narrow: 'wrap',
  minimum: 10,
};
/** Which pods route to it, beside those that have it. */
const routedOn = (asked: Asked): Column<EndpointItem> => ({
  title: 'ROUTED',
  cell: ({ routedBy = [] }) => {
    if (routedBy.length === 0) return 'no';
    return routedBy.length === asked.answered.length ? 'yes' : describePods(routedBy, asked);
  },
  narrow: 'wrap',
  minimum: 6,
});

/** Nothing in the row of a cluster without endpoints: that it has none reaches over these columns. */
const ofEndpoint =
  (describe: (endpoint: Endpoint, item: EndpointItem) => Cell): Column<EndpointItem>['cell'] =>
  (item) =>
    item.value.endpoint ? describe(item.value.endpoint, item) : '';

const health: Column<EndpointItem> = { title: 'HEALTH', cell: ofEndpoint(describeHealth), narrow: 'wrap', minimum: 10 };
const backendPod: Column<EndpointItem> = {
  title: 'BACKEND POD',
  cell: ofEndpoint((_, item) => describeBackend(item)),
  narrow: 'wrap',
  minimum: 9,
};
const backendNode: Column<EndpointItem> = {
  title: 'ON NODE',
  cell: ofEndpoint((_, { backend }) => backend?.node ?? '—'),
  narrow: 'wrap',
  minimum: 6,
};

/** Shown where it tells something; `-o wide` has its parts. */
const balancing: Column<EndpointItem> = {
  title: 'BALANCING',
  cell: ofEndpoint((endpoint) => describeBalancing(endpoint) || '—'),
  narrow: 'wrap',
  minimum: 9,
};

const wideOnly: readonly Column<EndpointItem>[] = [
  { title: 'WEIGHT', cell: ofEndpoint(({ weight }) => String(weight)) },
  { title: 'PRIORITY', cell: ofEndpoint(({ priority }) => String(priority)) },
  { title: 'LOCALITY', cell: ofEndpoint(({ locality }) => locality || '—') },
  {
    title: 'OUTLIER CHECK',
    cell: ofEndpoint(({ reasons }) => (reasons.includes('failed_outlier_check') ? 'FAILED' : 'OK')),
  },
  {
    title: 'SUCCESS RATE',
    cell: ofEndpoint((_, { successRate }) =>
      successRate === undefined ? '—' : `${Math.round(successRate * 10) / 10}%`,
    ),
  },
  { title: 'REQUESTS', cell: ofEndpoint((_, item) => counter(item, 'rq_total')) },
  { title: 'ERRORS', cell: ofEndpoint((_, item) => counter(item, 'rq_error')) },
  { title: 'TIMEOUTS', cell: ofEndpoint((_, item) => counter(item, 'rq_timeout')) },
  { title: 'FAILED CONNECTIONS', cell: ofEndpoint((_, item) => counter(item, 'cx_connect_fail')) },
  { title: 'HOSTNAME', cell: ofEndpoint(({ hostname }) => hostname ?? '—') },
  { title: 'ZONE', cell: ofEndpoint((_, { backend }) => backend?.zone ?? '—') },
  { title: 'CLUSTER', cell: ofEndpoint((endpoint) => endpoint.cluster) },
];

const counter = ({ stats }: EndpointItem, name: string): string => String(stats[name] ?? 0);

function columnsFor(
  items: readonly EndpointItem[],
  answer: Answer<EndpointItem>,
  style: Style,
): readonly Column<EndpointItem>[] {
  const asked = askedPods(answer);
  const address: Column<EndpointItem> = {
    title: 'ENDPOINT',
    cell: (item) => describeAddress(item, asked),
    narrow: 'wrap',
    minimum: 9,
  };
  const pods: Column<EndpointItem> = {
    title: 'PODS',
    cell: ofEndpoint((_, item) => describePods(item.pods, asked)),
    narrow: 'wrap',
    minimum: 9,
  };
  const isToldApart = items.some(({ routedBy }) => routedBy !== undefined && routedBy.length < asked.answered.length);
  const named = isToldApart ? [cluster, routedOn(asked)] : [cluster];
  if (style.wide) return [...named, address, health, ...wideOnly, backendPod, backendNode, pods];
  const isTold = items.some(({ value }) => value.endpoint && describeBalancing(value.endpoint) !== '');
  return [...named, address, health, ...(isTold ? [balancing] : []), backendPod, backendNode, pods];
}

function describeAddress({ value, pods, routedBy = [] }: EndpointItem, asked: Asked): Cell {
  if (value.endpoint) return value.endpoint.address;
  const isTrouble = routedBy.length > 0 && value.missing !== 'list' && parseClusterName(value.cluster) !== undefined;
  const text = `${isTrouble ? '✗ ' : ''}${describeMissing(value, isTrouble)} · pods ${textOf(describePods(pods, asked))}`;
  return { text, tone: isTrouble ? 'bad' : 'faint', spans: true };
}

/** What a request gets, with Envoy's response flag; a TCP connection is closed. */
function describeMissing({ missing }: EndpointRow, isTrouble: boolean): string {
  if (missing === 'cluster')
    return `Envoy has no such cluster in use${isTrouble ? ': what is routed to it fails (503, NC)' : ''}`;
  if (missing === 'list') return 'Envoy lists none: it finds them by each request or connection, or in other clusters';
  return `no endpoints${isTrouble ? ': what is routed to it fails (503, UH)' : ''}`;
}

/**
 * `weight 3, priority 1, eqiad/row-a`; nothing for the weight, priority and locality that an endpoint has where none is
 * given.
 */
function describeBalancing({ weight, priority, locality }: Endpoint): string {
  return [weight === 1 ? '' : `weight ${weight}`, priority === 0 ? '' : `priority ${priority}`, locality]
    .filter((part) => part !== '')
    .join(', ');
}

function describeHealth({ health: is, reasons }: Endpoint): Cell {
  const text = [is, ...reasons].join(', ');
  return is === 'HEALTHY' ? text : { text, tone: is === 'UNHEALTHY' ? 'bad' : 'warning' };
}

function describeBackend({ backend }: EndpointItem): Cell {
  if (!backend) return '—';
  if (!backend.isListed) return { text: 'in no EndpointSlice', tone: 'warning' };
  const pod = backend.pod ?? '—';
  return backend.isReady === false ? { text: `${pod}, not ready`, tone: 'warning' } : pod;
}
