import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withFiles } from '../support/with-files.ts';

const bare = `  metadata: {name: two, namespace: svc1}
  spec:
    hosts: [svc1.discovery.wmnet]
    gateways: [svc1/svc1-main]
    http: [{match: [{uri: {prefix: /x}}], route: [{destination: {host: svc1-tls-service, port: {number: 4001}}}]}]
`;

test('items of a list have its kind, and may be lists', () =>
  withFiles(
    {
      'a.yaml': `apiVersion: networking.istio.io/v1\nkind: VirtualServiceList\nitems:\n-${bare.slice(1)}`,
      'b.yaml': `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: List, items: []}\n- apiVersion: networking.istio.io/v1\n  kind: VirtualServiceList\n  items:\n  -${bare.replaceAll('\n', '\n  ').slice(1).trimEnd()}\n`,
    },
    async (kii) => {
      assert.match((await kii('preview DIR/a.yaml')).out, /≠ VirtualService svc1\/two \(DIR\/a\.yaml:4\) · changed/);
      assert.match((await kii('preview DIR/b.yaml')).out, /≠ VirtualService svc1\/two \(DIR\/b\.yaml:8\) · changed/);
    },
  ));

test('files may follow -f, as with kubectl', () =>
  withFiles(
    { 'a.yaml': `apiVersion: networking.istio.io/v1\nkind: VirtualService\n${bare.replaceAll(/^ {2}/gm, '')}` },
    async (kii) => {
      const { out, code } = await kii('preview DIR/a.yaml');
      for (const words of ['-f DIR/a.yaml', '-fDIR/a.yaml', '--filename=DIR/a.yaml']) {
        const other = await kii(`preview ${words}`);
        assert.equal([other.code, other.out], [code, out], words);
      }
    },
  ));

test('JSON objects may stand one behind the other', () => {
  const two = (name: string): string =>
    JSON.stringify({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name, namespace: 'svc1' },
      spec: { hosts: ['svc1.discovery.wmnet'], gateways: ['svc1-main'], http: [{ redirect: { uri: '/"}{' } }] },
    });
  return withFiles(
    {
      'a.json': `\n${JSON.stringify(JSON.parse(two('a')), undefined, 2)}\n${two('b')} ${two('c')}\n`,
      'flow.yaml': `{ # "\n${two('d').slice(1)}`,
      'broken.json': `${two('e')}\n{"kind": }`,
    },
    async (kii) => {
      const { out } = await kii('preview DIR/a.json');
      const places = [...out.matchAll(/VirtualService svc1\/(\w) \(DIR\/a\.json:(\d+)\)/g)].map(([, ...of]) =>
        of.join(),
      );
      assert.equal(places, ['a,2', 'b,25', 'c,25']);
      assert.match((await kii('preview DIR/flow.yaml')).out, /svc1\/d/);
      assert.match((await kii('preview DIR/broken.json')).err, /cannot read DIR\/broken\.json:2: /);
    },
  );
});

const left: Readonly<Record<string, readonly [object: string, says: RegExp]>> = {
  'an Ingress': ['networking.k8s.io/v1, kind: Ingress', /Ingress default\/a: it can change what gateways do/],
  'a Gateway of the Gateway API': [
    'gateway.networking.k8s.io/v1, kind: Gateway',
    /Gateway default\/a: it can change what gateways do/,
  ],
  'a GatewayClass': ['gateway.networking.k8s.io/v1, kind: GatewayClass', /it can change what gateways do/],
  'an EnvoyFilter': ['networking.istio.io/v1alpha3, kind: EnvoyFilter', /it can change what gateways do/],
  "istiod's mesh configuration": ['v1, kind: ConfigMap, data: {mesh: a}', /it can change what gateways do/],
  'a version that is not known': [
    'networking.istio.io/v9, kind: Gateway',
    /Gateway default\/a: preview does not know version v9 of it/,
  ],
  'a ConfigMap': ['v1, kind: ConfigMap', /ConfigMap default\/a: preview does not look at this kind/],
};

for (const [name, [object, says]] of Object.entries(left))
  test(`${name} is left out, and it is said why`, () =>
    withFiles({ 'a.yaml': `{apiVersion: ${object}, metadata: {name: a}}` }, async (kii) =>
      assert.match((await kii('preview DIR/a.yaml')).err, says),
    ));

test('what is left out and changes what this gateway serves makes the answer incomplete', () => {
  const given = `apiVersion: networking.istio.io/v1\nkind: VirtualService\n${bare.slice(2).replaceAll('\n  ', '\n')}`;
  const beside = (object: string, namespace: string): string =>
    `${given}---\n{apiVersion: ${object}, metadata: {name: a, namespace: ${namespace}}}\n`;
  const files = {
    '0-deployment.yaml': beside('apps/v1, kind: Deployment', 'istio-system'),
    '0-policy.yaml': beside('security.istio.io/v1, kind: AuthorizationPolicy', 'svc1'),
    '0-sidecar.yaml': beside('networking.istio.io/v1, kind: Sidecar', 'istio-system'),
    '3-policy.yaml': beside('security.istio.io/v1, kind: AuthorizationPolicy', 'istio-system'),
    '3-filter.yaml': beside('networking.istio.io/v1alpha3, kind: EnvoyFilter', 'istio-system'),
    '3-version.yaml': beside('networking.istio.io/v9, kind: Gateway', 'svc1'),
    '3-mesh.yaml': beside('v1, kind: ConfigMap, data: {mesh: a}', 'istio-system'),
  };
  return withFiles(files, async (kii) => {
    for (const file of Object.keys(files)) assert.is((await kii(`preview DIR/${file}`)).code, Number(file[0]), file);
  });
});

test('what objects are made of is no object, and a hint says how to make them', () =>
  withFiles(
    {
      'k/kustomization.yaml': 'resources: [a.yaml]\n',
      'kind.yaml': 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n',
      'chart/values.yaml': 'host: a\n',
      'template.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: {{ .Release.Name }}}\n',
    },
    async (kii) => {
      for (const name of ['k', 'kind.yaml'])
        assert.match(
          (await kii(`preview DIR/${name}`)).err,
          /kubectl kustomize DIRECTORY \| kubectl istio-ingress preview -/,
        );
      for (const name of ['chart', 'template.yaml'])
        assert.match(
          (await kii(`preview DIR/${name}`)).err,
          /helm template RELEASE CHART \| kubectl istio-ingress preview -/,
        );
    },
  ));

test.run();
