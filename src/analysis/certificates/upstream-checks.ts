// Whether what a service's pod presents would pass what the gateway asks of it. Source: envoy
// source/common/tls/cert_validator/ default_validator.cc (a chain to the CA, then one of the names), san_matcher.cc
// (exact DNS names match wildcards of the certificate).

import { isBefore } from '#core/version.ts';
import { type Certificate, coversHost } from '#model/certificate.ts';
import type { UpstreamTls } from '#model/cluster.ts';
import type { UpstreamCertificate } from '#model/upstream-certificate.ts';
import type { PodTls, TriedService, UpstreamCheck } from '#model/upstream-check.ts';

type Judgement = Pick<UpstreamCheck, 'outcome' | 'why'>;

/** `envoyVersions`: of the gateway pods that ask; empty where they are not known. */
export function judgePod(
  tls: UpstreamTls,
  secret: string | undefined,
  pod: PodTls,
  envoyVersions: readonly string[],
): Judgement {
  if (pod.outcome === 'failed') return { outcome: 'unknown', why: pod.why };
  if (tls.mode === 'none') return judgePlain(pod);
  if (tls.mode === 'per-endpoint') return judgeByEndpoint(pod);
  if (tls.mode === 'unknown')
    return { outcome: 'unknown', why: `the gateway speaks ${tls.type}, which this tool does not know` };
  if (pod.outcome === 'closed')
    return { outcome: 'fails', why: `the gateway speaks TLS and the pod does not: ${pod.why}` };
  const unusable = judgeKeyUsage(tls, pod, envoyVersions);
  if (unusable) return unusable;
  if (!tls.isVerified) return { outcome: 'passes', why: 'nothing is checked: any certificate would' };
  if (secret === 'inline') return { outcome: 'unknown', why: 'the CA stands in the cluster itself' };
  if (pod.untrusted !== undefined) return { outcome: 'fails', why: pod.untrusted };
  return judgeNames(tls.subjectAltNames, pod.chain[0]);
}

function judgePlain(pod: PodTls): Judgement {
  if (pod.outcome === 'certificate')
    return {
      outcome: 'fails',
      why: 'the pod speaks TLS and the gateway plain text: no DestinationRule says otherwise',
    };
  return { outcome: 'passes', why: 'plain text on both sides' };
}

/**
 * Istio's auto mTLS: the TLS of the mesh to its workloads, whose certificates have SPIFFE names, plain text to all
 * others.
 */
function judgeByEndpoint(pod: PodTls): Judgement {
  if (pod.outcome !== 'certificate') return { outcome: 'passes', why: 'plain text, or the TLS of the mesh' };
  const isOfMesh = pod.chain[0]?.otherNames.some((name) => name.startsWith('spiffe://')) ?? false;
  return isOfMesh ? { outcome: 'passes', why: 'the TLS of the mesh' } : judgePlain(pod);
}

type Presented = Extract<PodTls, { readonly outcome: 'certificate' }>;

/** True of a leaf whose key may not sign, which TLS 1.3 and ECDHE ask of it. */
export const lacksSignatureUse = ({ chain: [leaf] }: Pick<Presented, 'chain'>): boolean =>
  leaf?.use.keyUsage !== undefined && !leaf.use.keyUsage.includes('digitalSignature');

/**
 * Independent of whether the certificate is verified. Source: BoringSSL ssl/handshake_client.cc (keys of elliptic
 * curves always, RSA by `enforce_rsa_key_usage`); Envoy's tls.proto: false by default up to 1.37, true in 1.38, ignored
 * and always true from 1.39 on.
 */
function judgeKeyUsage(
  { enforcesRsaKeyUsage }: { readonly enforcesRsaKeyUsage?: boolean },
  pod: Presented,
  envoyVersions: readonly string[],
): Judgement | undefined {
  if (!lacksSignatureUse(pod)) return undefined;
  const isRsa = /^RSA/i.test(pod.chain[0]?.publicKey ?? '');
  const refusing = envoyVersions.filter((version) => !isRsa || refusesRsa(version, enforcesRsaKeyUsage));
  if (envoyVersions.length > 0 && refusing.length === 0) return undefined;
  const why = `the key usage of its ${isRsa ? 'RSA ' : ''}certificate lacks digitalSignature, which Envoy ${[...new Set(refusing)].join(', ') || 'from 1.38 on'} asks for in TLS 1.3 and with ECDHE`;
  const isCertain = refusing.length > 0 && pod.protocol === 'TLSv1.3';
  return { outcome: isCertain ? 'fails' : 'unknown', why };
}

function refusesRsa(version: string, isEnforced: boolean | undefined): boolean {
  if (isBefore(version, '1.39') === false) return true;
  return isEnforced ?? isBefore(version, '1.38') === false;
}

/** A word before the name tells how it is matched; `exact` has none. */
const otherMatch = /^(prefix|suffix|contains|regex|unknown) /;

function judgeNames(wanted: readonly string[], leaf: Certificate | undefined): Judgement {
  const names = [...(leaf?.dnsNames ?? []), ...(leaf?.otherNames ?? [])];
  if (wanted.length === 0) return { outcome: 'passes', why: 'its names are not checked' };
  if (wanted.some((one) => names.some((name) => coversHost(name, one)))) return { outcome: 'passes', why: undefined };
  if (wanted.some((one) => otherMatch.test(one)))
    return { outcome: 'unknown', why: `names are matched by ${wanted.join(', ')}` };
  return {
    outcome: 'fails',
    why: `its names are ${names.join(', ') || 'none'}, and the gateway asks for ${wanted.join(' or ')}`,
  };
}

/** A line for each pod that was tried, and one for a service of which none is known. */
export function upstreamChecks(
  row: UpstreamCertificate,
  { tried, why }: TriedService,
  envoyVersions: readonly string[],
): UpstreamCheck[] {
  if (tried.length === 0) return [{ ...row, pod: undefined, outcome: 'unknown', why, chain: [] }];
  return tried.map(({ pod, tls }) => ({
    ...row,
    pod,
    ...judgePod(row.tls, row.secret, tls, envoyVersions),
    chain: tls.outcome === 'certificate' ? tls.chain : [],
  }));
}
