import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PreviewItem } from '#model/preview.ts';
import { golden } from '../support/golden.ts';
import { withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';
import { withFiles } from '../support/with-files.ts';

const attached = `# svc2 attaches to the Gateway of svc1
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: attach, namespace: svc2}
spec:
  hosts: [svc1.discovery.wmnet, nowhere.example]
  gateways: [svc1/svc1-main]
  http:
  - match: [{uri: {prefix: /two}}, {uri: {prefix: /new}}]
    name: two
    route: [{destination: {host: svc2-tls-service, port: {number: 4002}}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: own, namespace: svc2}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    tls: {mode: SIMPLE, credentialName: no-such-certificate}
    hosts: [new.discovery.wmnet]
  - port: {number: 443, name: taken, protocol: HTTPS}
    tls: {mode: SIMPLE, credentialName: svc2-tls-certificate}
    hosts: [svc1.discovery.wmnet]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: hidden, namespace: svc2}
spec:
  hosts: [new.discovery.wmnet]
  exportTo: ['.']
  gateways: [own]
  http: [{route: [{destination: {host: no-such-service, port: {number: 80}}}]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
`;

test('says what would become of objects, hosts and routes, and which findings would come', () =>
  withFiles({ 'a.yaml': attached }, async (kii) => {
    const { code, out, err } = await kii('preview DIR/a.yaml');
    golden('commands/preview/attach.txt', out);
    assert.match(err, /left out: Deployment default\/web/);
    assert.is(code, 1);
    const document = JSON.parse((await kii('preview DIR/a.yaml -o json')).out);
    assert.equal(schemaErrors(document), []);
    golden('commands/preview/names.txt', (await kii('preview DIR/a.yaml -o name')).out);
  }));

test('a deletion loses hosts, and what is left has no effect', () =>
  withFiles({}, async (kii) => {
    const { code, out } = await kii('preview --delete gateway/svc8/svc8-main');
    golden('commands/preview/deletion.txt', out);
    assert.is(code, 0);
    assert.is((await kii('preview --delete gateways.networking.istio.io/svc8/svc8-main')).out, out);
    const wrong = await kii('preview --delete gateway/svc1/none');
    assert.equal([wrong.code, wrong.out], [2, '']);
    assert.match(wrong.err, /Gateway svc1\/none: it is not there/);
  }));

test('--explain says what would happen to a URL, beside what happens now', () =>
  withFiles({ 'a.yaml': attached }, async (kii) => {
    const words = 'preview DIR/a.yaml --explain https://svc1.discovery.wmnet/new';
    const { out } = await kii(words);
    assert.match(out, /\/new now\n.*404: no route of the virtual host matches.*\/new then\n.*✓ 6 +prefix \/new/s);
    const document = JSON.parse((await kii(`${words} -o json`)).out);
    assert.equal(schemaErrors(document), []);
    const { before, after } = document.items.find(({ type }: PreviewItem) => type === 'request');
    assert.equal([before.outcomes[0].code, after.outcomes[0].kind], [404, 'forward']);
  }));

test('a deletion changes the host of its VirtualService alone', () =>
  withFiles({}, async (kii) => {
    const { items } = JSON.parse((await kii('preview --delete vs/svc1/two -o json')).out) as { items: PreviewItem[] };
    const hosts = items.filter((item) => item.type === 'host').map(({ host, change }) => [host, change]);
    assert.equal(hosts, [['svc1.discovery.wmnet', 'changed']]);
  }));

const forServices = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: cross, namespace: svc2}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 15443, name: tls, protocol: TLS}
    tls: {mode: AUTO_PASSTHROUGH}
    hosts: ['*.local']
