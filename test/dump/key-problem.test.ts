import { generateKeyPairSync, type KeyExportOptions, type KeyObject } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mintCertificate } from '#apiserver/certificate.ts';
import { keyProblem } from '#dump/key-problem.ts';
import { readKubernetesSecret } from '#dump/kubernetes-secret.ts';
import { readCertificates } from '#dump/x509/certificate.ts';
import type { Certificate } from '#model/certificate.ts';

const own = mintCertificate(new Date());
const other = mintCertificate(new Date());
const chainOf = (...pems: readonly string[]) => readCertificates(Buffer.from(pems.join(''))).chain;
const problem = (key: string, ...pems: readonly string[]): string | undefined =>
  keyProblem(Buffer.from(key), chainOf(...pems));

test('the key of the first certificate is none', () => {
  assert.is(problem(own.key, own.certificate), undefined);
  assert.is(problem(own.key, own.certificate, other.certificate), undefined);
});

test('says how a key does not fit: it is of another certificate, of one that stands behind, of another kind', () => {
  assert.match(problem(other.key, own.certificate) ?? '', /^its key is not that of its certificate /);
  assert.match(problem(other.key, own.certificate, other.certificate) ?? '', /that of certificate 2 in the chain/);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  assert.match(problem(pem, own.certificate) ?? '', /^its key is of kind RSA and its certificate .* is for EC P-256$/);
});

test('keys of every layout belong to the certificate with their public half, and to no other', () => {
  const template = chainOf(own.certificate)[0] as Certificate;
  const kinds = [
    ...(['pkcs1', 'pkcs8'] as const).map(
      (type) => [generateKeyPairSync('rsa', { modulusLength: 2048 }), type] as const,
    ),
    ...(['sec1', 'pkcs8'] as const).map((type) => [generateKeyPairSync('ec', { namedCurve: 'P-384' }), type] as const),
    [generateKeyPairSync('ed25519'), 'pkcs8'] as const,
  ];
  const of = ({ publicKey }: { readonly publicKey: KeyObject }): Certificate =>
    ({
      ...template,
      publicKey: template.publicKey,
      use: { ...template.use, publicKey: publicKey.export({ type: 'spki', format: 'der' }) },
    }) as Certificate;
  for (const [pair, type] of kinds) {
    const pem = Buffer.from(pair.privateKey.export({ type, format: 'pem' } as KeyExportOptions<'pem'>));
    const name = `${pair.privateKey.asymmetricKeyType} ${type}`;
    assert.is(keyProblem(pem, [of(pair)]), undefined, name);
    for (const [other] of kinds)
      if (other.publicKey !== pair.publicKey) assert.match(keyProblem(pem, [of(other)]) ?? '', /^its key is /, name);
  }
});

/** An Envoy 1.40 has refused each of them. */
for (const [what, key, said] of [
  ['a byte order mark', `\xef\xbb\xbf${own.key}`, /^its key cannot be read: PRIVATE KEY: a byte order mark stands/],
  ['blanks before its first line', ` ${own.key}`, /blanks stand before it$/],
  ['another key behind it on its last line', own.key.trimEnd() + other.key, /next block begins on its last line$/],
  ['a certificate before it on its first line', own.certificate.trimEnd() + own.key, /^its key cannot be read: CERT/],
  ['one line', own.key.replaceAll('\n', ' '), /something follows on its first line$/],
  [
    'parameters before it that are no base64',
    `-----BEGIN A-----\n!\n-----END A-----\n${own.key}`,
    /A: it is no base64$/,
  ],
  ['no end', own.key.slice(0, 100), /it has no end$/],
  ['no key', own.certificate, /^its key cannot be read: of PEM it has only CERTIFICATE$/],
  ['no PEM', 'junk', /^its key cannot be read: it is no PEM$/],
  ['nothing in it', own.key.replace(/\n[^-]+\n/, '\nAAAA\n'), /PRIVATE KEY with nothing in it that is one$/],
  ['another layout', own.key.replaceAll('PRIVATE', 'OPENSSH PRIVATE'), /it has only OPENSSH PRIVATE KEY$/],
  ['a passphrase', own.key.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE'), /^its key is encrypted, and istiod hands no/],
] as const)
  test(`a key that Envoy cannot read is told: ${what}`, () =>
    assert.match(keyProblem(Buffer.from(key, 'latin1'), chainOf(own.certificate)) ?? '', said));

test('a key is taken as Envoy takes it: behind other blocks, with CR LF, before a second one', () => {
  const crLf = own.key.replaceAll('\n', '\r\n');
  const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
  for (const key of [own.certificate + own.key, parameters + own.key, crLf, own.key + other.key])
    assert.is(problem(key, own.certificate), undefined);
});

test('what was taken out or is not there says nothing', () => {
  assert.is(problem('<redacted>', own.certificate), undefined);
  assert.is(problem(own.key), undefined);
});

test('of a Secret the field that goes with the chain is compared, and nothing of the key is kept', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const read = (data: Readonly<Record<string, string>>) => readKubernetesSecret({ metadata: { name: 'a' }, data });
  const fitting = { 'tls.crt': base64(own.certificate), 'tls.key': base64(own.key) };
  assert.is(read(fitting).keyProblem, undefined);
  const generic = read({ cert: base64(own.certificate), key: base64(other.key) });
  assert.match(generic.keyProblem ?? '', 'its key is not that of');
  assert.not.match(JSON.stringify(generic), base64(other.key).slice(40, 80));
});

test.run();
