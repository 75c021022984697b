import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withDemo } from '../support/run-command.ts';
import { savedGateway } from '../support/saved-gateway.ts';
import { schemaErrors } from '../support/schema.ts';
import { withFiles } from '../support/with-files.ts';

interface Item {
  readonly fqdn?: string;
  readonly address?: string;
  readonly missing?: string;
  readonly backend?: { readonly node: string; readonly pod?: string };
  readonly stats?: Readonly<Record<string, number>>;
  readonly isRouted?: boolean;
  readonly routedBy?: readonly string[];
  readonly pods: readonly string[];
}

const items = (out: string): readonly Item[] => {
  const document = JSON.parse(out);
  assert.equal(schemaErrors(document), []);
  return document.items;
};

test('has the endpoints of what the ingress routes to, with their nodes, on all pods as one', () =>
  withDemo({}, async ({ kii }) => {
    const { code, out, err } = await kii('endpoints --host pass.discovery.wmnet -o json');
    assert.equal([code, err], [0, '']);
    assert.equal(
      items(out).map(({ address, backend, pods }) => [address, backend?.node, pods.length]),
      [
        ['10.64.0.13:4000', 'node0', 3],
        ['10.64.0.14:4000', 'node1', 3],
        ['10.64.0.15:4000', 'node2', 3],
      ],
    );
  }));

test('a cluster whose endpoints Envoy does not list may have some', () => {
  const kinds = [
    { name: 'outbound|80||empty.a.svc.cluster.local', type: 'EDS' },
    { name: 'outbound|80||static.test', type: 'STATIC' },
    { name: 'outbound|80||none.test', type: 'ORIGINAL_DST' },
    { name: 'outbound|80||*.wild.test', cluster_type: { name: 'envoy.clusters.dynamic_forward_proxy' } },
  ];
  const statuses = kinds.map(({ name, type }) => ({ name, ...(type === 'EDS' ? { eds_service_name: name } : {}) }));
  const routes = kinds.map(({ name }) => ({ match: { prefix: '/' }, route: { cluster: name } }));
  return withFiles(savedGateway({ routes, clusters: kinds, statuses }), async (kii) => {
    for (const more of ['', ' --whole-mesh'])
      assert.equal(
        items((await kii(`endpoints --from DIR/snap -o json${more}`)).out).map(({ fqdn, missing }) => [fqdn, missing]),
        [
          ['*.wild.test', 'list'],
          ['empty.a.svc.cluster.local', 'endpoints'],
          ['none.test', 'list'],
          ['static.test', 'endpoints'],
        ],
        more,
      );
    const { out } = await kii('endpoints --from DIR/snap');
    assert.match(out, /wild\.test:80 +Envoy lists none: it finds them by each request or connection/);
    assert.not.match((await kii('endpoints --health none --from DIR/snap')).out, 'none.test');
  });
});

test('names the pod behind an endpoint', () =>
  withDemo({}, async ({ kii }) => {
    const [first] = items((await kii('endpoints --whole-mesh --service istiod --port 15014 -o json')).out);
    assert.equal(first?.backend?.pod, 'istio-system/istiod-69897fbd6f-87b4r');
  }));

test('counters of the pods are summed up', () =>
  withDemo({}, async ({ kii }) => {
    const totals = async (pod: string): Promise<number> =>
      items((await kii(`endpoints --service svc2-tls-service -o json ${pod}`.trim())).out).reduce(
        (sum, { stats }) => sum + (stats?.['rq_total'] ?? 0),
        0,
      );
    const each = await Promise.all(['66qlf', 'gfn8x', 'l9b5b'].map((suffix) => totals(`--pod *-${suffix}`)));
    assert.ok(each.filter((total) => total > 0).length > 1);
    assert.is(
      await totals(''),
      each.reduce((sum, total) => sum + total, 0),
    );
  }));

