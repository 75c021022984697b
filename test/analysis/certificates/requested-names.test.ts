import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { judge } from '#analysis/certificates/certificate-problems.ts';
import { requestProblems } from '#analysis/certificates/requested-names.ts';
import type { HostCertificate } from '#model/host-certificate.ts';
import type { CertManagerCertificate, KubernetesCertificate } from '#model/kubernetes-certificate.ts';
import { hostCertificate, intermediate, leaf, secret } from '../../support/builders/certificate.ts';
import { now } from '../../support/builders/fleet.ts';

const asking = (changes: Partial<CertManagerCertificate> = {}): KubernetesCertificate => ({
  namespace: 'istio-system',
  name: 'a',
  content: undefined,
  issuedBy: {
    namespace: 'istio-system',
    name: 'asked',
    secretName: 'a',
    dnsNames: ['b.example'],
    commonName: undefined,
    isReady: false,
    reason: undefined,
    message: undefined,
    since: undefined,
    notAfter: undefined,
    renewalTime: '2026-12-01T00:00:00Z',
    ...changes,
  },
});

const loaded = hostCertificate({ envoySecret: secret({ chain: [leaf(), intermediate] }) });
const waiting = hostCertificate({
  outcome: 'none',
  why: 'not-loaded',
  waitsFor: 'kubernetes://a',
  secret: 'kubernetes://a',
  envoySecret: undefined,
});

const found = (value: HostCertificate, kubernetes: KubernetesCertificate): string[] =>
  requestProblems(value, kubernetes).map(({ severity, text }) => `${severity}: ${text}`);

test('a host that the Certificate does not ask for is lost with the next renewal', () => {
  assert.equal(found(loaded, asking()), [
    'warning: cert-manager Certificate istio-system/asked does not ask for it, so the next renewal, due on 2026-12-01T00:00:00Z, takes it out of the certificate; its dnsNames: b.example',
  ]);
  assert.equal(found(loaded, asking({ dnsNames: ['*.example'] })), []);
  assert.equal(found(loaded, asking({ commonName: 'A.example' })), []);
  assert.equal(found(loaded, asking({ commonName: '*.example' })), []);
  const other = { ...loaded, envoySecret: secret({ chain: [leaf({ dnsNames: ['c.example'] })] }) };
  assert.equal(found(other, asking()), []);
  assert.equal(found({ ...loaded, host: '*' }, asking()), []);
});

test('it is an error before there is a Secret', () => {
  assert.equal(found(waiting, asking({ dnsNames: [] })), [
    'error: cert-manager Certificate istio-system/asked does not ask for it, so clients will refuse the certificate; its dnsNames: none',
  ]);
  assert.equal(found(waiting, asking({ dnsNames: ['a.example'] })), []);
});

const judged = (value: HostCertificate, kubernetes: KubernetesCertificate): string[] =>
  judge([{ value, pods: ['p'], loadedAt: {} }], {
    claims: [],
    authorities: [],
    namespace: 'istio-system',
    kubernetes: new Map([['kubernetes://a', kubernetes]]),
    now,
  }).flatMap(({ problems }) => problems.map(({ code }) => code));

test('of a Certificate that is previewed nothing counts but what it asks for', () => {
  const given = { isGiven: true } as const;
  assert.equal(judged(waiting, asking({ dnsNames: ['a.example'] })), [
    'not-loaded',
    'secret-absent',
    'issuer-not-ready',
  ]);
  assert.equal(judged(waiting, asking({ dnsNames: ['a.example'], ...given })), []);
  assert.equal(judged(waiting, asking(given)), ['not-requested']);
  const refused = {
    ...loaded,
    secret: 'kubernetes://a',
    envoySecret: secret({ chain: [leaf({ dnsNames: ['c.example'], notAfter: '2026-01-01T00:00:00Z' })] }),
  };
  assert.equal(judged(refused, asking({ dnsNames: ['a.example'], ...given })), []);
  assert.equal(
    judged({ ...waiting, waitsFor: 'kubernetes://a-cacert' }, asking({ dnsNames: ['a.example'], ...given })),
    ['not-loaded'],
  );
});

test.run();
