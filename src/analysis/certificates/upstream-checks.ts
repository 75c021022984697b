// Whether what a service's pod presents would pass what the gateway asks of it. Source: envoy
// source/common/tls/cert_validator/ default_validator.cc (a chain to the CA, then one of the names), san_matcher.cc
// (exact DNS names match wildcards of the certificate).

import { type Certificate, coversHost } from '#model/certificate.ts';
import type { UpstreamTls } from '#model/cluster.ts';
import type { UpstreamCertificate } from '#model/upstream-certificate.ts';
import type { PodTls, TriedService, UpstreamCheck } from '#model/upstream-check.ts';

type Judgement = Pick<UpstreamCheck, 'outcome' | 'why'>;

export function judgePod(tls: UpstreamTls, secret: string | undefined, pod: PodTls): Judgement {
  if (pod.outcome === 'failed') return { outcome: 'unknown', why: pod.why };
  if (tls.mode === 'none') return judgePlain(pod);
  if (tls.mode === 'per-endpoint') return judgeByEndpoint(pod);
  if (tls.mode === 'unknown')
    return { outcome: 'unknown', why: `the gateway speaks ${tls.type}, which this tool does not know` };
  if (pod.outcome === 'closed')
    return { outcome: 'fails', why: `the gateway speaks TLS and the pod does not: ${pod.why}` };
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
export function upstreamChecks(row: UpstreamCertificate, { tried, why }: TriedService): UpstreamCheck[] {
  if (tried.length === 0) return [{ ...row, pod: undefined, outcome: 'unknown', why, chain: [] }];
  return tried.map(({ pod, got }) => ({
    ...row,
    pod,
    ...judgePod(row.tls, row.secret, got),
    chain: got.outcome === 'certificate' ? got.chain : [],
  }));
}
