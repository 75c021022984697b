import { certificateFindings } from '#analysis/check/certificate-findings.ts';
import { defineCheck } from '#analysis/check/check.ts';
import type { HostCertificateItem, ProblemCode } from '#model/host-certificate.ts';

const causes: readonly ProblemCode[] = ['secret-absent', 'secret-unreadable', 'secret-unusable', 'secret-not-loaded'];

/** Puts the state of the Secret into the same sentence. */
function withCause(item: HostCertificateItem): HostCertificateItem {
  const cause = item.problems.find(({ code }) => causes.includes(code));
  if (!cause) return item;
  return {
    ...item,
    problems: item.problems.map((one) =>
      one.code === 'not-loaded' ? { ...one, text: `${one.text}. ${cause.text}` } : one,
    ),
  };
}

/** A fresh pod is no better off than one that is there. */
const avoidFor = {
  'not-served': 'Do not restart the gateway: a fresh pod gets the same listeners, or none.',
  unreadable: 'Do not restart the gateway: a fresh pod gets the same Secret.',
} as const;

const waitsForSecret = ({ problems }: HostCertificateItem): boolean =>
  !problems.some(({ code }) => code === 'secret-unusable' || code === 'secret-unreadable');

export default defineCheck({
  id: 'KII033',
  section: 'certificates',
  severity: 'error',
  name: 'certificate-missing',
  title: 'every host has its certificate loaded',
  reason: 'Envoy closes each connection to the host before a certificate is sent.',
  remedy: "Create the Secret in the gateway's own namespace with tls.crt and tls.key, or correct credentialName.",
  avoid: 'Do not restart the gateway: it takes the Secret as soon as it is there.',
  needs: ['certificates'],
  perPod: true,
  find: ({ certificates }) => [
    ...certificateFindings(certificates.filter(waitsForSecret).map(withCause), ['not-loaded']),
    ...certificateFindings(certificates.filter((item) => !waitsForSecret(item)).map(withCause), ['not-loaded']).map(
      (found) => ({ ...found, avoid: 'Do not restart the gateway: a fresh pod waits for the same Secret.' }),
    ),
    ...(['not-served', 'unreadable'] as const).flatMap((code) =>
      certificateFindings(certificates, [code]).map((found) => ({ ...found, avoid: avoidFor[code] })),
    ),
  ],
});
