import { certificateFindings, unseenCertificates } from '#analysis/check/certificate-findings.ts';
import { defineCheck } from '#analysis/check/check.ts';

export default defineCheck({
  id: 'KII030',
  section: 'certificates',
  severity: 'error',
  name: 'certificate-expired',
  title: 'no certificate has expired or is not valid yet',
  reason: 'Clients refuse the connection.',
  remedy: 'Renew it; where cert-manager does that, its Certificate says why it has not.',
  avoid: 'Do not restart the gateway: it loads a new certificate by itself, within seconds.',
  needs: ['certificates'],
  perPod: true,
  find: ({ certificates }) => certificateFindings(certificates, ['expired', 'not-yet-valid', 'revocations']),
  unjudged: ({ certificates }) => unseenCertificates(certificates),
});
