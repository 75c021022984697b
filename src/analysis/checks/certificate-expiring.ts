import { certificateFindings, unseenCertificates } from '#analysis/check/certificate-findings.ts';
import { defineCheck } from '#analysis/check/check.ts';

export default defineCheck({
  id: 'KII031',
  section: 'certificates',
  severity: 'warning',
  name: 'certificate-expiring',
  title: 'no certificate ends soon',
  reason: 'Something that renews certificates should have done so already.',
  remedy: 'See what renews it: with cert-manager, describe the Certificate.',
  needs: ['certificates'],
  perPod: true,
  find: ({ certificates }) => certificateFindings(certificates, ['expiring', 'authority-ends-first']),
  unjudged: ({ certificates }) => unseenCertificates(certificates),
});
