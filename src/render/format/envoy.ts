// `-o envoy`: Envoy's configuration in the very shape that `istioctl proxy-config KIND -o json` prints, so that runbook
// lines with jq go on working. istioctl reads the admin port's JSON into protobuf messages and writes protojson: field
// names become camelCase, keys of maps and everything in a google.protobuf.Struct stay as they are. Source:
// istioctl/pkg/writer/envoy/configdump/{route,cluster,listener,configdump}.go, clusters/clusters.go.

import { isDeepStrictEqual } from 'node:util';
import { parseClusterName } from '#model/cluster-name.ts';

/**
 * `{configs: [element…]}`, as `config_dump?resource=…` answers, or `{configs: [section…]}`, as `?mask=…` does; without
 * `configs` where there is none.
 */
type Dump = unknown;
type Fields = Readonly<Record<string, unknown>>;

/** Dynamic route configurations first, then static ones, as istioctl prints them. */
export function envoyRoutes(...dumps: readonly Dump[]): unknown {
  return dumps.flatMap(elementsOf).map((element) => toIstioctlJson(unpacked(element['route_config'])));
}

/** Dynamic listeners first, then static ones; those that only warm or drain are left out. */
export function envoyListeners(...dumps: readonly Dump[]): readonly unknown[] {
  return dumps
    .flatMap(elementsOf)
    .map((element) => fieldsOf(element['active_state'])['listener'] ?? element['listener'])
    .filter((listener) => listener !== undefined)
    .map((listener) => toIstioctlJson(unpacked(listener)));
}

/** Active and static clusters, by FQDN, subset, port and direction. */
export function envoyClusters(...dumps: readonly Dump[]): unknown {
  return dumps
    .flatMap(elementsOf)
    .map((element) => unpacked(element['cluster']))
    .map((cluster) => ({ cluster, key: clusterKey(String(fieldsOf(cluster)['name'])) }))
    .sort((a, b) => compareKeys(a.key, b.key))
    .map(({ cluster }) => toIstioctlJson(cluster));
}

/** `{configs: [section]}`, as `?mask=` answers: one object with a list for each state that has any. */
export function envoySecrets(dump: Dump): unknown {
  return Object.assign({}, ...configsOf(dump).map((section) => toIstioctlJson(unpacked(section))));
}

/** Of `/clusters?format=json`: the clusters that have an endpoint, in Envoy's order. */
export function envoyEndpoints(clusters: unknown): unknown {
  const statuses = fieldsOf(clusters)['cluster_statuses'];
  const list: readonly unknown[] = Array.isArray(statuses) ? statuses : [];
  return list.filter((status) => Array.isArray(fieldsOf(status)['host_statuses'])).map(toIstioctlJson);
}

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

const elementsOf = (dump: Dump): readonly Fields[] =>
  configsOf(dump).flatMap((config) => (isSection(config) ? elementsIn(config) : [config]));

const isSection = (config: Fields): boolean => /\.\w+ConfigDump$/.test(String(config['@type']));

/** By the names of their lists, so the dynamic ones first. */
const elementsIn = (section: Fields): readonly Fields[] =>
  Object.keys(section)
    .sort()
    .flatMap((name) => (Array.isArray(section[name]) ? section[name].map(fieldsOf) : []));

function configsOf(dump: Dump): readonly Fields[] {
  const configs = fieldsOf(dump)['configs'];
  return Array.isArray(configs) ? configs.map(fieldsOf) : [];
}

/** A message out of its Any: the type's name goes. */
function unpacked(any: unknown): unknown {
  const { '@type': _, ...message } = fieldsOf(any);
  return message;
}

type ClusterKey = readonly [fqdn: string, subset: string, port: number, direction: string];

function clusterKey(name: string): ClusterKey {
  const parsed = name.includes('|') ? parseClusterName(name) : undefined;
  return parsed ? [parsed.fqdn, parsed.subset, parsed.port, parsed.direction] : [name, '', 0, ''];
}

function compareKeys(a: ClusterKey, b: ClusterKey): number {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at < 0 ? 0 : (a[at] as string) < (b[at] as string) ? -1 : 1;
}

