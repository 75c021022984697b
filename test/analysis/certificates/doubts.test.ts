import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { doubtsOfHost } from '#analysis/certificates/doubts.ts';
import type { Certificate } from '#model/certificate.ts';
import type { KubernetesCertificate } from '#model/kubernetes-certificate.ts';
import { doubtsOfSecret } from '#model/secret-doubts.ts';
import { hostCertificate, intermediate, leaf, secret } from '../../support/builders/certificate.ts';

const updated = '2026-11-23T12:06:22.313Z';
const textsOf = (chain: readonly Certificate[], lastUpdated: string = updated): readonly string[] =>
  doubtsOfSecret(secret({ chain }), lastUpdated).map(({ text }) => text);

test('nothing speaks against a leaf with its authorities that came before it was last updated', () => {
  assert.equal(textsOf([leaf(), intermediate]), []);
  assert.equal(textsOf([leaf()]), []);
  assert.equal(textsOf([leaf({ notBefore: '2026-11-23T12:06:20Z' })]), []);
});

test('Envoy takes the first certificate for the one that the key belongs to', () => {
  assert.match(
    textsOf([intermediate, leaf()]).join(),
    /^CN = a.example stands second in the chain, after the CA CN = inter/,
  );
  assert.match(textsOf([leaf(), leaf({ serial: '05' })]).join(), /which is no CA, stands second in the chain$/);
  assert.match(
    textsOf([leaf({ isCa: true, dnsNames: [] }), intermediate]).join(),
    /^the first certificate of the chain is a CA/,
  );
});

test('what was signed after the last update that Envoy has taken came with a later one', () => {
  const young = leaf({ notBefore: '2026-11-24T00:00:00Z' });
  assert.match(textsOf([young]).join(), /signed at 2026-11-24T00:00:00Z, after .* has taken, at 2026-11-23T12:06:22Z$/);
  assert.equal(doubtsOfSecret(secret({ chain: [young] }), undefined), []);
});

const behind = (changes: Partial<NonNullable<KubernetesCertificate['content']>> = {}): KubernetesCertificate => ({
  namespace: 'istio-system',
  name: 'a',
  content: {
    chain: [leaf(), intermediate],
    unreadable: undefined,
    keyProblem: undefined,
    authorities: [],
    changedAt: '2026-11-22T10:00:00Z',
    certificateName: undefined,
    ...changes,
  },
  issuedBy: undefined,
});

test('a Secret speaks against it where its key does not fit, or it was changed later and has the same content', () => {
  const doubts = (changes: Parameters<typeof behind>[0], value = hostCertificate()): readonly unknown[] =>
    doubtsOfHost(value, updated, behind(changes)).map(({ text, isSure }) => [isSure, text]);
  assert.equal(doubts({}), []);
  assert.equal(doubts({ keyProblem: 'its key is another' }), [[true, 'of Secret istio-system/a its key is another']]);
  assert.match(String(doubts({ changedAt: '2026-11-24T00:00:00Z' })), /^false,Secret istio-system.a was changed at/);
  assert.equal(doubts({ changedAt: '2026-11-24T00:00:00Z', chain: [leaf({ serial: '05', fingerprint: '05' })] }), []);
});

test('a key that Envoy refuses is a sure one', () => {
  const value = hostCertificate({ envoySecret: secret({ chain: [leaf({ publicKey: 'EC secp256k1' })] }) });
  assert.equal(doubtsOfHost(value, updated, undefined), [
    { text: 'its key is EC secp256k1, and of curves Envoy takes P-256, P-384 and P-521', isSure: true },
  ]);
});

test('there are none of what ends no TLS, and of a CA that is alone where it is for the host', () => {
  const alone = (dnsNames: readonly string[]) =>
    hostCertificate({ envoySecret: secret({ chain: [leaf({ isCa: true, dnsNames })] }) });
  assert.equal(doubtsOfHost(alone(['a.example']), updated, undefined), []);
  assert.is(doubtsOfHost(alone([]), updated, undefined).length, 1);
  assert.equal(doubtsOfHost({ ...alone([]), outcome: 'passthrough' }, updated, undefined), []);
});

test.run();
