import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withFiles } from '../support/with-files.ts';

const own = `apiVersion: v1
kind: Service
metadata: {name: svc1-tls-service, namespace: svc1}
spec:
  ports: [{name: https, port: 4001, targetPort: 4000}]
`;

const inFront = `apiVersion: v1
kind: Service
metadata: {name: istio-ingressgateway, namespace: istio-system}
spec:
  type: LoadBalancer
  selector: {app: istio-ingressgateway, istio: ingressgateway}
  ports:
  - {name: status-port, port: 15021}
  - {name: http2, port: 80, targetPort: 8080}
  - {name: https, port: 443, targetPort: 8443, protocol: TCP}
  - {name: mtls, port: 8444}
  - {name: pass, port: 8445, targetPort: 8445}
`;

const objectLine = (out: string): string => /^. Service .*$/m.exec(out)?.[0] ?? '';

test('what the API server writes into a Service is no change of it', () =>
  withFiles(
    {
      'own.yaml': own,
      'front.yaml': inFront,
      'headless.yaml': own.replace('spec:', 'spec:\n  clusterIP: None'),
      'sticky.yaml': own.replace('spec:', 'spec:\n  sessionAffinity: ClientIP'),
      'port.yaml': own.replace('targetPort: 4000', 'targetPort: 4001'),
    },
    async (kii) => {
      for (const name of ['own', 'front'])
        assert.match(objectLine((await kii(`preview DIR/${name}.yaml`)).out), /^= .*as it is in the cluster$/);
      for (const name of ['headless', 'sticky', 'port'])
        assert.match(objectLine((await kii(`preview DIR/${name}.yaml`)).out), /^≠ .*changed$/);
    },
  ));

test('routes to a Service that is deleted lead nowhere', () =>
  withFiles({}, async (kii) => {
    const { code, out } = await kii('preview --delete svc/svc1/svc1-tls-service');
    assert.match(
      out,
      /✗ svc1\/svc1-tls-service:4001 is not there .*Service svc1\/svc1-tls-service does not exist.*KII051/,
    );
    assert.is(code, 1);
  }));

test("the gateway's own Service says on which port its listeners are", () =>
  withFiles({ 'a.yaml': inFront.replace('targetPort: 8443', 'targetPort: 9443') }, async (kii) => {
    const { out } = await kii('preview DIR/a.yaml --explain https://svc1.discovery.wmnet/two');
    assert.match(out, /^− svc1\.discovery\.wmnet:8443 · no longer served by Gateway svc1\/svc1-main$/m);
    assert.match(out, /^\+ svc1\.discovery\.wmnet:9443 · new, by Gateway svc1\/svc1-main$/m);
    assert.not.match(out, /nothing listens on port/);
    assert.match(out, /\/two then\nservice +istio-ingressgateway:443 → 9443 .*✓ 4 +prefix \/two/s);
  }));

test("without the gateway's own Service its ports are not judged", () =>
  withFiles({}, async (kii) => {
    const { out } = await kii('preview --delete svc/istio-system/istio-ingressgateway');
    assert.match(out, /− Service istio-system\/istio-ingressgateway · deleted\n +\? not judged: on which ports/);
  }));

test('one that is deleted and given again is the youngest', () =>
  withFiles({ 'a.yaml': claims }, async (kii) => {
    assert.match((await kii('preview DIR/a.yaml')).out, /Gateway svc2\/claims loses its server/);
    const { out } = await kii('preview --delete gateway/svc1/svc1-main DIR/a.yaml');
    assert.match(out, /Gateway svc1\/svc1-main loses its server/);
  }));

const claimOf = (object: string): string => `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: ${object}
spec:
  selector: {istio: ingressgateway}
  servers:
  - hosts: [svc1.discovery.wmnet]
    port: {name: https, number: 443, protocol: HTTPS}
    tls: {mode: SIMPLE, credentialName: svc1-tls-certificate}
`;

/** By name the first of two that are created in the same second. */
const claims = `${claimOf('{name: claims, namespace: svc2}')}---\n${claimOf('{name: svc1-main, namespace: svc1}')}`;

test('what is wrong at a host already neither comes nor goes where another host has it too', () =>
  withFiles(
    { 'a.yaml': claimOf('{name: new, namespace: svc1}').replace('svc1.discovery', 'new.discovery') },
    async (kii) => {
      const { out } = await kii('preview DIR/a.yaml');
      assert.match(out, /^✗ new\.discovery\.wmnet:8443: the certificate is not for this host, .*KII032/m);
      assert.not.match(out, /Findings that would go/);
    },
  ));

test.run();
