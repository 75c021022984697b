import { certificateFindings } from '#analysis/check/certificate-findings.ts';
import { defineCheck } from '#analysis/check/check.ts';

export default defineCheck({
  id: 'KII034',
  section: 'certificates',
  severity: 'error',
  name: 'secret-missing',
  title: 'the Secret of every certificate is there and can be used',
  reason: 'What is loaded is lost at the next restart of a pod.',
  remedy: 'Restore the Secret; with cert-manager, its Certificate makes it again.',
  avoid: 'Do not restart the gateway meanwhile: it goes on with what it has.',
  needs: ['certificates', 'secrets'],
  perPod: true,
  find: ({ certificates }) =>
    certificateFindings(
      // Without a certificate loaded, certificate-missing says it.
      certificates.filter(({ value }) => value.outcome !== 'none'),
      ['secret-absent', 'secret-unreadable', 'secret-unusable'],
    ),
});