`;

test('hosts of AUTO_PASSTHROUGH are of Services: no client gets a certificate of them, and where they lead is not judged', () =>
  withFiles({ 'a.yaml': forServices }, async (kii) => {
    const { code, out, err } = await kii('preview DIR/a.yaml --explain https://a.local:15443/');
    assert.match(
      out,
      /new · no host\n {2}\? not judged: which Services its AUTO_PASSTHROUGH servers hand connections on to\n/,
    );
    assert.not.match(out + err, /KII033|KII031|KII054|asks for a\.local|outbound_/);
    assert.match(
      out,
      /then\n.*listener {3}0\.0\.0\.0_15443\n└ ✗ no filter chain for server name a\.local: the connection is/s,
    );
    assert.is(code, 0);
  }));

const handedOn = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: db, namespace: svc2}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 5432, name: tls-postgresql, protocol: TLS}
    tls: {mode: PASSTHROUGH}
    hosts: [db.discovery.wmnet]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: db, namespace: svc2}
spec:
  hosts: [db.discovery.wmnet]
  gateways: [db]
  tls:
  - match: [{port: 5432, sniHosts: [db.discovery.wmnet]}]
    route: [{destination: {host: svc2-tls-service, port: {number: 4002}}}]
`;

test('connections that are passed through are hosts too', () =>
  withFiles(
    { 'a.yaml': handedOn, 'wrong.yaml': handedOn.replace('sniHosts: [db.discovery.wmnet]', 'sniHosts: db') },
    async (kii) => {
      const { code, out } = await kii('preview DIR/a.yaml --explain https://db.discovery.wmnet:5432/');
      golden('commands/preview/stream.txt', out);
      assert.is(code, 0);
      const document = JSON.parse((await kii('preview DIR/a.yaml -o json')).out);
      assert.equal(schemaErrors(document), []);
      const gone = await kii('preview --delete gateway/svc4/mtls');
      assert.match(
        gone.out,
        /− pass\.discovery\.wmnet:8445 · no longer served by Gateway svc4\/mtls\n {4}− connections → svc4/,
      );
      assert.match((await kii('preview DIR/wrong.yaml')).err, /DIR\/wrong\.yaml:18: .*sniHosts is "db", not a list/);
    },
  ));

test('TLS that is handed on as it came is no plain text', () =>
  withFiles({ 'a.yaml': handedOn.replaceAll('svc2', 'svc12').replace('number: 4002', 'number: 4012') }, async (kii) => {
    const { code, out } = await kii('preview DIR/a.yaml');
    assert.match(out, /connections → svc12\/svc12-tls-service:4012/);
    assert.not.match(out, /KII054/);
    assert.is(code, 0);
  }));

const selecting = (namespace: string): string => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: some-pods, namespace: ${namespace}}
spec:
  host: svc2-tls-service.svc2.svc.cluster.local
  workloadSelector: {matchLabels: {app: other}}
  trafficPolicy: {tls: {mode: SIMPLE}}
`;

test('a DestinationRule with a workloadSelector counts in its own namespace alone, where its labels are not judged', () =>
  withFiles({ 'a.yaml': selecting('svc2'), 'b.yaml': selecting('istio-system') }, async (kii) => {
    const elsewhere = await kii('preview DIR/a.yaml');
    assert.match(elsewhere.out, /no effect: .*with a\s+workloadSelector it is for pods of its own namespace alone/);
    assert.not.match(elsewhere.out, /KII049|not judged/);
    const own = await kii('preview DIR/b.yaml');
    assert.match(own.out, /not judged: whether its workloadSelector is for the pods of this gateway/);
    assert.not.match(own.out, /no effect/);
  }));

const bare = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: a, namespace: svc2}
spec: {servers: []}
`;
const routed = (http: string): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a, namespace: svc2}
spec: {hosts: [svc1.discovery.wmnet], gateways: [svc1/svc1-main], http: [{${http}}]}
`;

test('what is no object of Kubernetes is said with its line', () => {
  const cases: Readonly<Record<string, readonly [text: string, says: RegExp]>> = {
    a: [
      bare.replace('name: a,', 'generateName: a-,'),
      /a:3: Gateway has a generateName, which kubectl apply does not take/,
    ],
    b: [bare.replace('name: a,', 'name: 7,'), /b:3: Gateway: metadata\.name is 7, not a name that DNS allows/],
    c: [bare.replace('name: a,', 'name: A B,'), /c:3: Gateway: metadata\.name is "A B", not a name that DNS allows/],
    d: [bare.replace(': svc2', ': S'), /d:3: Gateway: metadata\.namespace is "S", not a name that DNS allows/],
    e: ['apiVersion: v1\nkind: List\nitems: {}\n', /e:3: items is an object, not a list/],
    f: [`apiVersion: v1\nkind: ${'x'.repeat(9_999)}\n`, /f:2: its kind is no name$/m],
    h: [
      routed('timeout: 5parsecs'),
      /h:4: VirtualService svc2\/a: spec\.http\[0\]\.timeout is "5parsecs", not a duration/,
    ],
  };
  return withFiles(Object.fromEntries(Object.entries(cases).map(([name, [text]]) => [name, text])), async (kii) => {
    for (const [name, [, says]] of Object.entries(cases)) {
      const { code, err } = await kii(`preview DIR/${name}`);
      assert.is(code, 2, name);
      assert.match(err, says);
    }
  });
});

const withRegexes = `${routed('match: [{uri: {regex: "(["}}], directResponse: {status: 200}')}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: b, namespace: svc2}
spec:
  hosts: [svc1.discovery.wmnet]
  gateways: [svc1/svc1-main]
  http:
  - match: [{headers: {x-any: {regex: '*'}}}, {queryParams: {q: {regex: 'a**'}}, uri: {regex: '*'}}]
    corsPolicy: {allowOrigins: [{regex: '.*'}, {regex: '*'}]}
    rewrite: {uriRegexRewrite: {match: '(?=a)', rewrite: /}}
    route: [{destination: {host: svc2-tls-service, port: {number: 4002}}}]
