import { certificateFindings } from '#analysis/check/certificate-findings.ts';
import { defineCheck } from '#analysis/check/check.ts';

export default defineCheck({
  id: 'KII035',
  section: 'certificates',
  severity: 'error',
  name: 'secret-newer',
  title: 'pods have loaded what the Secrets hold',
  reason: 'A renewed certificate has not reached the pods: they will go on with the old one until it expires.',
  remedy: "Is the pod connected and in sync? If it is, read istiod's log for the name of the Secret.",
  avoid: 'Do not delete the Secret to force it: pods would lose what they have at the next restart.',
  needs: ['certificates', 'secrets'],
  perPod: true,
  find: ({ certificates }) => certificateFindings(certificates, ['secret-differs']),
});
