// A rejection that neither istiod nor Envoy remembers, in the demo: a VirtualService says something else than its pods
// serve, and they are in sync.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import rejected from '#analysis/checks/rejected.ts';
import unused from '#analysis/checks/virtual-service-unused.ts';
import type { Admin } from '#core/admin.ts';
import { ToolError } from '#core/error.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { LogStream } from '#core/pod-logs.ts';
import type { Source } from '#core/source.ts';
import type { Finding } from '#model/finding.ts';
import { askCheck } from '#questions/check/check.ts';
import { replaced } from '../support/replaced.ts';
import { withSource } from '../support/run-command.ts';

/** The demo's VirtualService svc1/svc1-main with another timeout since then. */
function changed(one: KubeObject, at: Date): KubeObject {
  if (one.metadata.name !== 'svc1-main') return one;
  const { http } = one['spec'] as { readonly http: readonly object[] };
  const [first, ...others] = http;
  const spec = { ...(one['spec'] as object), http: [{ ...first, timeout: '7s' }, ...others] };
  const metadata = {
    ...one.metadata,
    managedFields: [{ manager: 'helm', operation: 'Update', time: at.toISOString() }],
  };
  return { ...one, metadata, spec };
}

const logOf = (...texts: readonly string[]): LogStream => ({
  [Symbol.asyncIterator]: async function* () {
    yield texts.map((text) => ({ pod: 'istio-ingressgateway-66qlf', time: '', text }));
  },
  coverage: () => [],
  close: () => {},
});

const findingsWith = (
  agoMs: number,
  own: (source: Source) => Partial<Source> = () => ({}),
): Promise<readonly Finding[]> =>
  withSource({}, async (source, now) => {
    const at = new Date(now.getTime() - agoMs);
    const list: Source['list'] = async (resource, options) => {
      const objects = await source.list(resource, options);
      return resource === 'virtualservices' ? objects.map((one) => changed(one, at)) : objects;
    };
    const watched = replaced<Source>(source, { list, ...own(source) });
    const { items } = await askCheck(watched, { checks: [rejected] }, { now });
    return items.flatMap(({ findings }) => findings);
  });

const minute = 60_000;

test('what is served is held against what is asked for, on pods that are in sync', async () => {
  const logs: Source['logs'] = async () =>
    logOf(
      'gRPC config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: another kind',
      'gRPC config for type.googleapis.com/envoy.config.route.v3.RouteConfiguration rejected: Incorrect configuration: 100%.',
    );
  const [finding, ...others] = await findingsWith(minute, () => ({ logs }));
  assert.equal(others, []);
  assert.equal(finding?.concerns, [{ kind: 'VirtualService', namespace: 'svc1', name: 'svc1-main' }]);
  assert.equal(finding?.pods, ['istio-ingressgateway-66qlf', 'istio-ingressgateway-gfn8x'], 'the third is cut off');
  assert.match(finding?.text ?? '', 'svc1.discovery.wmnet: route 1 is served with another timeout');
  assert.match(
    finding?.text ?? '',
    'Envoy rejected it, and took other updates since: "Incorrect configuration: 100%."',
  );
});

test('of a rejection that has many lines, the resource in between, the reason is told; where it is cut off, that it is', async () => {
  const first =
    'gRPC config for type.googleapis.com/envoy.config.route.v3.RouteConfiguration rejected: name: "https.443.https.svc1-main.svc1"';
  const reason =
    ': Proto constraint validation failed (RouteConfigurationValidationError.VirtualHosts[0]: embedded message failed validation | caused by VirtualHostValidationError.Name: value is required)\tthread=2824';
  const textOf = async (...lines: readonly string[]): Promise<string> =>
    (await findingsWith(minute, () => ({ logs: async () => logOf(...lines) })))[0]?.text ?? '';
  const resource = ['virtual_hosts {', '  name: "a"', '}'];
  assert.match(
    await textOf(first, ...resource, first, ...resource, reason),
    'since: "https.443.https.svc1-main.svc1: VirtualHosts[0].Name: value is required"',
  );
  assert.match(await textOf(first, ...resource), 'https.443.https.svc1-main.svc1: a field breaks a rule');
});

test('logs that have nothing or may not be read are no witness', async () => {
  for (const logs of [async () => logOf('nothing of it'), () => Promise.reject(new ToolError('forbidden', 'no'))]) {
    const [finding] = await findingsWith(minute, () => ({ logs }));
    assert.match(finding?.text ?? '', 'No record says why, although istiod calls them in sync');
  }
});

test('where one change is missing in many places, the logs around it are read once', async () => {
  const withFilter = (source: Source, at: Date): Source['list'] => {
    const filter: KubeObject = {
      metadata: {
        namespace: 'istio-system',
        name: 'broken',
        managedFields: [{ manager: 'helm', operation: 'Update', time: at.toISOString() }],
      },
      spec: { configPatches: [{ applyTo: 'HTTP_ROUTE', patch: { operation: 'ADD', value: { name: 'broken' } } }] },
    };
    return async (resource, options) => (resource === 'envoyfilters' ? [filter] : await source.list(resource, options));
  };
  const asked: string[] = [];
  const findings = await withSource({}, async (source, now) => {
    const logs: Source['logs'] = async ({ of = 'gateway' }) => {
      asked.push(of);
      return logOf('nothing of it');
    };
    const list = withFilter(source, new Date(now.getTime() - minute));
    const { items } = await askCheck(replaced<Source>(source, { list, logs }), { checks: [rejected] }, { now });
    return items.flatMap((item) => item.findings);
  });
  assert.ok(findings.length > 1, `${findings.length}`);
  assert.equal(asked, ['gateway', 'istiod']);
});

