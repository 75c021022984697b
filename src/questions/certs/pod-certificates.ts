// What `certs` asks one pod for: secrets by name, their certificates as PEM, and TLS handshakes.

import type { Admin } from '#core/admin.ts';
import type { Pod } from '#core/fleet.ts';
import { failureOf } from '#core/known.ts';
import type { Source } from '#core/source.ts';
import { readCertificateBundles } from '#dump/certificate-bundles.ts';
import { readSecrets } from '#dump/secrets.ts';
import { readHandshakeChain } from '#dump/x509/certificate.ts';
import { regexOfNames } from '#envoy/name-regex.ts';
import { authoritiesIn, type Certificate, type Secret } from '#model/certificate.ts';
import type { Served } from '#model/host-certificate.ts';
import { fetchSecretDump } from '#questions/pod-configuration.ts';

export interface PodSecrets {
  readonly secrets: readonly Secret[];
  /** PEM blocks by SDS name; empty unless they are printed. */
  readonly bundles: ReadonlyMap<string, readonly string[]>;
  /** The CAs among all certificates. */
  readonly authorities: readonly Certificate[];
  /** When the pod took each secret, RFC 3339 by SDS name. */
  readonly loadedAt: ReadonlyMap<string, string>;
}

export const noSecrets: Omit<PodSecrets, 'secrets'> = { bundles: new Map(), authorities: [], loadedAt: new Map() };

/** `names`: undefined for all. */
export async function fetchNamedSecrets(
  admin: Admin,
  names: readonly string[] | undefined,
  keepPem: boolean,
): Promise<PodSecrets> {
  if (names?.length === 0) return { secrets: [], ...noSecrets };
  const only = names === undefined ? {} : { nameRegex: regexOfNames(names) };
  const dump = await fetchSecretDump(admin, only);
  const secrets = readSecrets(dump);
  return {
    secrets,
    bundles: keepPem ? readCertificateBundles(dump) : new Map(),
    authorities: authoritiesIn(secrets.flatMap(({ chain }) => chain)),
    loadedAt: new Map(
      secrets.flatMap(({ name, lastUpdated }) => (lastUpdated === undefined ? [] : [[name, lastUpdated] as const])),
    ),
  };
}

interface Place {
  readonly host: string;
  readonly port: number;
}

/** A handshake for each place, one after the other; one that fails is that place's answer. */
export async function tryHandshakes<P extends Place>(
  source: Source,
  pod: Pod,
  places: readonly P[],
): Promise<Map<P, Served>> {
  const served = new Map<P, Served>();
  for (const place of places) served.set(place, await tryHandshake(source, pod, place));
  return served;
}

/** Offers what today's clients offer. For a wildcard it sends a name that nothing else serves. */
async function tryHandshake(source: Source, pod: Pod, { host, port }: Place): Promise<Served> {
  try {
    const serverName = host === '*' ? undefined : host.replace(/^\*/, 'kubectl-istio-ingress');
    const shaken = await source.handshake(pod, port, { serverName, alpn: ['h2', 'http/1.1'] });
    if (shaken.outcome === 'closed') return shaken;
    return { ...shaken, chain: readHandshakeChain(shaken.chain) };
  } catch (error) {
    const { code, message } = failureOf(error);
    // Pods that fail alike are one row: their names are in its PODS.
    const why = message.replace(`${pod.namespace}/${pod.name}:`, 'port ');
    return { outcome: code === 'timeout' ? 'silent' : 'failed', why };
  }
}
