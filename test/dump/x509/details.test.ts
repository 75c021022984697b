// A certificate in full, against the real openssl where there is one; its text without the spaces that OpenSSL leaves
// at the ends of lines, and with the `O=x` that it writes from 3.2 on as `O = x`.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCertificateDetails } from '#dump/x509/details.ts';
import { terminalText } from '#render/format/terminal.ts';
import { renderCertificateText } from '#render/words/certificate-text.ts';
import { intermediate, leaf, odd, root, rsaLeaf, zeroSerial } from '../../support/certificates.ts';
import { golden } from '../../support/golden.ts';

const ours = (pem: string): string => terminalText(renderCertificateText(readCertificateDetails(pem)));

test('prints an elliptic curve certificate as openssl does', () => {
  golden('dump/x509-details/leaf.txt', ours(leaf));
});

test('prints an RSA certificate as openssl does', () => {
  golden('dump/x509-details/rsa.txt', ours(rsaLeaf));
});

const hasOpenssl = /^OpenSSL 3/.test(spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '');

function openssl(pem: string): string {
  const text = execFileSync('openssl', ['x509', '-noout', '-text'], { input: pem, encoding: 'utf8' });
  return text
    .replace(/ +$/gm, '')
    .replace(
      /^( +(?:Issuer|Subject): )(.*)$/gm,
      (_, head: string, name: string) => head + name.replace(/(^|, | \+ )([A-Za-z]+)=/g, '$1$2 = '),
    );
}

const extensions = `
basicConstraints=critical,CA:true,pathlen:1
keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign,cRLSign
extendedKeyUsage=serverAuth,clientAuth,1.2.3.4.5,OCSPSigning
subjectAltName=DNS:a.example,DNS:*.b.example,IP:10.0.0.1,IP:2001:db8::1,URI:spiffe://x/y,email:a@b.c,RID:1.2.3.4,dirName:dn,otherName:1.2.3.4;UTF8:some
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid,issuer:always
crlDistributionPoints=URI:http://crl.example/a.crl,URI:http://crl2.example/b.crl
authorityInfoAccess=OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/x.crt
certificatePolicies=2.23.140.1.2.1,@pol
1.2.3.4.5.6=ASN1:UTF8String:hello world
tlsfeature=status_request
nameConstraints=permitted;DNS:.example,excluded;IP:10.0.0.0/255.0.0.0
[pol]
policyIdentifier=1.3.5.8
CPS.1="http://cps.example/"
[dn]
C=DE
O=Inner, Org
CN=inner
[req]
distinguished_name=none
[none]
`;

/** The key is thrown away with the directory. */
function made(key: readonly string[], subject: string, more: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'kii-x509-'));
  try {
    writeFileSync(join(directory, 'c.cnf'), `[v]${extensions}`);
    const files = [
      '-keyout',
      join(directory, 'key'),
      '-out',
      join(directory, 'crt'),
      '-config',
      join(directory, 'c.cnf'),
    ];
    execFileSync(
      'openssl',
      ['req', '-x509', '-nodes', '-utf8', '-newkey', ...key, '-subj', subject, ...files, ...more],
      { stdio: 'ignore' },
    );
    return readFileSync(join(directory, 'crt'), 'utf8');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (hasOpenssl) {
  const fixtures = { leaf, rsaLeaf, intermediate, root, odd, zeroSerial };
  for (const [name, pem] of Object.entries(fixtures))
    test(`the text of ${name} is that of openssl`, () => assert.is(ours(pem), openssl(pem)));

  test('the text of every kind of extension and name is that of openssl', () => {
    const pem = made(['rsa:2048'], '/C=DE/O=Odd, Inc.+OU=x/CN=Zoë "q" \\\\ b/emailAddress=a@b.c', ['-extensions', 'v']);
    assert.is(ours(pem), openssl(pem));
  });

  test('the text of other keys and serial numbers is that of openssl', () => {
    for (const key of [['ed25519'], ['ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1'], ['rsa:1024']]) {
      for (const serial of ['0x8000000000000001', '0x7fffffffffffffff', '0x00ff']) {
        const pem = made(key, '/CN= lead#', ['-set_serial', serial]);
        assert.is(ours(pem), openssl(pem), `${key[0]} ${serial}`);
      }
    }
  });
}

test.run();
