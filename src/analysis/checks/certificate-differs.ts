import { certificateFindings } from '#analysis/check/certificate-findings.ts';
import { defineCheck } from '#analysis/check/check.ts';

export default defineCheck({
  id: 'KII038',
  section: 'certificates',
  severity: 'error',
  name: 'certificate-differs',
  title: 'all pods have the same certificate for each host',
  reason: 'Clients get one or the other, depending on the pod.',
  remedy: 'See which pod is behind, and why.',
  needs: ['certificates'],
  perPod: true,
  find: ({ certificates }) => certificateFindings(certificates, ['pods-differ']),
});
