// `--anonymous`: names, hosts and addresses become others, the same one for the same value in all files of a snapshot; who
// makes it keeps the key. Words that the format itself has (names of fields, types, loggers) stay, also where somebody's
// object is called so. Certificates are withheld: their keys and serial numbers can be looked up in public logs.

import { replaceAddresses } from '#dump/client-texts.ts';

/** What stands in the place of what. */
export interface AnonymousKey {
  readonly names: Readonly<Record<string, string>>;
  readonly addresses: Readonly<Record<string, string>>;
  /** Names that stay: words that the files have anyway. */
  readonly kept: readonly string[];
}

export interface Anonymizer {
  /** For a path or the content of a file. */
  text(text: string): string;
  key(): AnonymousKey;
}

/** `files`: all of a snapshot, by path. `hosts`: those that are known besides, patterns among them. */
export function anonymizer(files: ReadonlyMap<string, string>, hosts: Iterable<string>): Anonymizer {
  const parsed = [...files].flatMap(([path, text]) =>
    path.endsWith('.json') ? [[path, JSON.parse(text)] as const] : [],
  );
  const reserved = reservedWords(parsed, files);
  const words = new Set([...hosts].flatMap(wordsOf));
  for (const [, json] of parsed) collectNames(json, words);
  const kept = [...words].filter((word) => reserved.has(word));
  const names = numbered(
    [...words].filter((word) => !reserved.has(word)),
    (number) => `anon${number}`,
  );
  const addresses = new Map<string, string>();
  const addressOf = (address: string): string => {
    const known = addresses.get(address);
    if (known !== undefined) return known;
    const made = address.includes(':') ? ipv6Of(addresses.size + 1) : ipv4Of(addresses.size + 1);
    addresses.set(address, made);
    return made;
  };
  return {
    text: (text) =>
      replaceAddresses(
        withoutCertificates(text).replace(word, (found) => names.get(found) ?? found),
        addressOf,
      ),
    key: () => ({ names: inverted(names), addresses: inverted(addresses), kept: kept.toSorted() }),
  };
}

/** A label of DNS (RFC 1123), as names of objects are made of. */
const word = /[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?/g;

const wordsOf = (name: string): string[] => (name.match(word) ?? []).filter((one) => /[A-Za-z]/.test(one));

/** What every installation has, what names of Envoy's configuration are made of, and what everybody's hosts end with. */
const common = [
  'agent',
  'apis',
  'BlackHoleCluster',
  'cluster',
  'com',
  'default',
  'destination-rule',
  'gateway',
  'http',
  'https',
  'inbound',
  'InboundPassthroughCluster',
  'inbound_',
  'io',
  'istio-ingressgateway',
  'istio-proxy',
  'istio-system',
  'istiod',
  'kube-system',
  'kubernetes',
  'Kubernetes',
  'local',
  'namespaces',
  'net',
  'networking',
  'org',
  'outbound',
  'outbound_',
  'PassthroughCluster',
  'prometheus_stats',
  'sds-grpc',
  'svc',
  'tcp',
  'tls',
  'v1',
  'v1alpha3',
  'v1beta1',
  'virtual-service',
  'www',
  'xds-grpc',
];

/** Names of fields, of types and filters, of loggers. */
function reservedWords(
  parsed: readonly (readonly [path: string, json: unknown])[],
  files: ReadonlyMap<string, string>,
): Set<string> {
  const reserved = new Set(common);
  const add = (text: string): void => {
    for (const one of wordsOf(text)) reserved.add(one);
  };
  for (const [path, json] of parsed) {
    // Some maps of the index have names of pods as their fields.
    if (path !== 'index.json' && path !== 'replaced.json') eachField(json, add);
    eachText(json, (text) => {
      if (/^(?:type\.googleapis\.com\/|envoy\.)/.test(text)) add(text);
    });
  }
  for (const [path, text] of files) if (path.endsWith('/logging.txt')) add(text);
  return reserved;
}

function eachField(json: unknown, take: (name: string) => void): void {
  if (typeof json !== 'object' || json === null) return;
  for (const [name, value] of Object.entries(json)) {
    if (!Array.isArray(json)) take(name);
    eachField(value, take);
  }
}

function eachText(json: unknown, take: (text: string) => void): void {
  if (typeof json === 'string') take(json);
  else if (typeof json === 'object' && json !== null) for (const value of Object.values(json)) eachText(value, take);
}

/** Fields whose texts are names or hosts: of Kubernetes objects, Envoy's configuration, and the snapshot's own. */
const nameFields: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'node',
  'nodeName',
  'hostname',
  'host',
  'hosts',
  'domains',
  'server_names',
  'sni',
  'dnsNames',
  'dns',
  'commonName',
  'secretName',
  'serverName',
  'context',
  'user',
  'groups',
  'server',
  'pod',
  'absentSecrets',
  'origin',
  'gateways',
  'cluster_id',
  'service_cluster',
]);

/** Below `metadata`, `name` is somebody's; elsewhere it may be Envoy's own. */
function collectNames(json: unknown, into: Set<string>): void {
  if (typeof json !== 'object' || json === null) return;
  const isObject = 'metadata' in json || 'kind' in json || 'phase' in json;
  for (const [field, value] of Object.entries(json)) {
    const isName = nameFields.has(field) && (field !== 'name' || isObject || 'namespace' in json || 'uid' in json);
    if (isName) eachText(value, (text) => addWords(text, into));
    collectNames(value, into);
  }
}

function addWords(text: string, into: Set<string>): void {
  for (const one of wordsOf(text)) into.add(one);
}

const withheld = Buffer.from('[withheld]').toString('base64');

function withoutCertificates(text: string): string {
  return text
    .replace(/LS0tLS1CRUdJTi[A-Za-z0-9+/]+={0,2}/g, withheld)
    .replace(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g, '[withheld]')
    .replace(/"MI[I-M][A-Za-z0-9+/]{100,}={0,2}"/g, `"${withheld}"`);
}

/** 240.0.0.0/4, which nobody has (RFC 1112), and the prefix of documentation (RFC 3849). */
const ipv4Of = (number: number): string => `240.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
const ipv6Of = (number: number): string => `2001:db8::${number.toString(16)}`;

const numbered = (words: readonly string[], name: (number: number) => string): Map<string, string> =>
  new Map(words.toSorted().map((one, index) => [one, name(index + 1)]));

const inverted = (map: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries([...map].map(([value, stands]) => [stands, value]));
