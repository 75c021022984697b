// `--anonymous`: names, hosts and addresses become others, the same one for the same value in all files of a snapshot; who
// makes it keeps the key. Words that the format itself has (names of fields, types, loggers) stay, also where somebody's
// object is called so. Certificates are withheld: their keys and serial numbers can be looked up in public logs.

import { errorCodes } from '#core/error.ts';
import { resources } from '#core/kinds.ts';
import { replaceAddresses } from '#dump/client-texts.ts';
import { withheld } from '#dump/x509/certificate.ts';
import { collectNames, foreignDomain } from './names.ts';

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

/** `files`: all of a snapshot, by path. `known`: names that are known besides, patterns among them. */
export function anonymizer(files: ReadonlyMap<string, string>, known: Iterable<string>): Anonymizer {
  const parsed = [...files].flatMap(([path, text]) =>
    path.endsWith('.json') ? [[path, JSON.parse(text)] as const] : [],
  );
  const reserved = reservedWords(parsed, files);
  const found = new Set(known);
  for (const [, json] of parsed) collectNames(json, found);
  const words = new Set([...found].flatMap(wordsOf));
  const kept = [...words].filter((word) => reserved.has(word));
  const names = numbered(
    [...words].filter((word) => !reserved.has(word)),
    (number) => `anon${number}`,
  );
  const addresses = new Map<string, string>();
  const addressOf = (address: string): string => {
    const before = addresses.get(address);
    if (before !== undefined) return before;
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
  'apps',
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
  'istio',
  'istio-ingress',
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
  'ns',
  'org',
  'outbound',
  'outbound_',
  'PassthroughCluster',
  'prometheus_stats',
  'sa',
  'sds-grpc',
  'spiffe',
  'svc',
  'tcp',
  'tls',
  'unknown',
  'v1',
  'v1alpha3',
  'v1beta1',
  'virtual-service',
  'www',
  'xds-grpc',
];

/** Names of fields, of files, of types and filters, of loggers, and what is one of a few values. */
function reservedWords(
  parsed: readonly (readonly [path: string, json: unknown])[],
  files: ReadonlyMap<string, string>,
): Set<string> {
  const reserved = new Set([...common, ...resources, ...errorCodes]);
  const add = (text: string): void => {
    for (const one of wordsOf(text)) reserved.add(one);
  };
  for (const [, json] of parsed) {
    eachField(json, add);
    eachText(json, (text) => {
      if (/^(?:type\.googleapis\.com\/|envoy\.)/.test(text)) add(text);
    });
  }
  for (const [path, text] of files) {
    add(path.replace(/^(pods|istiods)\/[^/]+\//, '$1 '));
    if (path.endsWith('/logging.txt')) add(text);
  }
  return reserved;
}

/** Fields whose own fields are somebody's: names of pods, of files, of what a right is for. */
const mapsOfNames: ReadonlySet<string> = new Set([
  'coverage',
  'failedIstiods',
  'failedPods',
  'files',
  'namespaces',
  'permissions',
]);

/** Fields that have one of a few values. */
const choices: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'outcome', 'phase', 'protocol', 'status', 'type']);

function eachField(json: unknown, take: (text: string) => void, isMapOfNames = false): void {
  if (typeof json !== 'object' || json === null) return;
  for (const [name, value] of Object.entries(json)) {
    if (!Array.isArray(json) && !isMapOfNames && foreignDomain(name) === undefined) take(name);
    if (choices.has(name) && typeof value === 'string' && /^[\w./-]+$/.test(value)) take(value);
    eachField(value, take, mapsOfNames.has(name));
  }
}

function eachText(json: unknown, take: (text: string) => void): void {
  if (typeof json === 'string') take(json);
  else if (typeof json === 'object' && json !== null) for (const value of Object.values(json)) eachText(value, take);
}

const withheldBytes = Buffer.from(withheld).toString('base64');

function withoutCertificates(text: string): string {
  return text
    .replace(/[A-Za-z0-9+/]{40,}={0,2}/g, (run) =>
      certificateMarks.some((mark) => run.includes(mark)) ? withheldBytes : run,
    )
    .replace(
      /-----BEGIN(?: |%20)[A-Z0-9 %]*CERTIFICATE-----[\s\S]*?-----END(?: |%20)[A-Z0-9 %]*CERTIFICATE-----/g,
      withheld,
    )
    .replace(/"MI[I-M][A-Za-z0-9+/]{100,}={0,2}"/g, `"${withheldBytes}"`);
}

/** How the mark looks inside base64, for each of the ways in which it can fall on groups of 3 bytes: words may stand before it. */
const certificateMarks = [0, 1, 2].map((offset) =>
  Buffer.from(`${' '.repeat(offset)}CERTIFICATE-----`)
    .toString('base64')
    .slice(offset === 0 ? 0 : 4, -4),
);

/** 240.0.0.0/4, which nobody has (RFC 1112), and the prefix of documentation (RFC 3849). */
const ipv4Of = (number: number): string => `240.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
const ipv6Of = (number: number): string => `2001:db8::${number.toString(16)}`;

const numbered = (words: readonly string[], name: (number: number) => string): Map<string, string> =>
  new Map(words.toSorted().map((one, index) => [one, name(index + 1)]));

const inverted = (map: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries([...map].map(([value, stands]) => [stands, value]));
