import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { FindingChange, PreviewItem } from '#model/preview.ts';
import { schemaErrors } from '../support/schema.ts';
import { withFiles } from '../support/with-files.ts';

const misspelt = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a, namespace: svc1, labels: {team: 7}}
spec:
  hots:
  - svc1.discovery.wmnet
  gateways: [svc1/svc1-main]
  http:
  - match: [{uri: {perfix: /new}}]
    route: [{destination: {host: svc1-tls-service, port: {number: 4001}}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: own, namespace: svc2}
spec:
  selector: {istio: ingressgateway}
  servers:
  - hosts: [new.discovery.wmnet]
    port: {number: 443, protocol: HTTPS}
    tls: {mode: SIMPEL, credentialName: svc2-tls-certificate, httpRedirect: true}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a, namespace: svc2}
spec:
  host: svc2-tls-service
  trafficPolicy: {connectionPool: {tcp: {maxConnections: "5"}}}
---
apiVersion: v1
kind: Service
metadata: {name: a, namespace: svc2}
spec:
  ports: [{port: 80, targetport: 8080}]
---
apiVersion: v1
kind: Secret
metadata: {name: a, namespace: istio-system}
stringdata: {tls.crt: ''}
data: SECRET
`;

const findingsIn = (out: string): FindingChange[] =>
  (JSON.parse(out).items as PreviewItem[]).filter((item) => item.type === 'finding');

test('what the API server would refuse is a finding with file, line and field', () =>
  withFiles({ 'a.yaml': misspelt }, async (kii) => {
    const { code, out } = await kii('preview DIR/a.yaml -o json');
    assert.is(code, 1);
    assert.equal(schemaErrors(JSON.parse(out)), []);
    assert.equal(
      findingsIn(out)
        .filter(({ id }) => id === 'KII091')
        .map(({ text, places }) => `${places} ${text}`),
      [
        'DIR/a.yaml:3 VirtualService svc1/a: metadata.labels.team is 7, not a text',
        'DIR/a.yaml:5 VirtualService svc1/a: spec.hots is no field: is hosts meant?',
        'DIR/a.yaml:9 VirtualService svc1/a: spec.http[0].match[0].uri.perfix is no field: is prefix meant?',
        'DIR/a.yaml:19 Gateway svc2/own: spec.servers[0].port.name is missing',
        'DIR/a.yaml:20 Gateway svc2/own: spec.servers[0].tls.mode is "SIMPEL", not one of PASSTHROUGH, SIMPLE, MUTUAL, AUTO_PASSTHROUGH, ISTIO_MUTUAL, OPTIONAL_MUTUAL',
        'DIR/a.yaml:20 Gateway svc2/own: spec.servers[0].tls.httpRedirect is no field: is httpsRedirect meant?',
        'DIR/a.yaml:27 DestinationRule svc2/a: spec.trafficPolicy.connectionPool.tcp.maxConnections is "5", not a whole number',
        'DIR/a.yaml:33 Service svc2/a: spec.ports[0].targetport is no field: is targetPort meant?',
        'DIR/a.yaml:38 Secret istio-system/a: stringdata is no field: is stringData meant?',
        'DIR/a.yaml:39 Secret istio-system/a: data is no object',
      ],
    );
  }));

test('where a field that is read is missing, the error names what may be meant', () =>
  withFiles({ 'a.yaml': misspelt.replace('destination: {host', 'destination: {hosts') }, async (kii) => {
    const { code, err } = await kii('preview DIR/a.yaml');
    assert.is(code, 2);
    assert.match(
      err,
      /DIR\/a\.yaml:10: .*destination\.host is missing, not a text.*destination\.hosts is no field: is host meant\?/,
    );
  }));

test('fields of a stanza that no VirtualService has are findings, too', () =>
  withFiles(
    {
      'v.yaml': `mesh: {public_port: 4002}
ingress:
  enabled: true
  existingGatewayName: svc1/svc1-main
  routeHosts: [svc1.discovery.wmnet]
  httproutes:
  - match: [{uri: {prefix: /three}}]
    timeuot: 5s
    route: [{destination: {host: svc2-tls-service, port: {number: 4002}}}]
`,
    },
    async (kii) => {
      const words = '--values DIR/v.yaml --template 1.3 --chart demo --chart-version 0.1.0 --release svc2/two';
      const { code, out } = await kii(`preview ${words}`);
      assert.match(out, /spec\.http\[0\]\.timeuot is no field: is timeout meant\? \(KII091\) · DIR\/v\.yaml:8/);
      assert.is(code, 1);
      const printed = await kii(`preview ${words} --print`);
      assert.match(printed.err, /timeuot is no field.*DIR\/v\.yaml:8/);
      assert.is(printed.code, 1);
    },
  ));

const twice = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a, namespace: svc1}
spec:
  hosts: [svc1.discovery.wmnet]
  gateways: [svc1/svc1-main]
  http: [{match: [{uri: {prefix: /first}}], redirect: {uri: /}}]
`;

test('of an object that is given twice the last one counts, and the answer says so', () =>
  withFiles({ 'a.yaml': twice, 'b.yaml': twice.replace('/first', '/second') }, async (kii) => {
    const { code, out } = await kii('preview DIR/a.yaml DIR/b.yaml --fail-on warning');
    assert.match(
      out,
      /! VirtualService svc1\/a: it is given twice, and the last one counts \(KII092\) · DIR\/a\.yaml:1,\s+DIR\/b\.yaml:1/,
    );
    assert.match(out, /\+ VirtualService svc1\/a \(DIR\/b\.yaml:1\) · new · svc1/);
    assert.not.match(out, /\(DIR\/a\.yaml:1\) · new|prefix \/first/);
    assert.match(out, /prefix \/second/);
    assert.is(code, 1);
  }));

test.run();
