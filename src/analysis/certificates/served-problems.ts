// What a handshake through the pods got, against what they hold.

import type { CertificateProblem, HostCertificate } from '#model/host-certificate.ts';

/**
 * `leaves`: fingerprints of all leaves that the same pods hold for the place; a listener may have one for each kind of
 * key.
 */
export function servedProblems(
  { outcome, served, envoySecret, secret }: HostCertificate,
  leaves: readonly string[],
): CertificateProblem[] {
  if (served === undefined) return [];
  const next: readonly string[] = [];
  if (!('chain' in served)) {
    // That there is none is said already.
    if (outcome === 'none') return [];
    if (served.outcome === 'failed')
      return [{ code: 'not-tried', severity: 'warning', text: `no handshake could be made: ${served.why}`, next }];
    return [
      { code: 'served-closed', severity: 'error', text: `a handshake ends without a certificate: ${served.why}`, next },
    ];
  }
  const [leaf] = served.chain;
  if (!leaf) return [];
  const got = `a handshake gets serial ${leaf.serial} (${leaf.subject}, until ${leaf.notAfter})`;
  if (outcome === 'none') return [{ code: 'served-differs', severity: 'warning', text: `${got} all the same`, next }];
  if (
    outcome === 'passthrough' ||
    envoySecret === undefined ||
    envoySecret.chain.length === 0 ||
    leaves.includes(leaf.fingerprint)
  )
    return [];
  return [
    {
      code: 'served-differs',
      severity: 'error',
      text: `${got} and not serial ${envoySecret.chain[0]?.serial} of ${secret}, which is loaded`,
      next,
    },
  ];
}
