// What a cert-manager Certificate asks for, held against the host: told before there is a Secret, and before a renewal.

import { step } from '#core/shell.ts';
import { coversHost } from '#model/certificate.ts';
import type { CertificateProblem, HostCertificate } from '#model/host-certificate.ts';
import { asksFor, fills, type KubernetesCertificate } from '#model/kubernetes-certificate.ts';

/** A Certificate that is only previewed asks for other names than what is loaded has, so that goes. */
export function isReplaced({ envoySecret }: HostCertificate, { issuedBy }: KubernetesCertificate): boolean {
  if (issuedBy?.isGiven !== true) return false;
  const [leaf] = envoySecret?.chain ?? [];
  return leaf === undefined || sorted(leaf.dnsNames) !== sorted(issuedBy.dnsNames);
}

const sorted = (names: readonly string[]): string =>
  names
    .map((name) => name.toLowerCase())
    .sort()
    .join();

/** Where what is loaded is not for the host either, that is said already. */
export function requestProblems(value: HostCertificate, kubernetes: KubernetesCertificate): CertificateProblem[] {
  const { host, envoySecret } = value;
  const { issuedBy } = kubernetes;
  if (issuedBy === undefined || !fills(issuedBy, kubernetes) || envoySecret?.isWithheld) return [];
  if (host === undefined || host === '*' || asksFor(issuedBy, host)) return [];
  const { namespace, name, dnsNames, renewalTime } = issuedBy;
  const [leaf] = isReplaced(value, kubernetes) ? [] : (envoySecret?.chain ?? []);
  if (leaf && !leaf.dnsNames.some((pattern) => coversHost(pattern, host))) return [];
  const asked = `cert-manager Certificate ${namespace}/${name} does not ask for it`;
  const then = leaf
    ? `the next renewal${renewalTime === undefined ? '' : `, due on ${renewalTime},`} takes it out of the certificate`
    : 'clients will refuse the certificate';
  return [
    {
      code: 'not-requested',
      severity: leaf ? 'warning' : 'error',
      text: `${asked}, so ${then}; its dnsNames: ${dnsNames.join(', ') || 'none'}`,
      about: { kind: 'Certificate', namespace, name },
      next: issuedBy.isGiven ? [] : [step`kubectl -n ${namespace} get certificate ${name} -o yaml`],
    },
  ];
}
