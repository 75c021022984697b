// Clusters of a dump → model. Source: envoy/admin/v3/config_dump_shared.proto, envoy/config/cluster/v3/cluster.proto.

import {
  booleanIn,
  contentOf,
  durationIn,
  enumIn,
  field,
  fieldNames,
  type JsonObject,
  numberIn,
  objectIn,
  objectsIn,
  textIn,
} from '#core/json.ts';
import { memoizeByIdentity } from '#core/memoize.ts';
import type { CircuitBreaker, Cluster } from '#model/cluster.ts';
import { raw } from '#model/content.ts';
import { describeAddress } from './address.ts';
import { type DumpElement, dumpElements, readRejection, typeOf } from './elements.ts';
import { unknownExtension } from './matchers.ts';
import { readObjectRef } from './object-ref.ts';
import { unevaluatedIn, withUnevaluated } from './proto-coverage.ts';
import { readUpstreamTls } from './upstream-tls.ts';

/**
 * In the dump's order. `asked`: the state of elements of `?resource=`, whose answer does not have it. Throws ToolError
 * `bad-answer` with the path of what cannot be read.
 */
export function readClusters(json: unknown, asked: 'active' | 'warming' = 'active'): Cluster[] {
  return dumpElements(json, 'Clusters', asked).map(readElement);
}

function readElement({ element, state }: DumpElement): Cluster {
  return {
    ...readContent(objectIn(element, 'cluster') ?? { ...element, fields: {} }),
    state,
    lastUpdated: textIn(element, 'last_updated'),
    rejected: readRejection(element),
  };
}

type Content = Omit<Cluster, 'state' | 'lastUpdated' | 'rejected'>;

/** Read once for clusters that several pods have. */
const readContent = memoizeByIdentity(contentOf, (cluster): Content => {
  const name = textIn(cluster, 'name') ?? '';
  const eds = objectIn(cluster, 'eds_cluster_config');
  return {
    name,
    type: readType(cluster),
    edsServiceName: (eds && textIn(eds, 'service_name')) || name,
    lbPolicy: readLbPolicy(cluster),
    connectTimeoutMs: durationIn(cluster, 'connect_timeout'),
    destinationRule: readObjectRef(cluster),
    tls: readUpstreamTls(cluster),
    circuitBreakers: readCircuitBreakers(cluster),
    outlierDetection: readOutlierDetection(cluster),
    panicThreshold: readPanicThreshold(cluster),
    ...readPanicRule(cluster),
    ...readAddressHeader(cluster),
    ...withUnevaluated(...unevaluatedOfCluster(cluster)),
    inlineEndpoints: readInlineEndpoints(cluster),
    [raw]: cluster.fields,
  };
});

/** A custom type by its extension's name; proto3 JSON leaves out an enum's first value. */
function readType(cluster: JsonObject): string {
  const custom = objectIn(cluster, 'cluster_type');
  return custom ? unknownExtension(custom).type : (enumIn(cluster, 'type') ?? 'STATIC');
}

/** `load_balancing_policy` goes before `lb_policy`. */
function readLbPolicy(cluster: JsonObject): string {
  const extension = readPolicy(cluster);
  return extension ? unknownExtension(extension).type : (enumIn(cluster, 'lb_policy') ?? 'ROUND_ROBIN');
}

/** Envoy takes the first of the list that it knows. */
function readPolicy(cluster: JsonObject): JsonObject | undefined {
  const policy = objectIn(cluster, 'load_balancing_policy');
  const [first] = policy ? objectsIn(policy, 'policies') : [];
  return first && objectIn(first, 'typed_extension_config');
}

function readCircuitBreakers(cluster: JsonObject): CircuitBreaker[] {
  const breakers = objectIn(cluster, 'circuit_breakers');
  return (breakers ? objectsIn(breakers, 'thresholds') : []).map((threshold) => ({
    priority: enumIn(threshold, 'priority') ?? 'DEFAULT',
    maxConnections: numberIn(threshold, 'max_connections'),
    maxPendingRequests: numberIn(threshold, 'max_pending_requests'),
    maxRequests: numberIn(threshold, 'max_requests'),
    maxRetries: numberIn(threshold, 'max_retries'),
  }));
}

