// Clusters of a dump → model. Source: envoy/admin/v3/config_dump_shared.proto, envoy/config/cluster/v3/cluster.proto.

import {
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
import { type DumpElement, dumpElements, readRejection } from './elements.ts';
import { unknownExtension } from './matchers.ts';
import { readObjectRef } from './object-ref.ts';
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
    inlineEndpoints: readInlineEndpoints(cluster),
    [raw]: cluster.fields,
  };
});

/** A custom type by its extension's name; proto3 JSON leaves out an enum's first value. */
function readType(cluster: JsonObject): string {
  const custom = objectIn(cluster, 'cluster_type');
  return custom ? unknownExtension(custom).type : (enumIn(cluster, 'type') ?? 'STATIC');
}

/** `load_balancing_policy` goes before `lb_policy`; Envoy takes the first of the list that it knows. */
function readLbPolicy(cluster: JsonObject): string {
  const policy = objectIn(cluster, 'load_balancing_policy');
  const [first] = policy ? objectsIn(policy, 'policies') : [];
  const extension = first && objectIn(first, 'typed_extension_config');
  return extension ? unknownExtension(extension).type : (enumIn(cluster, 'lb_policy') ?? 'ROUND_ROBIN');
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
