// For which hosts a handshake is made because what Envoy holds need not be what it serves, and on which pods; and what
// came of it. Handshakes are traffic of a gateway that serves: no more than tell.

import { count } from '#core/phrase.ts';
import type { HostCertificate, HostCertificateItem, Served } from '#model/host-certificate.ts';
import type { KubernetesCertificate } from '#model/kubernetes-certificate.ts';
import type { Doubt } from '#model/secret-doubts.ts';
import { doubtsOfHost } from './doubts.ts';

/** A line of `certs` before it is judged. */
export interface HostRow extends Pick<HostCertificateItem, 'value' | 'pods' | 'loadedAt' | 'isLeftOut'> {
  /** Why what is held may not be served, the surest first. */
  readonly doubts: readonly Doubt[];
  /** Why there was no handshake although there are doubts. */
  readonly untried: string | undefined;
}

export const mostHosts = 20;
export const mostPods = 3;

export interface PlannedHandshake {
  readonly host: string;
  readonly port: number;
  readonly pods: readonly string[];
}

/** What the rows of one place and pod are known by. */
export const placeKey = ({
  host,
  port,
}: {
  readonly host: string | undefined;
  readonly port: number | undefined;
}): string => `${host}:${port}`;

/** Rejected updates of secrets, by pod. */
export interface SecretRejections {
  /** How many of each secret, by its SDS name, since the pod has started. */
  readonly counted: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** The last one, of which no name is known, with Envoy's reason. */
  readonly unnamed: ReadonlyMap<string, string>;
}

const noRejections: SecretRejections = { counted: new Map(), unnamed: new Map() };

/**
 * Doubts of each row; of pods that differ in when they took the secret, rows of their own. Where a pod has rejected a
 * secret without a name and nothing else there is doubtful, everything is.
 */
export function withDoubts(
  rows: readonly Pick<HostRow, 'value' | 'pods' | 'loadedAt'>[],
  kubernetes: ReadonlyMap<string, KubernetesCertificate>,
  { counted, unnamed }: SecretRejections = noRejections,
): HostRow[] {
  const doubtful = rows.flatMap((row) => {
    const { value, loadedAt } = row;
    const { secret = '' } = value;
    return split(row, (pod) => [
      ...doubtsOfHost(value, loadedAt[pod], kubernetes.get(secret)),
      ...(hasTls(value) ? countedDoubt(counted.get(pod)?.get(secret)) : []),
    ]);
  });
  const explained = new Set(doubtful.flatMap(({ doubts, pods }) => (doubts.length > 0 ? pods : [])));
  return doubtful.flatMap((row) =>
    row.doubts.length > 0 || !hasTls(row.value)
      ? [row]
      : split(row, (pod) => unnamedDoubt(explained.has(pod) ? undefined : unnamed.get(pod))),
  );
}

const hasTls = ({ outcome, envoySecret }: HostCertificate): boolean =>
  outcome === 'certificate' && envoySecret !== undefined;

const countedDoubt = (times: number | undefined): Doubt[] =>
  times === undefined ? [] : [{ text: `Envoy has rejected ${count(times, 'update')} of it`, isSure: false }];

const unnamedDoubt = (details: string | undefined): Doubt[] =>
  details === undefined
    ? []
    : [{ text: `Envoy has rejected a secret and does not say which: ${details}`, isSure: false }];

/** Pods of one row that have the same doubts stay together. */
function split(
  row: Pick<HostRow, 'value' | 'pods' | 'loadedAt'>,
  doubtsOn: (pod: string) => readonly Doubt[],
): HostRow[] {
  const groups = Map.groupBy(row.pods, (pod) =>
    doubtsOn(pod)
      .map(({ text }) => text)
      .join('\n'),
  );
  return [...groups.values()].map((pods) => ({
    value: row.value,
    loadedAt: Object.fromEntries(Object.entries(row.loadedAt).filter(([pod]) => pods.includes(pod))),
    pods,
    doubts: doubtsOn(pods[0] ?? ''),
    untried: undefined,
  }));
}