`;

test('a regex that Envoy refuses is a finding, and leaves nothing sure of the hosts in its route configuration', () =>
  withFiles({ 'a.yaml': withRegexes }, async (kii) => {
    const { code, out } = await kii('preview DIR/a.yaml');
    assert.is(code, 1);
    assert.match(
      out,
      /not sure: Envoy refuses route configuration https\.443\.https\.svc1-main\.svc1, as "\(\[" of VirtualService svc2\/a is no regex of RE2/,
    );
    const { items } = JSON.parse((await kii('preview DIR/a.yaml -o json')).out) as { items: PreviewItem[] };
    const refused = items.filter((item) => item.type === 'finding').filter(({ id }) => id === 'KII091');
    assert.equal(
      refused.map(({ text, places }) => `${places} ${text.replace(/, no regex of RE2: .*/, '')}`),
      [
        'DIR/a.yaml:4 VirtualService svc2/a: spec.http[0].match[0].uri.regex is "(["',
        'DIR/a.yaml:13 VirtualService svc2/b: spec.http[0].match[1].uri.regex is "*"',
        'DIR/a.yaml:13 VirtualService svc2/b: spec.http[0].match[1].queryParams.q.regex is "a**"',
        'DIR/a.yaml:14 VirtualService svc2/b: spec.http[0].corsPolicy.allowOrigins[1].regex is "*"',
        'DIR/a.yaml:15 VirtualService svc2/b: spec.http[0].rewrite.uriRegexRewrite.match is "(?=a)"',
      ],
    );
  }));

const portless = routed('match: [{uri: {prefix: /none}}], route: [{destination: {host: none}}]');

test('of a Service that there is not, the port is that of the Gateway, where all Services are known', () =>
  withFiles({ 'a.yaml': portless }, async (kii) => {
    const { out } = await kii('preview DIR/a.yaml');
    assert.match(out, /prefix \/none → svc2\/none:443/);
    assert.not.match(out, /not sure/);
  }));

test('where Services may not be read, nobody knows', () =>
  withFiles(
    { 'a.yaml': portless },
    async (kii) => {
      const { out } = await kii('preview DIR/a.yaml');
      assert.match(
        out,
        /not sure: the destination none\.svc2\.svc\.cluster\.local has no port, and its Service is not\s+known/,
      );
    },
    { faults: [{ at: 'request', does: 'status', code: 403, on: 'list', resource: 'services' }] },
  ));

const install = `apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
spec:
  tag: 1.24.2-1
  meshConfig: {accessLogFile: /dev/stdout, accessLogEncoding: JSON}
  components:
    ingressGateways:
    - name: istio-ingressgateway
      k8s:
        overlays:
        - kind: Deployment
          name: istio-ingressgateway
          patches: [{path: kind, value: DaemonSet}]
        service:
          type: NodePort
          ports: [{port: 443, targetPort: 8443, name: https, nodePort: 30443}]