/** Findings where an EnvoyFilter changes the clusters of this service, and the logs have this. */
const afterClusters = (service: string, logged: string, agoMs = minute): Promise<readonly Finding[]> =>
  withSource({}, async (source, now) => {
    const managedFields = [
      { manager: 'helm', operation: 'Update', time: new Date(now.getTime() - agoMs).toISOString() },
    ];
    const filter: KubeObject = {
      metadata: { namespace: 'istio-system', name: 'clusters', managedFields },
      spec: { configPatches: [{ applyTo: 'CLUSTER', match: { context: 'GATEWAY', cluster: { service } } }] },
    };
    const list: Source['list'] = async (resource, options) =>
      resource === 'envoyfilters' ? [filter] : await source.list(resource, options);
    const logs: Source['logs'] = async () => logOf(logged);
    const counting = (admin: Admin): Admin =>
      replaced<Admin>(admin, {
        get: async (request) => (request.path === 'stats' ? Buffer.from(JSON.stringify(stats)) : admin.get(request)),
      });
    const everyPod: Source['everyPod'] = (ask, ...rest) => source.everyPod((admin) => ask(counting(admin)), ...rest);
    const { items } = await askCheck(
      replaced<Source>(source, { list, logs, everyPod }),
      { checks: [rejected] },
      { now },
    );
    return items.flatMap(({ findings }) => findings);
  });

/** Of pods that have rejected clusters once. */
const stats = {
  stats: ['success', 'rejected'].map((what) => ({ name: `cluster_manager.cds.update_${what}`, value: 1 })),
};

const service = 'svc1-tls-service.svc1.svc.cluster.local';
const clusterRejected =
  'delta config for type.googleapis.com/envoy.config.cluster.v3.Cluster rejected: Invalid duration';

test('clusters from before an EnvoyFilter are told where a log has a rejection of clusters then', async () => {
  const [finding, ...others] = await afterClusters(service, clusterRejected);
  assert.equal(others, []);
  assert.equal(finding?.concerns, [{ kind: 'EnvoyFilter', namespace: 'istio-system', name: 'clusters' }]);
  assert.equal(finding?.hosts, ['svc1.discovery.wmnet']);
  assert.match(finding?.text ?? '', `serve clusters from before EnvoyFilter istio-system/clusters (changed `);
  assert.match(finding?.text ?? '', `: outbound|4001||${service}, as of `);
  assert.match(finding?.text ?? '', 'took others since: "Invalid duration"');
});

test('without that witness, of other clusters, and a moment after the change nothing is told', async () => {
  assert.equal(await afterClusters(service, 'nothing of it'), []);
  assert.equal(await afterClusters('elsewhere.svc1.svc.cluster.local', clusterRejected), []);
  assert.equal(await afterClusters(service, clusterRejected, 10_000), []);
});

test('an update may be on its way', async () => {
  assert.equal(await findingsWith(10_000), []);
});

/** A Gateway that has come a minute ago with its routes, and a VirtualService of its name that has been there for long. */
const namesakes = (agoMs: number, now: Date): Readonly<Partial<Record<string, readonly KubeObject[]>>> => {
  const named = (name: string, at: number, spec: object): KubeObject => ({
    metadata: { namespace: 'svc1', name, creationTimestamp: new Date(now.getTime() - at).toISOString() },
    spec,
  });
  const http = [{ match: [{ uri: { prefix: '/lost' } }], directResponse: { status: 200 } }];
  return {
    gateways: [
      named('lost', minute, {
        selector: { istio: 'ingressgateway' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['new.example'] }],
      }),
    ],
    virtualservices: [
      named('new', minute, { hosts: ['new.example'], gateways: ['svc1/lost'], http }),
      named('lost', agoMs, { hosts: ['svc1.discovery.wmnet'], gateways: ['svc1/svc1-main'], http }),
    ],
  };
};

const unservedAfter = (agoMs: number): Promise<readonly Finding[]> =>
  withSource({}, async (source, now) => {
    const list: Source['list'] = async (resource, options) => {
      const objects = await source.list(resource, options);
      return [...objects, ...(namesakes(agoMs, now)[resource] ?? [])];
    };
    const logs: Source['logs'] = async () => logOf('nothing of it');
    const watched = replaced<Source>(source, { list, logs });
    const { items } = await askCheck(watched, { checks: [unused, rejected] }, { now });
    return items.flatMap(({ findings }) => findings);
  });

const isUnserved = ({ text }: Finding): boolean => text.includes('no pod has a route of it');

test('a VirtualService without a route in any pod is told beside what a Gateway of its name asks for', async () => {
  const findings = await unservedAfter(60 * minute);
  const [finding, ...others] = findings.filter(isUnserved);
  assert.equal(others, []);
  assert.equal(finding?.concerns, [{ kind: 'VirtualService', namespace: 'svc1', name: 'lost' }]);
  assert.match(finding?.text ?? '', 'although a Gateway takes svc1.discovery.wmnet');
  assert.ok(findings.some(({ concerns }) => concerns.some(({ kind, name }) => kind === 'Gateway' && name === 'lost')));
});

test('one that has come since the last update may be on its way, or is told as such', async () => {
  assert.equal((await unservedAfter(1_000)).filter(isUnserved), []);
  assert.equal((await unservedAfter(2 * minute)).filter(isUnserved), []);
});

test.run();
