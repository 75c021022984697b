import { certificateFindings } from '#analysis/check/certificate-findings.ts';
import { defineCheck } from '#analysis/check/check.ts';

export default defineCheck({
  id: 'KII044',
  section: 'certificates',
  severity: 'error',
  name: 'certificate-served',
  title: 'hosts of which there are doubts are served what Envoy holds',
  reason: 'Where Envoy rejects a Secret it goes on with what it had before; its dump has the new content all the same.',
  remedy:
    "Write a key and a certificate that belong together into the Secret, the host's own certificate first. Envoy takes them at once.",
  avoid: 'Do not restart the gateway before that: a fresh pod has no earlier certificate to go on with.',
  needs: ['certificates'],
  perPod: true,
  find: ({ certificates }) => certificateFindings(certificates, ['served-differs', 'served-closed', 'not-judged']),
});