`;

test('of an install file it says what runs instead', () =>
  withFiles({ 'config.yaml': install, 'wrong.yaml': install.replace('port: 443', 'port: https') }, async (kii) => {
    const { code, out } = await kii('preview DIR/config.yaml');
    golden('commands/preview/install.txt', out);
    assert.is(code, 0);
    assert.is((await kii('preview DIR/config.yaml --fail-on info')).code, 1);
    assert.is((await kii('preview DIR/config.yaml --fail-on warning')).code, 0);
    assert.equal(schemaErrors(JSON.parse((await kii('preview DIR/config.yaml -o json')).out)), []);
    const wrong = await kii('preview DIR/wrong.yaml');
    assert.match(wrong.err, /DIR\/wrong\.yaml:16: IstioOperator: .*ports\[0\]\.port is "https", not a number/);
  }));

test('what may not be read of what an install file asks for is not judged, with exit code 3', () =>
  withFiles(
    { 'config.yaml': install },
    async (kii) => {
      const { code, out } = await kii('preview DIR/config.yaml');
      assert.match(out, /\? Service type \(DIR\/config\.yaml:15\): not judged: cannot list services/);
      assert.is(code, 3);
    },
    { faults: [{ at: 'request', does: 'status', code: 403, on: 'list', resource: 'services' }] },
  ));

const canary = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: canaries, namespace: istio-system}
spec:
  host: '*.svc20.svc.cluster.local'
  subsets: [{name: canary, labels: {version: new}}, {name: unused, labels: {version: old}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: canary, namespace: svc2}
spec:
  hosts: [svc2.discovery.wmnet]
  gateways: [svc2/svc2-main]
  http:
  - match: [{uri: {prefix: /canary}}]
    route: [{destination: {host: svc20-tls-service.svc20.svc.cluster.local, subset: canary, port: {number: 4020}}}]
`;

test('whether what is not there yet would have endpoints is not judged, and that is said', () =>
  withFiles({ 'a.yaml': canary, 'b.yaml': attached }, async (kii) => {
    const { err, out } = await kii('preview DIR/a.yaml');
    assert.match(
      err,
      /not judged: whether there are endpoints for what is not there yet: outbound\|4020\|canary\|svc20-tls-service\.svc20\.svc\.cluster\.local\n/,
    );
    assert.not.match(out, /has no endpoints|is not there/);
    assert.not.match((await kii('preview DIR/b.yaml')).err, /not judged: whether/);
  }));

const logged = (path: string, count = 1): string =>
  `[2026-11-23T12:00:00.000Z] "GET ${path} HTTP/2" 200 - via_upstream - "-" 0 12 3 2 "10.0.0.1" "curl/8" "id" "svc1.discovery.wmnet" "10.0.0.2:4001" - 10.0.0.3:1 10.0.0.4:8443 10.0.0.5:3 svc1.discovery.wmnet -\n`.repeat(
    count,
  );

test('--traffic says which requests of the access logs would be answered otherwise', () =>
  withFiles(
    { 'a.yaml': attached, 'log.txt': logged('/new/x?secret=1', 3) + logged('/one', 5), 'none.txt': 'nothing\n' },
    async (kii) => {
      const { out, code } = await kii('preview --delete vs/svc1/two --traffic 1h');
      assert.match(
        out,
        /of the requests that go to svc2\/svc2-tls-service:4002 \(\d+ of \d+\) would get 404: GET svc1\.discovery/,
      );
      assert.is(code, 0);
      const words = 'preview DIR/a.yaml --traffic DIR/log.txt';
      const text = await kii(words);
      assert.match(
        text.out,
        /≠ 3 of 8 would be answered otherwise\n.*100 % of the requests that get 404 \(3 of 3\) would go to svc2/,
      );
      assert.not.match(text.out, /secret=1/);
      const document = JSON.parse((await kii(`${words} -o json`)).out);
      assert.equal(schemaErrors(document), []);
      assert.equal([document.traffic.requests, document.traffic.otherwise], [8, 3]);
      const none = await kii('preview DIR/a.yaml --traffic DIR/none.txt');
      assert.equal([none.code, none.out], [2, '']);
      assert.match(none.err, /cannot judge the requests of DIR\/none\.txt: there is no line of an access log/);
      assert.match((await kii('preview DIR/a.yaml --traffic DIR/missing')).err, /DIR\/missing/);
    },
  ));