test('who has an endpoint and who routes to it are told apart, each endpoint once', () =>
  withDemo({}, async ({ kii }) => {
    // The stale pod routes svc0 elsewhere, and has its endpoints all the same.
    for (const flag of ['', ' --whole-mesh']) {
      const rows = items((await kii(`endpoints --service svc0-tls-service${flag} -o json`)).out);
      assert.is(rows.length, 3, flag);
      for (const { pods, routedBy, isRouted } of rows)
        assert.equal([pods.length, routedBy?.length, isRouted], [3, 2, true], flag);
    }
    assert.match(
      (await kii('endpoints')).out,
      /svc0\/svc0-tls-service:4000 +2\/3, not istio-ingressgateway-l9b5b .* 3\/3\n/,
    );
  }));

test('--health finds what is wrong: clusters without endpoints, and such as Envoy does not have', () =>
  withDemo({}, async ({ kii }) => {
    const { out } = await kii('endpoints --health none,unhealthy -o json');
    assert.equal(
      items(out).map(({ fqdn, missing, pods }) => [fqdn, missing, pods.length]),
      [
        ['nothing.svc3.svc.cluster.local', 'cluster', 3],
        ['svc3-tls-service.svc3.svc.cluster.local', 'endpoints', 2],
      ],
    );
    assert.is((await kii('endpoints --health sick')).code, 2);
  }));

test('the whole mesh as a table asks for endpoints alone, and says what shows the rest', () =>
  withDemo({}, async ({ demo, kii }) => {
    const { out, err } = await kii('endpoints --whole-mesh --pod *-66qlf');
    assert.not.match(out, /ROUTED|✗/);
    assert.is(err, 'to see what the ingress routes to, and what of that is missing, add -o wide\n');
    assert.not.ok(demo.requests.some(({ path }) => path.includes('config_dump')));
    assert.match(
      (await kii('endpoints --whole-mesh --pod *-66qlf -o wide')).out,
      /ROUTED[\s\S]*✗ Envoy has no such cluster/,
    );
  }));

test('an endpoint that exists and is not routed to is said to be so', () =>
  withDemo({}, async ({ kii }) => {
    assert.equal(await kii('endpoints --for svc12'), {
      code: 0,
      out: '',
      err: 'svc12/svc12-tls-service:4012 exists, but the ingress does not route to it. To see it, add --whole-mesh\n',
    });
    assert.is(items((await kii('endpoints --for svc12 --whole-mesh -o json')).out).length, 3);
  }));

test('who may not read EndpointSlices gets the endpoints all the same, and is told what is missing', () =>
  withDemo(
    {
      faults: [
        { resource: 'endpointslices', at: 'request', does: 'status', code: 403, reason: 'Forbidden', message: 'no' },
      ],
    },
    async ({ kii }) => {
      const { code, out, err } = await kii('endpoints --service svc2-tls-service -o json');
      assert.is(code, 0);
      assert.match(err, /^cannot tell which pods and nodes are behind the endpoints: cannot list endpointslices/);
      assert.equal(
        items(out).map(({ address, backend }) => [address, backend]),
        [
          ['10.64.0.7:4000', undefined],
          ['10.64.0.8:4000', undefined],
          ['10.64.0.9:4000', undefined],
        ],
      );
    },
  ));

test('EndpointSlices are read in the namespaces that matter, and by one list where those are many', () =>
  withDemo({}, async ({ demo, kii }) => {
    const lists = (): readonly string[] =>
      demo.requests.flatMap(({ path }) => /^[^?]*endpointslices/.exec(path)?.[0] ?? []);
    await kii('endpoints --service svc2-tls-service');
    assert.equal(lists(), ['/apis/discovery.k8s.io/v1/namespaces/svc2/endpointslices']);
    await kii('endpoints');
    assert.equal(lists().slice(1), ['/apis/discovery.k8s.io/v1/endpointslices']);
  }));

test('-o envoy has the clusters of the list, and all with --whole-mesh', () =>
  withDemo({}, async ({ kii }) => {
    const names = async (args: string): Promise<readonly string[]> =>
      JSON.parse((await kii(`endpoints -o envoy ${args}`.trim())).out)
        .map(({ name }: { readonly name: string }) => name)
        .sort();
    assert.equal(await names('--host svc1.discovery.wmnet'), [
      'outbound|4001||svc1-tls-service.svc1.svc.cluster.local',
      'outbound|4002||svc2-tls-service.svc2.svc.cluster.local',
    ]);
    assert.ok((await names('--whole-mesh --pod *-66qlf')).includes('agent'));
  }));

test.run();
