import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { judge } from '#analysis/certificates/certificate-problems.ts';
import { kubernetesProblems } from '#analysis/certificates/kubernetes-problems.ts';
import { stepText } from '#core/shell.ts';
import type { Served } from '#model/host-certificate.ts';
import {
  type CertManagerCertificate,
  compareWithSecret,
  type KubernetesCertificate,
  type SecretContent,
} from '#model/kubernetes-certificate.ts';
import { hostCertificate, intermediate, leaf, secret } from '../../support/builders/certificate.ts';
import { now } from '../../support/builders/fleet.ts';

const content = (changes: Partial<SecretContent> = {}): SecretContent => ({
  chain: [leaf(), intermediate],
  unreadable: undefined,
  keyProblem: undefined,
  authorities: [],
  changedAt: '2026-11-22T10:00:00Z',
  certificateName: undefined,
  ...changes,
});

const behind = (changes: Partial<KubernetesCertificate> = {}): KubernetesCertificate => ({
  namespace: 'istio-system',
  name: 'a',
  content: content(),
  issuedBy: undefined,
  ...changes,
});

const texts = (kubernetes: KubernetesCertificate, value = hostCertificate()): string[] =>
  kubernetesProblems(value, '2026-11-20T08:00:00.123Z', kubernetes, now).map(({ code, text }) => `${code}: ${text}`);

test('the same chain in the Secret is no problem', () => {
  assert.equal(texts(behind()), []);
  assert.is(compareWithSecret(hostCertificate(), behind()), 'same');
});

test('a renewed Secret that the pods do not hold says both, and since when', () => {
  const renewed = content({ chain: [leaf({ serial: '06', notAfter: '2027-06-01T00:00:00Z' }), intermediate] });
  assert.equal(texts(behind({ content: renewed })), [
    'secret-differs: Secret istio-system/a, changed 2026-11-22T10:00:00Z, holds serial 06 until 2027-06-01T00:00:00Z; the pods hold serial 1008A7 until 2027-01-22T00:00:00Z, loaded 2026-11-20T08:00:00Z',
  ]);
});

test('another intermediate is a difference too', () => {
  assert.is(compareWithSecret(hostCertificate(), behind({ content: content({ chain: [leaf()] }) })), 'differs');
});

const waiting = hostCertificate({
  outcome: 'none',
  why: 'not-loaded',
  waitsFor: 'kubernetes://a',
  envoySecret: undefined,
});

test('a Secret that is not there, cannot be used or was not delivered is the reason for what is not loaded', () => {
  assert.equal(texts(behind({ content: undefined }), waiting), [
    'secret-absent: Secret istio-system/a does not exist: the gateway takes it from its own namespace, not from svc1, where its Gateway is',
  ]);
  const beside = { ...waiting, gateway: { kind: 'Gateway', namespace: 'istio-system', name: 'main' } };
  assert.equal(texts(behind({ content: undefined }), beside), ['secret-absent: Secret istio-system/a does not exist']);
  assert.equal(texts(behind({ content: undefined })), [
    'secret-absent: Secret istio-system/a does not exist any more: pods lose the certificate when they restart',
  ]);
  assert.equal(texts(behind({ content: content({ chain: [], unreadable: 'it has no tls.crt' }) }), waiting), [
    'secret-unreadable: Secret istio-system/a, changed 2026-11-22T10:00:00Z, cannot be used: it has no tls.crt',
  ]);
  assert.equal(texts(behind(), waiting), [
    'secret-not-loaded: Secret istio-system/a, changed 2026-11-22T10:00:00Z, is there, and Envoy does not have it: istiod has not delivered it, or Envoy has rejected the update that it came with',
  ]);
  assert.is(compareWithSecret({ envoySecret: secret({ state: 'warming', chain: [] }) }, behind()), 'not-loaded');
});

const issuedBy: CertManagerCertificate = {
  namespace: 'istio-system',
  name: 'a',
  secretName: 'a',
  dnsNames: ['a.example'],
  commonName: undefined,
  isReady: true,
  reason: 'Ready',
  message: undefined,
  since: '2026-11-21T00:00:00Z',
  notAfter: undefined,
  renewalTime: '2026-12-01T00:00:00Z',
};

test('a Certificate that is not ready says since when and why; one that is, whether it is late', () => {
  assert.equal(texts(behind({ issuedBy })), []);
  assert.equal(
    texts(behind({ issuedBy: { ...issuedBy, isReady: false, reason: 'DoesNotExist', message: 'no issuer' } })),
    [
      'issuer-not-ready: cert-manager Certificate istio-system/a is not ready since 2026-11-21T00:00:00Z: DoesNotExist, no issuer',
    ],
  );
  assert.equal(texts(behind({ issuedBy: { ...issuedBy, isReady: false, reason: undefined, since: undefined } })), [
    'issuer-not-ready: cert-manager Certificate istio-system/a is not ready: it has no status',
  ]);
  assert.equal(texts(behind({ issuedBy: { ...issuedBy, renewalTime: '2026-11-20T00:00:00Z' } })), [
    'renewal-late: cert-manager Certificate istio-system/a should have been renewed on 2026-11-20T00:00:00Z',
  ]);
});