/** Fields of type Struct, and maps from names to Structs: nothing in them is a field name. */
const structs = new Set([
  'filter_metadata',
  'per_filter_config',
  'extension_protocol_options',
  'default_subset',
  'static_layer',
  'json_format',
  'typed_json_format',
  'transport_socket_match_criteria',
]);

/** Struct fields whose name means something else in other messages: `parent.field`. */
const structsByParent = new Set([
  'transport_socket_matches.match',
  'node.metadata',
  'user_agent_build_version.metadata',
]);

/** Maps from names to messages: the keys stay, the messages are converted. */
const maps = new Set([
  'typed_filter_metadata',
  'typed_per_filter_config',
  'typed_extension_protocol_options',
  'named_endpoints',
  'map',
  'policies',
  'providers',
  'requirement_map',
  'source_codes',
  'context_extensions',
  'dynamic_parameters',
  'key_values',
  'labels',
  'args',
]);

const mapsByParent = new Set(['filter_state_rules.requires']);

/** Types whose `value` is a Struct. Source: xds/type/v3/typed_struct.proto, google/protobuf/struct.proto. */
const structTypes = /\.(TypedStruct|Struct|Value|ListValue)$/;

/** Envoy's JSON (proto field names) as protojson writes it. Anything that is no object or list stays as it is. */
export function toIstioctlJson(value: unknown): unknown {
  return convert(value, '');
}

function convert(value: unknown, parent: string): unknown {
  if (Array.isArray(value)) return value.map((element) => convert(element, parent));
  if (typeof value !== 'object' || value === null) return value;
  const isStruct = structTypes.test(String((value as Fields)['@type'] ?? ''));
  const fields = Object.entries(value).map(([name, field]) => [
    name.startsWith('@') ? name : camelCase(name),
    isStruct && name === 'value' ? field : convertField(name, field, parent),
  ]);
  return Object.fromEntries(fields);
}

function convertField(name: string, field: unknown, parent: string): unknown {
  const path = `${parent}.${name}`;
  if (structs.has(name) || structsByParent.has(path)) return field;
  const isMap =
    (maps.has(name) || mapsByParent.has(path)) && typeof field === 'object' && field !== null && !Array.isArray(field);
  if (!isMap) return convert(field, name);
  return Object.fromEntries(Object.entries(fieldsOf(field)).map(([key, message]) => [key, convert(message, name)]));
}

/** As protobuf-go's JSONCamelCase: underscores go, a lower-case letter after one becomes upper case. */
const camelCase = (name: string): string => name.replace(/_+([a-z]?)/g, (_, letter: string) => letter.toUpperCase());

/** When a pod's Envoy took something over, its counters, and what it makes of them, differ always. */
const volatile = new Set([
  'lastUpdated',
  'versionInfo',
  'stats',
  'successRate',
  'localOriginSuccessRate',
  'successRateEjectionThreshold',
  'localOriginSuccessRateEjectionThreshold',
]);

/**
 * Whether two documents of `-o envoy` configure the same. The order of the elements does not count (every pod has its
 * own), nor does the secret `default`: that is each pod's own identity.
 */
export function isSameEnvoy(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(settled(a), settled(b));
}

function settled(document: unknown): unknown {
  if (Array.isArray(document)) return settledList(document);
  const lists = Object.entries(fieldsOf(document)).map(([name, list]) => [
    name,
    Array.isArray(list) ? settledList(list) : list,
  ]);
  return Object.fromEntries(lists);
}

function settledList(elements: readonly unknown[]): unknown {
  const nameOf = (element: unknown): string => String(fieldsOf(element)['name'] ?? JSON.stringify(element));
  return elements
    .filter((element) => nameOf(element) !== 'default')
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .map(withoutVolatile);
}

function withoutVolatile(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutVolatile);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !volatile.has(name));
  return Object.fromEntries(
    kept.map(([name, field]) => [
      name,
      unordered.has(name) && Array.isArray(field) ? settledList(field) : withoutVolatile(field),
    ]),
  );
}

/** Conditions that have to hold all, and the hosts of a cluster: they stand in the order in which they came. */
const unordered = new Set(['headers', 'queryParameters', 'hostStatuses']);
