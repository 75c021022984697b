import { certificateFindings, unseenCertificates } from '#analysis/check/certificate-findings.ts';
import { defineCheck } from '#analysis/check/check.ts';

export default defineCheck({
  id: 'KII037',
  section: 'certificates',
  severity: 'error',
  name: 'certificate-chain',
  title: 'chains are whole and in order, keys and signatures strong enough',
  reason: 'Some clients refuse what browsers accept: they do not look for missing certificates themselves.',
  remedy: 'Put the leaf first and each certificate after the one that it signed; leave the root out.',
  needs: ['certificates'],
  perPod: true,
  find: ({ certificates }) =>
    certificateFindings(certificates, [
      'chain-incomplete',
      'chain-out-of-order',
      'chain-unrelated',
      'chain-duplicate',
      'chain-refused',
      'key-usage',
      'weak-key',
      'weak-signature',
    ]),
  unjudged: ({ certificates }) => unseenCertificates(certificates),
});