const withHeaders = (headers: string): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: two, namespace: svc1}
spec:
  hosts: [svc1.discovery.wmnet]
  gateways: [svc1/svc1-main]
  http:
  - match: [{uri: {prefix: /two}}]
    ${headers}
    route: [{destination: {host: svc2-tls-service.svc2.svc.cluster.local, port: {number: 4002}}}]
`;

test('--traffic counts requests of a route that does something else to headers, and no others', () =>
  withFiles(
    {
      'same.yaml': withHeaders(''),
      'adds.yaml': withHeaders('headers: {response: {set: {x-served-by: ingress}}}'),
      'log.txt': logged('/two', 2) + logged('/one'),
    },
    async (kii) => {
      const [same, adds] = [
        await kii('preview DIR/same.yaml --traffic DIR/log.txt'),
        await kii('preview DIR/adds.yaml --traffic DIR/log.txt'),
      ];
      assert.match(same.out, /= 0 of 3 would be answered otherwise/);
      assert.match(
        adds.out,
        /≠ 2 of 3 would be answered otherwise\n.* would go to svc2\/svc2-tls-service:4002 by a route of other settings/,
      );
    },
  ));

test('--traffic says which logs do not reach back, with exit code 3', () =>
  withDemo({}, async ({ demo, kii }) => {
    const pod = 'istio-ingressgateway-gfn8x';
    demo.logs.rotate(pod);
    demo.logs.write(pod, 'after the rotation', new Date('2026-11-23T12:08:40Z'));
    const { code, err } = await kii('preview --delete vs/svc1/two --traffic 15m');
    const gap = `${pod}: its current log file begins at 2026-11-23T12:08:40Z`;
    assert.match(err, `not judged: a part of the requests of ${gap}`);
    assert.is(code, 3);
  }));

const mistakes: Readonly<Record<string, readonly [text: string, says: RegExp]>> = {
  'not YAML': ['kind: [Gateway\nfoo: {', /cannot read DIR\/x\.yaml:\d+: /],
  'a tab': ['kind: Gateway\n\tfoo: 1\n', /cannot read DIR\/x\.yaml:2: /],
  'a text': ['hello', /cannot read DIR\/x\.yaml:1: it is not a Kubernetes object: it has no kind/],
  'no apiVersion': [
    'kind: Gateway\nmetadata: {name: a}\n',
    /x\.yaml:1: it is not a Kubernetes object: apiVersion is missing/,
  ],
  'no name': ['apiVersion: v1\nkind: Service\nmetadata: {}\n', /x\.yaml:3: Service has no metadata\.name/],
  'a field of another type': [
    'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec:\n  hosts: [b]\n  http:\n  - match:\n    - uri: /two\n',
    /x\.yaml:8: VirtualService default\/a: spec\.http\[0\]\.match\[0\]\.uri is "\/two", not an object/,
  ],
  'hosts that are no list': [
    'apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {name: a}\nspec: {hosts: b}\n',
    /x\.yaml:4: VirtualService default\/a: spec\.hosts is "b", not a list/,
  ],
  'too much': [`kind: [${'x, '.repeat(2_000_001)}]`, /cannot read DIR\/x\.yaml: it has more than 2 million values/],
  'nested too deeply': [`kind: ${'['.repeat(20_000)}`, /cannot read DIR\/x\.yaml:1: it is nested too deeply/],
  'too many aliases': [
    `a: &a [x, x, x, x, x, x, x, x, x]\n${[...'bcdefghij'].map((name) => `${name}: &${name} [${`*${String.fromCharCode(name.charCodeAt(0) - 1)}, `.repeat(9)}]\n`).join('')}`,
    /cannot read DIR\/x\.yaml:1: Excessive alias count/,
  ],
  'a long list': [
    `{"kind":"List","items":[${'1,'.repeat(150_000)}1]}`,
    /x\.yaml:1: it is not a Kubernetes object: it has no kind/,
  ],
  'an alias of itself': ['kind: &a [*a]\n', /cannot read DIR\/x\.yaml:1: |it is not a Kubernetes object/],
  'no kind that a gateway goes by': [
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
    /there is no Gateway, VirtualService/,
  ],
  'an API version that is not known': [
    'apiVersion: networking.istio.io/v9\nkind: Gateway\nmetadata: {name: a}\n',
    /left out: Gateway default\/a/,
  ],
  nothing: ['# nothing\n', /there is no Gateway, VirtualService/],
};

for (const [name, [text, says]] of Object.entries(mistakes)) {
  test(`${name} is a clear error`, () =>
    withFiles({ 'x.yaml': text }, async (kii) => {
      const { code, out, err } = await kii('preview DIR/x.yaml');
      assert.equal([code, out], [2, '']);
      assert.match(err, says);
      assert.not.match(err, /at .*:\d+:\d+\)|defect/);
    }));
}

test('a file that is not there, and words that do not go together', () =>
  withFiles({}, async (kii) => {
    assert.match((await kii('preview DIR/none.yaml')).err, /cannot read DIR\/none\.yaml: it does not exist/);
    assert.match(
      (await kii('preview')).err,
      /preview takes files of objects, --values, --namespace-values, or --delete/,
    );
    assert.match((await kii('preview --delete svc1')).err, /--delete takes KIND\/NAMESPACE\/NAME/);
  }));

test('of a directory, what kubectl apply takes', () =>
  withFiles({ 'm/a.yaml': attached, 'm/b.txt': 'no yaml' }, async (kii) => {
    const { out } = await kii('preview DIR/m');
    assert.match(out, /VirtualService svc2\/attach \(DIR\/m\/a\.yaml:2\)/);
  }));

test('the first line says by which pods, where one does not answer', () =>
  withDemo(
    { faults: [{ pod: 'istio-ingressgateway-66qlf', at: 'request', on: 'portforward', does: 'status', code: 500 }] },
    async ({ directory, kii }) => {
      writeFileSync(join(directory, 'attached.yaml'), attached);
      const { out } = await kii(`preview ${directory}/attached.yaml`);
      assert.match(
        out,
        /^\d+ of \d+ hosts are served exactly as the objects in the cluster say, by the 2 of 3 pods that answered;/m,
      );
    },
  ));

const external = `${routed(
  'match: [{uri: {prefix: /out}}], route: [{destination: {host: out.example.org, subset: v1}}]',
)}---
apiVersion: networking.istio.io/v1beta1
kind: ServiceEntry
metadata: {name: out, namespace: svc2}
spec:
  hosts: [out.example.org]
  ports: [{number: 8080, name: http, protocol: HTTP}]
  resolution: DNS
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: out, namespace: svc2}
spec:
  host: out.example.org
  subsets: [{name: v1}]
