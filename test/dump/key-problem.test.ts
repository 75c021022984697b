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

test('what cannot be read or is not there says nothing', () => {
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
