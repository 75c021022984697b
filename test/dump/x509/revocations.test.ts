import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readSecrets } from '#dump/secrets.ts';
import { readRevocationLists } from '#dump/x509/revocations.ts';
import { root } from '../../support/certificates.ts';
import { any, section } from '../../support/dump.ts';

/** Made by openssl ca -gencrl; its key was thrown away. */
const list = `-----BEGIN X509 CRL-----
MIGrMFMCAQEwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJVGVzdCBSb290Fw0yNTAx
MDEwMDAwMDBaFw0yNTAyMDEwMDAwMDBaoA4wDDAKBgNVHRQEAwIBATAKBggqhkjO
PQQDAgNIADBFAiBZ/PzUzs7KuHGSJ1TPpc0hqIpwpv/tdGkI/XeaxKuGqQIhAPVJ
rJGWtTWCX79xdKbI/5TlRIA7GEFcO8neyQx007ct
-----END X509 CRL-----
`;

test('reads whose list it is, and until when it is in force', () => {
  assert.equal(readRevocationLists(`# a list\n${list}`), [
    { issuer: ['2.5.4.3=test root'], nextUpdate: '2025-02-01T00:00:00Z' },
  ]);
  assert.equal(readRevocationLists('junk'), []);
  assert.equal(readRevocationLists(list.replaceAll('X509 CRL', 'CERTIFICATE')), []);
  assert.equal(readRevocationLists(list.replace(/\nMI[^-]+/, '\nMAA=\n')), []);
});

test("a CA's secret has the lists beside it and in one text with it, or says that none can be read", () => {
  const lists = (validation: object): unknown => {
    const secret = any('extensions.transport_sockets.tls.v3.Secret', { name: 'a', validation_context: validation });
    return readSecrets(section('Secrets', { dynamic_active_secrets: [{ name: 'a', secret }] }))[0]?.revocations?.length;
  };
  const ca = { inline_bytes: Buffer.from(root).toString('base64') };
  assert.is(lists({ trusted_ca: ca }), undefined);
  assert.is(lists({ trusted_ca: ca, crl: { inline_string: list } }), 1);
  assert.is(lists({ trusted_ca: { inline_string: root + list } }), 1);
  assert.is(lists({ trusted_ca: ca, crl: { inline_string: 'junk' } }), 0);
});

test.run();
