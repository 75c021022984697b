import { certificateFindings, unseenCertificates } from '#analysis/check/certificate-findings.ts';
import { defineCheck } from '#analysis/check/check.ts';

export default defineCheck({
  id: 'KII032',
  section: 'certificates',
  severity: 'error',
  name: 'certificate-wrong-host',
  title: 'every host gets a certificate that is for it',
  reason: 'Clients refuse the connection: to them somebody else answers.',
  remedy: "Name the host in the certificate, or give the Gateway's server the Secret that is for it.",
  needs: ['certificates'],
  perPod: true,
  find: ({ certificates }) => certificateFindings(certificates, ['not-covered', 'not-requested']),
  unjudged: ({ certificates }) => unseenCertificates(certificates),
});
