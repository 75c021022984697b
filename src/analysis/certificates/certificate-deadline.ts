// `certs --fail-within`: which certificates are not valid, or will soon not be.

import type { Certificate, Secret } from '#model/certificate.ts';
import type { HostCertificate } from '#model/host-certificate.ts';

/**
 * True where clients get no certificate, or one of the chain is not valid at some time from now until `withinMs` later.
 * Of a bundle of CAs it is enough that one outlasts that: bundles keep old ones.
 */
export function endsWithin(
  value: Pick<HostCertificate, 'outcome' | 'why'> &
    Partial<Pick<HostCertificate, 'served'>> & { readonly envoySecret: Secret | undefined },
  withinMs: number,
  now: Date,
): boolean {
  if (value.outcome === 'none') return value.why !== 'matcher-tree';
  const { served, envoySecret } = value;
  const chain = served?.outcome === 'certificate' && served.isOther ? served.chain : (envoySecret?.chain ?? []);
  const isLate = lateWithin(withinMs, now);
  return envoySecret?.kind === 'ca' ? chain.length > 0 && chain.every(isLate) : chain.some(isLate);
}

/** Of hosts to which no client gets without a certificate: whether the CA that it is checked with ends. */
export function clientCaEndsWithin(
  { clientSecret, mode }: Partial<Pick<HostCertificate, 'clientSecret' | 'mode'>>,
  withinMs: number,
  now: Date,
): boolean {
  const chain = mode === 'MUTUAL' && clientSecret?.kind === 'ca' ? clientSecret.chain : [];
  return chain.length > 0 && chain.every(lateWithin(withinMs, now));
}

const lateWithin =
  (withinMs: number, now: Date) =>
  ({ notAfter, notBefore }: Certificate): boolean =>
    now.getTime() + withinMs > Date.parse(notAfter) || now.getTime() < Date.parse(notBefore);
