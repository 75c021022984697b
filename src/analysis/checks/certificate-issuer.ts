import { certificateFindings } from '#analysis/check/certificate-findings.ts';
import { defineCheck } from '#analysis/check/check.ts';

export default defineCheck({
  id: 'KII036',
  section: 'certificates',
  severity: 'error',
  name: 'certificate-issuer',
  title: 'cert-manager renews every certificate in time',
  reason: 'The certificate will expire, or has.',
  remedy: 'Describe the Certificate, then its CertificateRequest, Order and Challenge.',
  needs: ['certificates', 'secrets'],
  perPod: true,
  find: ({ certificates }) => certificateFindings(certificates, ['issuer-not-ready', 'renewal-late']),
});
