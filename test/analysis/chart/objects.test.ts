import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { objectsOfStanza, type Rendered } from '#analysis/chart/objects.ts';
import { chartValuesOf, wrongValue } from '#analysis/chart/stanza.ts';
import { defaultValues, portKeyOf, type TemplateVersion, templateVersions } from '#analysis/chart/template.ts';
import { isMap, mergedValues, type Values } from '#analysis/chart/values.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { specSchemas } from '#core/spec-schemas.ts';

interface Case {
  readonly template: TemplateVersion;
  readonly chart: string;
  readonly chartVersion: string;
  readonly release: string;
  readonly namespace: string;
  readonly defaults: Values;
  readonly values: readonly Values[];
}

function render(one: Case): Rendered | { readonly wrong: string } {
  const values = structuredClone(mergedValues(one.defaults, one.values));
  const wrong = wrongValue(values, one.template);
  if (wrong !== undefined) return { wrong };
  const release = {
    name: one.release,
    namespace: one.namespace,
    chart: { name: one.chart, version: one.chartVersion },
  };
  return objectsOfStanza({ version: one.template, release, values: chartValuesOf(values, one.template) });
}

/** Without what says nothing in YAML. */
function said(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(said);
  if (!isMap(value)) return value;
  const fields = Object.entries(value).map(([key, inner]) => [key, said(inner)] as const);
  const isNothing = (inner: unknown): boolean =>
    inner === undefined || inner === null || (typeof inner === 'object' && Object.keys(inner).length === 0);
  return Object.fromEntries(fields.filter(([, inner]) => !isNothing(inner)));
}

const withoutNamespace = ({ metadata: { namespace: _, ...metadata }, ...object }: KubeObject): object => ({
  ...object,
  metadata,
});

// Helm 3.16.4 has rendered these, with the templates of wikimedia/operations-deployment-charts 66ce6e0b5, and those of
// 0.4 as of 9eb6d7af1 and e42ab067d; one document is a line.
const rendered = JSON.parse(readFileSync(new URL('rendered.json', import.meta.url), 'utf8')) as readonly (Case &
  ({ readonly objects: readonly object[] } | { readonly fails: string }))[];

for (const version of templateVersions) {
  test(`template ${version} makes what helm renders`, () => {
    const cases = rendered.filter(({ template }) => template === version);
    assert.ok(cases.length > 5);
    for (const one of cases) {
      const ours = render(one);
      if ('fails' in one) assert.is('failed' in ours && ours.failed.message, one.fails, JSON.stringify(one));
      else if ('objects' in ours) assert.equal(ours.objects.map(withoutNamespace).map(said), one.objects);
      else assert.unreachable(`${JSON.stringify(ours)} of ${JSON.stringify(one)}`);
    }
  });
}

const demo = (template: TemplateVersion, ingress: object, more: Values = {}): Case => ({
  template,
  chart: 'demo-chart',
  chartVersion: '0.1.0',
  release: 'main',
  namespace: 'demo-ns',
  defaults: { ...defaultValues(template), [portKeyOf(template)]: { public_port: 4666 } },
  values: [{ ingress }, more],
});

interface Essence {
  readonly gateway?: readonly string[];
  readonly hosts: readonly string[];
  readonly gateways: readonly string[];
  /** Of each DestinationRule. */
  readonly trusted: Readonly<Record<string, readonly string[]>>;
}

function essence(one: Case): Essence {
  const done = render(one);
  if (!('objects' in done)) throw new Error(JSON.stringify(done));
  const specs = (kind: string): KubeObject[] => done.objects.filter((object) => object.kind === kind);
  // biome-ignore lint/suspicious/noExplicitAny: of objects that the test itself looks at
  const [gateway, service] = [specs('Gateway')[0]?.['spec'] as any, specs('VirtualService')[0]?.['spec'] as any];
  const rules = specs('DestinationRule').map((object) => {
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const spec = object['spec'] as any;
    return [`${object.metadata.name} ${spec.host}`, spec.trafficPolicy.tls.subjectAltNames] as const;
  });
  return {
    ...(gateway ? { gateway: gateway.servers[0].hosts } : {}),
    hosts: service.hosts,
    gateways: service.gateways,
    trusted: Object.fromEntries(rules),
  };
}

