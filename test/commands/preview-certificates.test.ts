import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { golden } from '../support/golden.ts';
import { schemaErrors } from '../support/schema.ts';
import { withFiles } from '../support/with-files.ts';

const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: fresh, namespace: fresh}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    tls: {mode: SIMPLE, credentialName: fresh-tls-certificate}
    hosts: [fresh.discovery.wmnet, extra.wikimedia.org]
`;

const certificate = `apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: fresh, namespace: istio-system}
spec:
  secretName: fresh-tls-certificate
  dnsNames: [fresh.discovery.wmnet]
  issuerRef: {name: discovery, kind: ClusterIssuer}
`;

test('a host that a Certificate does not ask for is a finding before there is a Secret', () =>
  withFiles({ 'g.yaml': gateway, 'c.yaml': certificate }, async (kii) => {
    const without = await kii('preview DIR/g.yaml');
    assert.match(without.out, /✗ extra\.wikimedia\.org:8443, fresh\.discovery\.wmnet:8443: .*is not loaded/);
    const { code, out } = await kii('preview DIR/g.yaml DIR/c.yaml');
    golden('commands/preview/certificate.txt', out);
    assert.is(code, 1);
    const document = JSON.parse((await kii('preview DIR/g.yaml DIR/c.yaml -o json')).out);
    assert.equal(schemaErrors(document), []);
  }));

test('a Certificate that asks for all is no finding; one that no gateway uses has no effect', () =>
  withFiles(
    {
      'g.yaml': gateway,
      'c.yaml': certificate.replace('[fresh.discovery.wmnet]', '["*.discovery.wmnet", extra.wikimedia.org]'),
      'd.yaml': certificate.replace('namespace: istio-system', 'namespace: fresh'),
    },
    async (kii) => {
      const { code, out } = await kii('preview DIR/g.yaml DIR/c.yaml');
      assert.match(out, /\+ Certificate istio-system\/fresh \(DIR\/c\.yaml:1\) · new · extra\.wikimedia\.org, fresh/);
      assert.not.match(out, /KII03\d/);
      assert.is(code, 0);
      assert.match(
        (await kii('preview DIR/d.yaml')).out,
        /no effect: no server of this gateway has its Secret fresh-tls-certificate, and Secrets are taken from istio-system/,
      );
    },
  ));

test('a change of a Certificate that is there counts for what is loaded', () =>
  withFiles(
    {
      'c.yaml': certificate.replace('name: fresh,', 'name: svc1-tls-certificate,').replace('fresh-tls', 'svc1-tls'),
      'same.yaml': `apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: svc1-tls-certificate, namespace: istio-system}
spec:
  dnsNames: [svc1.discovery.wmnet, svc1.svc.eqiad.wmnet]
  duration: 2160h0m0s
  issuerRef: {group: cert-manager.io, kind: ClusterIssuer, name: discovery}
  renewBefore: 240h0m0s
  secretName: svc1-tls-certificate
`,
    },
    async (kii) => {
      const { code, out } = await kii('preview DIR/c.yaml');
      assert.match(
        out,
        /✗ svc0\.discovery\.wmnet:8443, svc1\.discovery\.wmnet:8443: cert-manager Certificate istio-system\/svc1-tls-certificate does\s+not ask for it, so clients will refuse the certificate; its dnsNames:\s+fresh\.discovery\.wmnet \(KII032\) · DIR\/c\.yaml:1/,
      );
      assert.is(code, 1);
      const same = await kii('preview DIR/same.yaml');
      assert.match(same.out, /= Certificate istio-system\/svc1-tls-certificate .* as it is in the cluster/);
      assert.is(same.code, 0);
    },
  ));

test('a Certificate that cannot be compared with that of the cluster is said, with exit code 3', () =>
  withFiles(
    { 'c.yaml': certificate },
    async (kii) => {
      const { code, err } = await kii('preview DIR/c.yaml');
      assert.match(err, /the Certificates are not compared with those of istio-system: /);
      assert.is(code, 3);
    },
    { faults: [{ at: 'request', does: 'status', code: 403, on: 'list', resource: 'certificates' }] },
  ));

const namespaces = `namespaces:
  fresh: {}
  svc1:
    tlsHostnames: [svc1-other]
  unused: {}
`;

test("of the namespaces' values those Certificates count that a gateway uses", () =>
  withFiles(
    {
      'g.yaml': gateway,
      'n.yaml': namespaces,
      'more.yaml': 'namespaces: {fresh: {tlsExtraSANs: [extra.wikimedia.org]}}',
    },
    async (kii) => {
      const { code, out } = await kii('preview DIR/g.yaml --namespace-values DIR/n.yaml --environment eqiad');
      golden('commands/preview/namespace-values.txt', out);
      assert.is(code, 1);
      const merged = await kii(
        'preview DIR/g.yaml --namespace-values DIR/n.yaml --namespace-values DIR/more.yaml --environment eqiad',
      );
      assert.not.match(merged.out, /✗ extra/);
    },
  ));

test('mistakes name file, line and key', () =>
  withFiles(
    {
      'n.yaml': 'namespaces:\n  a:\n    tlsHostnames: a\n',
      'none.yaml': 'a: 1\n',
      'c.yaml': certificate.replace('[fresh.discovery.wmnet]', 'fresh'),
    },
    async (kii) => {
      const words = '--environment eqiad --namespace-values';
      assert.match(
        (await kii(`preview ${words} DIR/n.yaml`)).err,
        /cannot read DIR\/n\.yaml:3: namespaces\["a"\]\.tlsHostnames is "a", not a list/,
      );
      assert.match((await kii(`preview ${words} DIR/none.yaml`)).err, /DIR\/none\.yaml:1: it has no namespaces/);
      assert.match(
        (await kii('preview DIR/c.yaml')).err,
        /DIR\/c\.yaml:6: Certificate istio-system\/fresh: spec\.dnsNames is "fresh", not a list/,
      );
      assert.match((await kii('preview --namespace-values DIR/n.yaml')).err, /go together/);
      assert.match(
        (await kii('preview --delete certificate/istio-system/fresh')).err,
        /--delete takes KIND\/NAMESPACE\/NAME of a Gateway/,
      );
    },
  ));

test.run();
