// `certs --fail-within`: what is no good certificate any more, or will be none soon.

import type { Certificate, Secret } from '#model/certificate.ts';
import type { HostCertificate } from '#model/host-certificate.ts';

/**
 * True where clients get no certificate, or one of the chain is not valid at some time from now until `withinMs` later.
 * Of a bundle of CAs it is enough that one outlasts that: bundles keep old ones.
 */
export function endsWithin(
  value: Pick<HostCertificate, 'outcome' | 'why'> & { readonly envoySecret: Secret | undefined },
  withinMs: number,
  now: Date,
): boolean {
  if (value.outcome === 'none') return value.why !== 'matcher-tree';
  const { chain, kind } = value.envoySecret ?? { chain: [], kind: 'none' };
  const isLate = (certificate: Certificate): boolean =>
    now.getTime() + withinMs > Date.parse(certificate.notAfter) || now.getTime() < Date.parse(certificate.notBefore);
  return kind === 'ca' ? chain.length > 0 && chain.every(isLate) : chain.some(isLate);
}