const own = 'demo-chart-main';
const service = 'demo-chart-main-tls-service.demo-ns.svc.cluster.local';
const three = ['demo-ns.discovery.wmnet', 'demo-ns.svc.codfw.wmnet', 'demo-ns.svc.eqiad.wmnet'];
const chart = {
  enabled: true,
  staging: true,
  keepNodePort: true,
  gatewayHosts: { default: 'chart', extraFQDNs: ['some.domain.name', 'some2.domain.name'] },
};
const staged = ['chart.k8s-staging.discovery.wmnet', 'some.domain.name', 'some2.domain.name'];
const unstaged = [
  ...['chart.discovery.wmnet', 'chart.svc.codfw.wmnet', 'chart.svc.eqiad.wmnet'],
  ...['some.domain.name', 'some2.domain.name'],
];
const stagingNames = ['staging.svc.eqiad.wmnet', 'staging.svc.codfw.wmnet'];

const examples: Readonly<Record<string, readonly [Case, Essence]>> = {
  'the default of 0.4-seed': [
    demo('0.4-seed', { enabled: true }),
    {
      gateway: [three[0] as string],
      hosts: [three[0] as string],
      gateways: [own],
      trusted: { [`${own} ${service}`]: [three[0] as string, service, three[0] as string, three[0] as string] },
    },
  ],
  'staging in 0.4-seed': [
    demo('0.4-seed', { enabled: true, staging: true }),
    {
      gateway: ['demo-ns.staging.discovery.wmnet'],
      hosts: ['demo-ns.staging.discovery.wmnet'],
      gateways: [own],
      trusted: {
        [`${own} ${service}`]: [
          ...stagingNames,
          service,
          'demo-ns.staging.discovery.wmnet',
          'demo-ns.staging.discovery.wmnet',
        ],
      },
    },
  ],
  'the default of 0.4': [
    demo('0.4', { enabled: true }),
    {
      gateway: three,
      hosts: three,
      gateways: [own],
      trusted: { [`${own} ${service}`]: [three[0] as string, service, ...three, ...three] },
    },
  ],
  'staging and extra hosts in 0.4': [
    demo('0.4', chart),
    {
      gateway: staged,
      hosts: staged,
      gateways: [own],
      trusted: { [`${own} ${service}`]: [...stagingNames, service, ...staged, ...staged] },
    },
  ],
  'the Gateway of another release in 0.4': [
    demo('0.4', {
      enabled: true,
      existingGatewayName: 'some/gateway',
      routeHosts: ['somehost.somedomain.sometld', 'chart.discovery.wmnet'],
    }),
    {
      hosts: ['somehost.somedomain.sometld', 'chart.discovery.wmnet'],
      gateways: ['some/gateway'],
      trusted: {
        [`${own} ${service}`]: [
          ...[three[0] as string, service, ...three],
          ...['somehost.somedomain.sometld', 'chart.discovery.wmnet'],
        ],
      },
    },
  ],
  'staging counts no more in 1.3': [
    demo('1.3', chart),
    { gateway: unstaged, hosts: unstaged, gateways: [own], trusted: { [`${service} ${service}`]: [service] } },
  ],
  'domains of the environment in 1.3': [
    demo('1.3', { enabled: true }, { mesh: { certmanager: { domains: ['k8s-staging.discovery.wmnet'] } } }),
    {
      gateway: ['demo-ns.k8s-staging.discovery.wmnet'],
      hosts: ['demo-ns.k8s-staging.discovery.wmnet'],
      gateways: [own],
      trusted: { [`${service} ${service}`]: [service] },
    },
  ],
  'rules for other Services in 1.3': [
    demo('1.3', {
      enabled: true,
      routeHosts: ['only.example'],
      destinationrulehosts: ['a.ns.svc.cluster.local', 'b.ns.svc.cluster.local'],
    }),
    {
      gateway: three,
      hosts: ['only.example'],
      gateways: [own],
      trusted: {
        'a.ns.svc.cluster.local a.ns.svc.cluster.local': ['a.ns.svc.cluster.local'],
        'b.ns.svc.cluster.local b.ns.svc.cluster.local': ['b.ns.svc.cluster.local'],
      },
    },
  ],
};

for (const [name, [given, expected]] of Object.entries(examples)) {
  test(`example: ${name}`, () => assert.equal(essence(given), expected));
}

test('the CORS policy is a field of the last route alone', () => {
  const routes = [
    { name: 'a', route: [] },
    { name: 'b', route: [] },
  ];
  const done = render(demo('1.3', { enabled: true, base_cors_policy: true, httproutes: routes }));
  const [, virtualService] = 'objects' in done ? done.objects : [];
  const { http = [] } = (virtualService?.['spec'] ?? {}) as { readonly http?: readonly object[] };
  assert.equal(
    http.map((route) => Object.hasOwn(route, 'corsPolicy')),
    [false, true],
  );
});