test('an attempt that failed or is going on is told, also of a Certificate that is ready still', () => {
  const failure = {
    at: '2026-11-22T09:00:00Z',
    attempts: 3,
    reason: 'Failed',
    message: 'The certificate request has failed to complete and will be retried: order is in "invalid" state',
  };
  const said = (changes: Partial<CertManagerCertificate>): string[] =>
    texts(behind({ issuedBy: { ...issuedBy, ...changes } })).map((text) =>
      text.replace(/^.* Certificate istio-.../, ''),
    );
  const failed = `the last attempt, at 2026-11-22T09:00:00Z, failed (3 in a row): Failed, ${failure.message}`;
  assert.match(said({ failure })[0] ?? '', `is ready as it is; ${failed}`);
  assert.match(said({ failure, isReady: false, reason: 'Expired' })[0] ?? '', `: Expired; ${failed}`);
  const again = {
    failure: { at: failure.at, attempts: 1, reason: undefined, message: undefined },
    issuingSince: 'now',
  };
  assert.match(
    said({ ...again, isReady: false })[0] ?? '',
    '; the last attempt, at 2026-11-22T09:00:00Z, failed; it is being issued since now',
  );
  assert.match(
    said({ renewalTime: '2026-11-20T00:00:00Z', issuingSince: '' })[0] ?? '',
    '20T00:00:00Z; it is being issued',
  );
  const [problem] = kubernetesProblems(
    hostCertificate(),
    undefined,
    behind({ issuedBy: { ...issuedBy, failure } }),
    now,
  );
  assert.equal(problem?.next.map(stepText), [
    'kubectl -n istio-system describe certificate a',
    'kubectl -n istio-system get certificaterequest,order,challenge -o wide',
  ]);
  assert.equal(said({ issuingSince: 'now' }), []);
  assert.match(said({ isOutdated: true })[0] ?? '', 'has been changed, and cert-manager has not said since');
});

test('a Secret that several Certificates fill, and one that its Certificate fills no more', () => {
  assert.match(
    texts(behind({ issuedBy, rivals: ['b'] }))[0] ?? '',
    'issuer-not-ready: cert-manager Certificates a, b of istio-system fill the same Secret a: each writes over',
  );
  assert.equal(texts(behind({ issuedBy: { ...issuedBy, secretName: 'new', isReady: false } })), [
    'renewal-late: cert-manager Certificate istio-system/a, which filled Secret istio-system/a, fills Secret new now: it does not renew this one any more',
  ]);
});

const got = (changes: Parameters<typeof leaf>[0] = {}): Served => ({
  outcome: 'certificate',
  chain: [leaf(changes)],
  protocol: 'TLSv1.3',
  alpn: 'h2',
});
const served = (
  value: Parameters<typeof hostCertificate>[0],
  others: readonly Parameters<typeof hostCertificate>[0][] = [],
): string[] =>
  judge(
    [value, ...others].map((one) => ({ value: hostCertificate(one), pods: ['p1'], loadedAt: {} })),
    { claims: [], authorities: [], namespace: 'istio-system', kubernetes: new Map(), now },
  )
    .slice(0, 1)
    .flatMap(({ problems }) => problems.map(({ code, severity }) => `${severity} ${code}`))
    .filter((text) => / (served|not)-/.test(text));

test('a handshake that gets what is held is no problem; of several keys any will do', () => {
  const rsa = { publicKey: 'RSA 2048' };
  assert.equal(served({ served: undefined }), []);
  assert.equal(served({ served: got() }), []);
  const other = { secret: 'kubernetes://a-rsa', envoySecret: secret({ chain: [leaf(rsa), intermediate] }) };
  assert.equal(served({ served: got(rsa) }, [other]), []);
});

test('a Secret whose key does not fit cannot be used; where it is not served, that says why', () => {
  const keyProblem = 'its key is not that of its certificate CN = a.example';
  const broken = behind({ content: content({ keyProblem }) });
  const [problem] = kubernetesProblems(hostCertificate(), undefined, broken, now);
  assert.is(problem?.text, `Secret istio-system/a, changed 2026-11-22T10:00:00Z, cannot be used: ${keyProblem}`);
  assert.equal(problem?.about, { kind: 'Secret', namespace: 'istio-system', name: 'a' });
  const doubts = [{ text: `of Secret istio-system/a ${keyProblem}`, isSure: true }];
  const [item] = judge(
    [{ value: hostCertificate({ served: got({ serial: '05' }) }), pods: ['p1'], loadedAt: {}, doubts }],
    { claims: [], authorities: [], namespace: 'istio-system', kubernetes: new Map([['kubernetes://a', broken]]), now },
  );
  assert.equal(
    item?.problems.filter(({ severity }) => severity === 'error').map(({ code }) => code),
    ['served-differs'],
  );
  assert.match(item?.problems[0]?.text ?? '', keyProblem);
});

test('a handshake that gets something else, or nothing, is one', () => {
  assert.equal(served({ served: got({ serial: '05' }) }), ['error served-differs']);
  assert.equal(served({ served: { outcome: 'closed', why: 'x' } }), ['error served-closed']);
  assert.equal(served({ served: { outcome: 'failed', why: 'x' } }), ['warning not-tried']);
});

test('where no certificate is expected, only one that comes is worth a word', () => {
  const none = { outcome: 'none', why: 'not-loaded', envoySecret: undefined } as const;
  assert.equal(served({ ...none, served: { outcome: 'closed', why: 'x' } }), []);
  assert.equal(served({ ...none, served: { outcome: 'failed', why: 'x' } }), []);
  assert.equal(served({ ...none, served: got() }), ['warning served-differs']);
});

test('what cannot be seen in the configuration is judged by what the handshake got', () => {
  assert.equal(served({ outcome: 'passthrough', envoySecret: undefined, served: got() }), []);
  assert.equal(served({ secret: 'inline', envoySecret: undefined, served: got() }), []);
});

test.run();
