// Secrets that are given: of new Gateways, and in the place of those that pods hold.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { leaf, root } from '../support/certificates.ts';
import { withFiles } from '../support/with-files.ts';

const gateway = (mode: string, credentialName: string): string => `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: fresh, namespace: fresh}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: ${mode}, credentialName: ${credentialName}}, hosts: [svc1.svc.eqiad.wmnet]}
---
`;

const secret = (name: string, data: object, namespace = 'istio-system'): string =>
  `${JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, ...data })}\n`;
const secretsForbidden = {
  on: 'read',
  resource: 'secrets',
  at: 'request',
  does: 'status',
  code: 403,
  reason: 'Forbidden',
  message: 'secrets is forbidden',
} as const;
const encoded = (text: string): string => Buffer.from(text).toString('base64');
const written = { 'tls.crt': leaf, 'tls.key': '' };
const stored = { 'tls.crt': encoded(leaf), 'tls.key': '' };

test('a Secret whose values are written as texts is one that can be used', () =>
  withFiles({ 'a.yaml': gateway('SIMPLE', 'fresh') + secret('fresh', { stringData: written }) }, async (kii) => {
    const { out } = await kii('preview DIR/a.yaml');
    assert.match(out, /\+ Secret istio-system\/fresh \(DIR\/a\.yaml:\d+\) · new · svc1\.svc\.eqiad\.wmnet/);
    assert.not.match(out, /KII03[23]/);
  }));

test('the CA of clients may stand in either Secret that is given', () =>
  withFiles(
    {
      'one.yaml': gateway('MUTUAL', 'fresh') + secret('fresh', { data: { ...stored, 'ca.crt': encoded(root) } }),
      'two.yaml':
        gateway('MUTUAL', 'fresh') +
        secret('fresh', { data: stored }) +
        `---\n${secret('fresh-cacert', { data: { cacert: encoded(root) } })}`,
      'none.yaml': gateway('MUTUAL', 'fresh') + secret('fresh', { data: stored }),
    },
    async (kii) => {
      for (const file of ['one', 'two']) assert.not.match((await kii(`preview DIR/${file}.yaml`)).out, /KII033/, file);
      assert.match((await kii('preview DIR/none.yaml')).out, /Secret istio-system\/fresh has no ca\.crt for it/);
    },
  ));

test('a Secret of another namespace is handed to no gateway', () =>
  withFiles(
    {
      'a.yaml': gateway('SIMPLE', 'fresh/fresh') + secret('fresh', { data: stored }, 'fresh'),
      'b.yaml': secret('fresh', { data: stored }, 'fresh'),
    },
    async (kii) => {
      const { out } = await kii('preview DIR/a.yaml');
      assert.match(out, /is not loaded \(istiod gives a gateway in istio-system no Secret of fresh\), so clients/);
      assert.not.match(out, /Envoy does not have it/);
      assert.match(
        (await kii('preview DIR/b.yaml')).out,
        /no effect: no server of this gateway names it, and Secrets are taken from istio-system/,
      );
    },
  ));

test('a Secret in the place of one that pods hold: what their hosts would get', () =>
  withFiles(
    {
      'other.yaml': secret('svc5-tls-certificate', { stringData: written }),
      'bad.yaml': secret('svc5-tls-certificate', { stringData: { 'tls.crt': 'junk', 'tls.key': '' } }),
      'missing.yaml': secret('does-not-exist', { stringData: written }),
    },
    async (kii) => {
      const other = await kii('preview DIR/other.yaml');
      assert.match(other.out, /≠ Secret istio-system\/svc5-tls-certificate .* · changed · svc5\.discovery\.wmnet/);
      assert.match(other.out, /✗ svc5\.discovery\.wmnet:8443: the certificate is not for this host/);
      assert.is(other.code, 1);
      const bad = await kii('preview DIR/bad.yaml');
      assert.match(bad.out, /✗ svc5.*Secret istio-system\/svc5-tls-certificate cannot be used: no certificate/);
      assert.not.match(bad.out, /KII033/);
      const missing = await kii('preview DIR/missing.yaml');
      assert.match(missing.out, /\+ Secret istio-system\/does-not-exist .* · new · nosecret\.discovery\.wmnet/);
      assert.match(missing.out, /would go\n✗ nosecret.*is not loaded/);
    },
  ));

test('a Secret without values, which others write, changes nothing', () =>
  withFiles(
    { 'a.yaml': secret('svc5-tls-certificate', { data: {}, stringData: null }) + secret('svc6-tls-certificate', {}) },
    async (kii) => {
      const { out, code } = await kii('preview DIR/a.yaml');
      assert.not.match(out, /KII03|Secret/);
      assert.is(code, 0);
    },
  ));

test('whether Secrets are there that may not be read is not known, and no finding', () =>
  withFiles(
    {
      'there.yaml': gateway('SIMPLE', 'fresh'),
      'given.yaml': gateway('SIMPLE', 'fresh') + secret('fresh', { stringData: { ...written, 'tls.crt': 'junk' } }),
    },
    async (kii) => {
      const { code, out, err } = await kii('preview DIR/there.yaml');
      assert.not.match(out, /KII03/);
      assert.match(err, /^new certificates are not judged: .*secrets is forbidden/m);
      assert.is(code, 3);
      assert.match(
        (await kii('preview DIR/given.yaml')).out,
        /fresh cannot be used: no certificate in 4 bytes .*KII033/,
      );
    },
    { faults: [secretsForbidden] },
  ));

test.run();