const traps: Readonly<Record<string, readonly [Case, RegExp]>> = {
  'httproutes that are null': [demo('1.3', { enabled: true, httproutes: null }), /len of nil pointer/],
  'a list where a map is wanted': [
    demo('1.0.3', { enabled: true, gatewayHosts: ['a.example'] }),
    /can't evaluate field disableDefaultHosts in type interface/,
  ],
  'a map where a list is wanted': [
    demo('0.4-seed', { enabled: true, gatewayHosts: { default: 'a' } }),
    /ingress\.gatewayHosts is an object, not a list/,
  ],
  'no port': [{ ...demo('1.2', { enabled: true }), defaults: { ...defaultValues('1.2') } }, /nil pointer evaluating/],
  'another Gateway without hosts': [
    demo('1.3', { enabled: true, existingGatewayName: 'other/gw' }),
    /^ingress\.routeHosts is required when ingress\.existingGatewayName is set$/,
  ],
  'a host that YAML reads otherwise': [
    demo('1.3', { enabled: true, gatewayHosts: { default: '*' } }),
    /gatewayHosts\.default is "\*", not the beginning of a host/,
  ],
  'a route without a field': [demo('1.3', { enabled: true, httproutes: [{}] }), /httproutes\[0\] is empty/],
};

for (const [name, [given, says]] of Object.entries(traps)) {
  test(`trap: ${name}`, () => {
    const done = render(given);
    assert.match('wrong' in done ? done.wrong : 'failed' in done ? done.failed.message : 'objects', says);
  });
}

test('null stays where the chart has no default, and takes one away where it has', () => {
  assert.equal(mergedValues({ a: { b: 1, c: 2 } }, [{ a: { b: null, d: null } }]), { a: { c: 2, d: null } });
  assert.equal(mergedValues({ a: 1 }, [{ a: { b: 1 } }, { a: { c: [1] } }, { a: { c: [2] } }]), {
    a: { b: 1, c: [2] },
  });
});

const anything = fc.jsonValue({ maxDepth: 2 });
const orAnything = (usual: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 8, arbitrary: usual }, { weight: 1, arbitrary: anything });
const hosts = fc.array(fc.constantFrom('a.example', '*.b.example', 'c'));
const stanza = fc.record(
  {
    enabled: fc.constant(true),
    staging: anything,
    mlstaging: anything,
    gatewayHosts: orAnything(
      fc.record(
        { default: orAnything(fc.constantFrom('', 'x')), domains: orAnything(hosts), extraFQDNs: orAnything(hosts) },
        { requiredKeys: [] },
      ),
    ),
    existingGatewayName: orAnything(fc.constantFrom('', 'a/b')),
    routeHosts: orAnything(hosts),
    httproutes: orAnything(fc.array(fc.record({ route: fc.constant([{ destination: { host: 'a' } }]) }))),
    selectors: orAnything(fc.constant({ istio: 'x' })),
    base_cors_policy: anything,
    custom_cors_policy: orAnything(fc.constant({ maxAge: '1s' })),
    destinationrulehosts: orAnything(fc.constant(['a.example'])),
  },
  { requiredKeys: ['enabled'] },
);

test('of any stanza there is a failure, or objects of the right shape', () => {
  let made = 0;
  const shapes = {
    Gateway: specSchemas.gateways,
    VirtualService: specSchemas.virtualservices,
    DestinationRule: specSchemas.destinationrules,
  };
  const property = fc.property(fc.constantFrom(...templateVersions), stanza, (version, ingress) => {
    const done = render(demo(version, ingress));
    if (!('objects' in done)) {
      assert.ok('wrong' in done ? done.wrong.startsWith('ingress') : done.failed.hint.length > 0);
      return;
    }
    made++;
    const names = done.objects.map(({ kind }) => kind as keyof typeof shapes);
    assert.match(names.join(' '), /^(Gateway )?VirtualService( DestinationRule)+$/);
    for (const [index, object] of done.objects.entries())
      assert.is(shapes[names[index] as keyof typeof shapes]?.(structuredClone(object['spec']), '.spec'), undefined);
  });
  fc.assert(property, { numRuns: 1_000, seed: 17 });
  assert.ok(made > 200, `${made}`);
});

test.run();
