// Each row was read in istio's validation.go.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refusedServers } from '#analysis/translate/refused-servers.ts';
import { object } from '../../support/builders/facts.ts';

const server = (changes: object, protocol = 'HTTPS'): object => ({
  port: { number: 443, name: 'https', protocol },
  hosts: ['a.example'],
  tls: { mode: 'SIMPLE', credentialName: 'a' },
  ...changes,
});
const said = (...servers: readonly object[]): string[] =>
  refusedServers(object('Gateway', 'a/a', { servers })).map(({ path, says }) => `${path.slice(2).join('.')} ${says}`);
const tls = (settings: object) => server({ tls: settings });

test("what istiod's webhook refuses", () => {
  assert.equal(said(), [' is empty']);
  assert.equal(said(server({ hosts: [] })), ['0.hosts is empty']);
  for (const host of [
    'https://a.example/',
    'a.example:443',
    'a.*.example',
    'short',
    'a_b.example',
    '*./a.example',
    '*-x.example',
    '::1',
    '',
  ])
    assert.equal(said(server({ hosts: [host] })), [
      `0.hosts.0 is "${host}", no full name of a host, nor NAMESPACE/HOST`,
    ]);
  assert.equal(said(server({}, 'SSL')), ['0.port.protocol is "SSL", no protocol that Istio knows']);
  assert.equal(said(server({}), server({ hosts: ['b.example'] })), [
    '1.port.name is "https", as of another server of it',
  ]);
  assert.equal(said(server({ tls: undefined })), ['0.tls is missing, and HTTPS wants it']);
  for (const protocol of ['HTTP', 'TCP', 'http'])
    assert.equal(said(server({}, protocol)), [`0.tls is for HTTPS and TLS, not for ${protocol.toUpperCase()}`]);
  const none = 'no credentialName, nor a certificate with its key in files';
  assert.equal(said(tls({ mode: 'SIMPLE' })), [`0.tls has ${none}, and mode SIMPLE wants one`]);
  assert.equal(said(tls({ mode: 'SIMPLE', credentialName: '', serverCertificate: '/c' })), [
    `0.tls has ${none}, and mode SIMPLE wants one`,
  ]);
  assert.equal(said(tls({ mode: 'MUTUAL', serverCertificate: '/c', privateKey: '/k' })), [
    "0.tls has no CA for clients' certificates, and mode MUTUAL wants one",
  ]);
});

test('what does not do as it is meant', () => {
  assert.equal(said(tls({ credentialName: 'a' })), ['0.tls.mode is missing, which is PASSTHROUGH']);
  for (const settings of [{ credentialName: 'a-cacert' }, { credentialNames: ['a', 'a-cacert'] }])
    assert.equal(said(tls({ mode: 'SIMPLE', ...settings })), [
      '0.tls.credentialName is "a-cacert", and istiod takes a name that ends so for the CA of clients',
    ]);
});

test('what it takes', () => {
  const hosts = ['*', '*.a.example', '*/a.example', './*', 'ns-1/a-x.example', 'A.Example', '10.0.0.1'];
  const files = { serverCertificate: '/c', privateKey: '/k' };
  for (const one of [
    server({ hosts }),
    server({}, 'https'),
    server({ tls: { httpsRedirect: true } }, 'HTTP'),
    server({ tls: undefined }, 'MYSQL'),
    tls({ mode: 'PASSTHROUGH' }),
    tls({}),
    tls({ mode: 'ISTIO_MUTUAL' }),
    tls({ mode: 'MUTUAL', credentialNames: ['a', 'b'] }),
    tls({ mode: 'SIMPLE', ...files }),
    tls({ mode: 'SIMPLE', tlsCertificates: [files] }),
    tls({ mode: 'MUTUAL', ...files, caCertificates: '/ca' }),
  ])
    assert.equal(said(one), [], JSON.stringify(one));
});

test.run();
