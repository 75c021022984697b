// Whether a cluster takes a request or a connection: whether it has an endpoint that does, and a limit that lets nothing
// through. Source: envoy source/common/router/router.cc decodeHeaders, source/common/tcp_proxy/tcp_proxy.cc
// establishUpstreamConnection, source/common/conn_pool/conn_pool_base.cc newStreamImpl.

import { networkTest } from '#core/network.ts';
import { type CircuitBreaker, type Cluster, type Endpoint, listsEndpoints, whyUnresolved } from '#model/cluster.ts';
import type { Request } from '#model/request.ts';
import { isInPanic, usableEndpoints } from './endpoint-health.ts';
import type { Failure } from './failure.ts';

/** What comes to the cluster. */
export interface Coming {
  /** Undefined for a connection that is passed on as it is. */
  readonly request?: Request | undefined;
  readonly priority?: 'HIGH' | undefined;
  /** The listener finds out which address the connection was for before it was redirected. */
  readonly restoresDestination?: boolean | undefined;
}

export type NotTaken = Pick<Failure, 'at' | 'why' | 'flag' | 'nearest'>;

/** Undefined where the cluster takes it, or nobody knows. */
export function whyNotTaken(cluster: Cluster, endpoints: readonly Endpoint[], coming: Coming): NotTaken | undefined {
  const missing = whyNoEndpoint(cluster, endpoints, coming);
  if (missing !== undefined)
    return { at: 'endpoint', why: missing, flag: 'UH', nearest: endpoints.map(describeHealth) };
  const { awaits } = cluster;
  if (awaits !== undefined) {
    const why = `TLS of cluster ${cluster.name} waits for ${awaits}, which is not loaded: every connection to it fails`;
    return { at: 'cluster', why, flag: 'UF', nearest: [] };
  }
  const limit = closedLimit(cluster, coming);
  if (limit === undefined) return undefined;
  const why = `the circuit breaker of ${cluster.name} lets nothing through: ${limit.name} is 0`;
  return { at: 'cluster', why, flag: limit.flag, nearest: [] };
}

/** Why nobody knows from outside whether it has an endpoint; undefined where that is known. */
export function describeUnlisted(cluster: Cluster): string | undefined {
  const { name, type, addressHeader } = cluster;
  if (listsEndpoints(cluster) || addressHeader !== undefined) return undefined;
  return type === 'ORIGINAL_DST'
    ? `cluster ${name} sends to where a connection was redirected from (ORIGINAL_DST), which is not known from outside`
    : `cluster ${name} is of type ${type}: whether it has an endpoint is not known from outside`;
}

function whyNoEndpoint(cluster: Cluster, endpoints: readonly Endpoint[], coming: Coming): string | undefined {
  if (cluster.type === 'ORIGINAL_DST') return whyNoDestination(cluster, coming);
  if (!listsEndpoints(cluster)) return undefined;
  const { name, panicThreshold, failsInPanic } = cluster;
  if (failsInPanic && isInPanic(endpoints, panicThreshold))
    return `too few of the ${endpoints.length} endpoints of ${name} are healthy, and then it takes no request (fail_traffic_on_panic)`;
  if (usableEndpoints(endpoints, panicThreshold).length > 0) return undefined;
  if (endpoints.length > 0) return `none of the ${endpoints.length} endpoints of ${name} is healthy`;
  const why = whyUnresolved(cluster);
  return `cluster ${name} has no endpoint${why === undefined ? '' : `: ${why}`}`;
}

/** Source: envoy source/extensions/clusters/original_dst/original_dst_cluster.cc LoadBalancer::chooseHost. */
function whyNoDestination(
  { name, addressHeader, unevaluated }: Cluster,
  { request, restoresDestination }: Coming,
): string | undefined {
  if (unevaluated?.includes('metadata_key')) return undefined;
  if (addressHeader !== undefined && request) {
    const [value] = request.unknownHeaders?.has(addressHeader)
      ? [undefined]
      : (request.headers.get(addressHeader) ?? ['']);
    if (value === undefined || isSocketAddress(value)) return undefined;
    if (!restoresDestination)
      return `cluster ${name} sends to the address in header ${addressHeader}, where the request has ${value === '' ? 'none' : 'something else'}`;
  }
  return restoresDestination
    ? undefined
    : `cluster ${name} has no endpoints of its own (ORIGINAL_DST): it sends to where a connection was redirected from, and to this listener none is redirected`;
}

function isSocketAddress(text: string): boolean {
  const [, host = ''] = /^(\d[\d.]*|\[[\da-f:.]+\]):\d{1,5}$/i.exec(text) ?? [];
  return networkTest(`${host.replace(/^\[(.*)\]$/, '$1')}/0`) !== undefined;
}

const describeHealth = ({ address, health }: Endpoint): string => `${address} ${health}`;

interface Limit {
  readonly key: keyof CircuitBreaker;
  readonly name: string;
  readonly flag: string;
}

/** A request waits for a connection before there is one, and so is pending; of connections one is always allowed. */
const ofRequests: readonly Limit[] = [
  { key: 'maxPendingRequests', name: 'max_pending_requests', flag: 'UO' },
  { key: 'maxRequests', name: 'max_requests', flag: 'UO' },
];
const ofConnections: readonly Limit[] = [
  { key: 'maxConnections', name: 'max_connections', flag: 'UO' },
  { key: 'maxPendingRequests', name: 'max_pending_requests', flag: 'URX' },
];

function closedLimit({ circuitBreakers }: Cluster, { request, priority }: Coming): Limit | undefined {
  const breaker = circuitBreakers.find((one) => one.priority === (priority ?? 'DEFAULT'));
  return (request ? ofRequests : ofConnections).find(({ key }) => breaker?.[key] === 0);
}
