import { generateKeyPairSync } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCertificateBundles } from '#dump/certificate-bundles.ts';
import { intermediate, leaf, root } from '../support/certificates.ts';

const element = (name: string, secret: object) => ({
  '@type': 'type.googleapis.com/envoy.admin.v3.SecretsConfigDump.DynamicSecret',
  name,
  secret: { name, ...secret },
});

const bytes = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const read = (...elements: readonly object[]) => Object.fromEntries(readCertificateBundles({ configs: elements }));

test('reads chains and CAs, each certificate a block of its own', () => {
  const chain = element('kubernetes://a', {
    tls_certificate: { certificate_chain: { inline_bytes: bytes(`some text\n${leaf}${intermediate}`) } },
  });
  const ca = element('ROOTCA', { validation_context: { trusted_ca: { inline_string: root } } });
  assert.equal(read(chain, ca), { 'kubernetes://a': [leaf, intermediate], ROOTCA: [root] });
});

test('writes DER as PEM', () => {
  const der = Buffer.from(leaf.replace(/-----[^-]+-----/g, ''), 'base64');
  assert.equal(read(element('a', { tls_certificate: { certificate_chain: { inline_bytes: bytes(der) } } })), {
    a: [leaf],
  });
});

test('a private key in a bundle does not come through', () => {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
  const both = element('a', {
    tls_certificate: {
      certificate_chain: { inline_bytes: bytes(key + leaf) },
      private_key: { inline_bytes: bytes(key) },
    },
  });
  assert.equal(read(both), { a: [leaf] });
});

test('leaves out what holds no certificate', () => {
  const junk = element('junk', { tls_certificate: { certificate_chain: { inline_bytes: bytes('junk') } } });
  const file = element('file', { tls_certificate: { certificate_chain: { filename: '/etc/tls.crt' } } });
  assert.equal(read(junk, file, element('warming', {})), {});
});

test.run();