/** By Envoy's names of the fields, durations as Envoy writes them. */
function readOutlierDetection(cluster: JsonObject): Cluster['outlierDetection'] {
  const detection = objectIn(cluster, 'outlier_detection');
  if (!detection) return undefined;
  return Object.fromEntries(fieldNames(detection).map((name) => [name, scalar(field(detection.fields, name))]));
}

const scalar = (value: unknown): string | number =>
  typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value);

/**
 * A threshold that is there with nothing in it is 0: proto3 JSON leaves zeros out. Istio writes it to every cluster.
 */
function readPanicThreshold(cluster: JsonObject): number {
  const common = objectIn(cluster, 'common_lb_config');
  const threshold = common && objectIn(common, 'healthy_panic_threshold');
  return threshold ? (numberIn(threshold, 'value') ?? 0) : 50;
}

/** Only what is set. It stands in the cluster, or in the extension that balances. */
function readPanicRule(cluster: JsonObject): Pick<Cluster, 'failsInPanic'> {
  const common = objectIn(cluster, 'common_lb_config');
  const extension = readPolicy(cluster);
  const config = extension && objectIn(extension, 'typed_config');
  const holders = [common, config && objectIn(config, 'locality_lb_config')];
  const isSet = holders.some((holder) => {
    const zones = holder && objectIn(holder, 'zone_aware_lb_config');
    return zones !== undefined && booleanIn(zones, 'fail_traffic_on_panic') === true;
  });
  return isSet ? { failsInPanic: true } : {};
}

/** Source: envoy source/extensions/clusters/original_dst/original_dst_cluster.cc OriginalDstCluster. */
function readAddressHeader(cluster: JsonObject): Pick<Cluster, 'addressHeader'> {
  const config = objectIn(cluster, 'original_dst_lb_config');
  if (!config || !booleanIn(config, 'use_http_header')) return {};
  return { addressHeader: (textIn(config, 'http_header_name') || 'x-envoy-original-dst-host').toLowerCase() };
}

function unevaluatedOfCluster(cluster: JsonObject): (readonly string[])[] {
  const extensions = objectIn(cluster, 'typed_extension_protocol_options');
  const options = extensions && objectIn(extensions, 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions');
  const assignment = objectIn(cluster, 'load_assignment');
  return [
    unevaluatedIn('Cluster', cluster),
    unevaluatedIn('OriginalDstLbConfig', objectIn(cluster, 'original_dst_lb_config')),
    unevaluatedIn('Policy', assignment && objectIn(assignment, 'policy')),
    options && objectsIn(options, 'http_filters').some(isNotCodec) ? ['http_filters'] : [],
    balancesOtherwise(cluster) ? ['load_balancing_policy'] : [],
  ];
}

/** It ends every chain of filters towards the service, and does nothing else. */
const isNotCodec = (filter: JsonObject): boolean =>
  !typeOf(objectIn(filter, 'typed_config')).endsWith('.UpstreamCodec');

/** They choose among all endpoints that are healthy enough. Source: envoy/extensions/load_balancing_policies. */
const plainPolicies =
  /\.(?:RoundRobin|LeastRequest|Random|RingHash|Maglev|ClusterProvided|WrrLocality|ClientSideWeightedRoundRobin|PickFirst)$/;

function balancesOtherwise(cluster: JsonObject): boolean {
  const policy = readPolicy(cluster);
  return policy !== undefined && !plainPolicies.test(unknownExtension(policy).type);
}

function readInlineEndpoints(cluster: JsonObject): string[] {
  const assignment = objectIn(cluster, 'load_assignment');
  const hosts = (assignment ? objectsIn(assignment, 'endpoints') : []).flatMap((locality) =>
    objectsIn(locality, 'lb_endpoints'),
  );
  return hosts.flatMap((host) => {
    const endpoint = objectIn(host, 'endpoint');
    const address = endpoint && objectIn(endpoint, 'address');
    return address ? [describeAddress(address)] : [];
  });
}