`;

test('a ServiceEntry that is given brings the clusters that routes lead to', () =>
  withFiles({ 'a.yaml': external }, async (kii) => {
    const { out, err } = await kii('preview DIR/a.yaml');
    assert.match(err, /left out: ServiceEntry svc2\/out: it can change what gateways do/);
    assert.match(out, /prefix \/out → out\.example\.org:8080 \(v1\)/);
    assert.not.match(out, /KII051/);
    await withFiles(
      { 'a.yaml': external.replace('spec:\n  hosts', "spec:\n  exportTo: ['.']\n  hosts") },
      async (other) => {
        assert.match((await other('preview DIR/a.yaml')).out, /✗ out\.example\.org:443 \(v1\) is not there .*KII051/);
      },
    );
  }));

const delegating = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: inner, namespace: svc2}
spec:
  exportTo: ['.']
  http: [{match: [{uri: {prefix: /in}}], directResponse: {status: 200}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: middle, namespace: svc2}
spec:
  http: [{match: [{uri: {prefix: /mid}}], delegate: {name: inner}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a, namespace: svc2}
spec:
  hosts: [svc1.discovery.wmnet]
  gateways: [svc1/svc1-main]
  http: [{match: [{uri: {prefix: /in}}], delegate: {name: inner}}]
`;

test('a delegate that its roots alone may see has an effect', () =>
  withFiles({ 'a.yaml': delegating }, async (kii) => {
    const { out } = await kii('preview DIR/a.yaml');
    assert.match(out, /prefix \/in → 200/);
    assert.not.match(out, /hides it/);
    assert.match(
      out,
      /VirtualService svc2\/middle: spec\.http\[0\]\.delegate is a delegate of a delegate, no destination/,
    );
  }));

test.run();
