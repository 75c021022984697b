import { certificateFindings } from '#analysis/check/certificate-findings.ts';
import { defineCheck } from '#analysis/check/check.ts';

export default defineCheck({
  id: 'KII059',
  section: 'certificates',
  severity: 'warning',
  name: 'client-certificate-http3',
  title: 'hosts that require a client certificate require it over HTTP/3 too',
  reason:
    'Clients without a certificate get in over QUIC. istiod requires none there, whatever the TLS mode of the server: up to 1.39 Envoy knew no other way.',
  remedy:
    "Take the UDP port off the gateway's Service, and istiod makes no listener for QUIC; or require the identity of the client in an AuthorizationPolicy.",
  needs: ['certificates'],
  perPod: true,
  find: ({ certificates }) => certificateFindings(certificates, ['open-over-http3']),
});