/** The surest hosts first; pods that are doubtful for most of them. Never for what is passed through. */
export function planHandshakes(rows: readonly HostRow[]): PlannedHandshake[] {
  const doubtful = rows
    .filter(({ doubts, value }) => doubts.length > 0 && value.served === undefined && value.port !== undefined)
    .toSorted((a, b) => Number(isSure(b)) - Number(isSure(a)));
  const places = [...Map.groupBy(doubtful, ({ value }) => placeKey(value)).values()].slice(0, mostHosts);
  const pods = podsFor(places.flat());
  return places.flatMap((group) => {
    const { host = '*', port = 0 } = group[0]?.value ?? {};
    const own = pods.filter((pod) => group.some((row) => row.pods.includes(pod)));
    return own.length === 0 ? [] : [{ host, port, pods: own }];
  });
}

const isSure = ({ doubts }: HostRow): boolean => doubts.some((doubt) => doubt.isSure);

/** One of each row before a second one of any. */
function podsFor(rows: readonly HostRow[]): string[] {
  const inTurn = Array.from({ length: mostPods }, (_, index) => rows.flatMap(({ pods }) => pods[index] ?? [])).flat();
  return [...new Set(inTurn)].slice(0, mostPods);
}

/** By pod and place. */
export type Handshakes = ReadonlyMap<string, ReadonlyMap<string, Served>>;

/**
 * The rows with what the handshakes got. Of a row with doubts none of whose pods were tried it is said why, unless pods
 * that hold the very same were, and serve it: for Envoy it is the content that counts.
 */
export function withServed(rows: readonly HostRow[], handshakes: Handshakes, why: string): HostRow[] {
  const tried = rows.flatMap((row) => byServed(row, handshakes));
  const served = new Set(tried.filter(servesEnvoySecret).map(contentKey));
  return tried.map((row) =>
    row.doubts.length === 0 || row.value.served !== undefined || served.has(contentKey(row))
      ? row
      : { ...row, untried: why },
  );
}

function byServed(row: HostRow, handshakes: Handshakes): HostRow[] {
  const servedOn = (pod: string): Served | undefined =>
    row.value.served ?? (row.doubts.length === 0 ? undefined : handshakes.get(pod)?.get(placeKey(row.value)));
  const groups = Map.groupBy(row.pods, (pod) => outcomeKey(servedOn(pod)));
  return [...groups.values()].map((pods) => ({
    ...row,
    value: { ...row.value, served: servedOn(pods[0] ?? '') },
    pods,
    loadedAt: Object.fromEntries(Object.entries(row.loadedAt).filter(([pod]) => pods.includes(pod))),
  }));
}

const outcomeKey = (served: Served | undefined): string =>
  served && 'chain' in served ? fingerprintsOf(served.chain) : JSON.stringify(served ?? null);

const fingerprintsOf = (chain: readonly { readonly fingerprint: string }[]): string =>
  chain.map(({ fingerprint }) => fingerprint).join();

const servesEnvoySecret = ({ value: { served, envoySecret } }: HostRow): boolean =>
  served?.outcome === 'certificate' && served.chain[0]?.fingerprint === envoySecret?.chain[0]?.fingerprint;

const contentKey = ({ value, doubts }: HostRow): string =>
  JSON.stringify([placeKey(value), value.secret, fingerprintsOf(value.envoySecret?.chain ?? []), doubts]);

/** For people: `a TLS handshake was made with a.example:8443 on 3 pods…`; undefined where there was none. */
export function describeHandshakes(planned: readonly PlannedHandshake[]): string | undefined {
  if (planned.length === 0) return undefined;
  const places = planned.map(placeKey);
  const shown =
    places.length > 6 ? `${places.slice(0, 6).join(', ')} and ${places.length - 6} more` : places.join(', ');
  const pods = new Set(planned.flatMap((one) => one.pods));
  return `to see what is served, a TLS handshake was made for ${shown} on ${count(pods.size, 'pod')}; --no-handshake leaves that out`;
}
