// Dumps as they should not be: no JSON, cut, with nothing in them, with what nobody knows, with names that stand there
// twice, too large.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '#apiserver/fault.ts';
import { type Said, withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

const sick = 'istio-ingressgateway-gfn8x';

/** Each command, with every question that its answer needs. */
const questions: readonly (readonly [string, string])[] = [
  ['routes', '/config_dump?resource=dynamic_route_configs'],
  ['secrets', '/config_dump?mask=dynamic_active_secrets'],
  ['listeners', '/config_dump?mask=static_listeners'],
  ['clusters', '/config_dump?resource=dynamic_listeners'],
  ['clusters', '/config_dump?resource=dynamic_route_configs'],
  ['clusters', '/config_dump?mask=dynamic_active_clusters'],
  ['endpoints', '/config_dump?resource=dynamic_listeners'],
  ['endpoints', '/config_dump?resource=dynamic_route_configs'],
  ['endpoints', '/clusters?format=json'],
];

const answering = (path: string, body: string, more: Partial<Fault> = {}): Fault =>
  ({ pod: sick, path, at: 'answer', does: 'answer', status: 200, body, ...more }) as Fault;

const unreadable: readonly (readonly [string, string, RegExp])[] = [
  [
    'text',
    'Failed to convert protobuf message to JSON string: INVALID_ARGUMENT',
    /it is not JSON but "Failed to convert protobuf message to JSON string/,
  ],
  ['nothing', '', /the answer is empty/],
  ['half a dump', '{"configs":[{"@type":"type.googleapis.com/envoy', /it ends in the middle, after 47 bytes/],
  ['a list', '[]', /it is a list, not an object/],
];

for (const [what, body, why] of unreadable) {
  test(`${what} in the place of a dump is one line for the pod, and the others answer`, async () => {
    for (const [command, path] of questions) {
      await withDemo({ faults: [answering(path, body)] }, async ({ kii }) => {
        const { code, out, err } = await kii(`${command} -o json`);
        const lines = err.trimEnd().split('\n');
        assert.is(code, 3, `${command} ${path}`);
        assert.match(lines[0] as string, why);
        assert.is(lines.filter((line) => line.startsWith('error: ')).length, 1, err);
        const document = JSON.parse(out);
        assert.equal(schemaErrors(document), []);
        assert.equal(
          [document.complete, document.pods.map(({ status }: { readonly status: string }) => status)],
          [false, ['ok', 'failed', 'ok']],
        );
        assert.ok(document.items.length > 5);
      });
    }
  });
}

/** The items that the sick pod alone gives. */
async function itemsOf(command: string, faults: readonly Fault[]): Promise<readonly Record<string, unknown>[]> {
  return withDemo({ faults }, async ({ kii }) => {
    const said: Said = await kii(`${command} -o json --pod ${sick}`);
    assert.is(said.code, 0, said.err);
    const document = JSON.parse(said.out);
    assert.equal(schemaErrors(document), []);
    return document.items;
  });
}

test('a dump without the sections that are asked for is one with nothing in it', async () => {
  for (const command of ['routes', 'secrets', 'listeners', 'clusters', 'endpoints']) {
    for (const body of ['{}', '{"configs":[]}', '{"configs":null}', '{"cluster_statuses":[]}'])
      assert.equal(await itemsOf(command, [answering('/', body)]), []);
  }
});

const type = (name: string): string => `type.googleapis.com/envoy.admin.v3.${name}`;
const dump = (...configs: readonly object[]): string => JSON.stringify({ configs });

test('elements and fields that nobody knows are passed over, and what is known beside them is read', async () => {
  const listener = {
    '@type': 'type.googleapis.com/envoy.config.listener.v3.Listener',
    name: 'x',
    address: { socket_address: { address: '::', port_value: 1, new_field: {} } },
    new_field: [1],
    filter_chains: [
      {
        filters: [{ name: 'new', typed_config: { '@type': 'type.googleapis.com/new.v9.Thing' } }],
        transport_socket: { name: 'new', typed_config: { '@type': 'x' } },
      },
    ],
  };
  const element = {
    '@type': type('ListenersConfigDump.DynamicListener'),
    name: 'x',
    client_status: 'NEW',
    new_state: {},
    active_state: { listener },
  };
  const items = await itemsOf('listeners', [
    answering('/config_dump', dump({ '@type': type('NewConfigDump.NewThing') }, element, {})),
  ]);
  assert.equal(
    items.map(({ listener: name, chain }) => [name, (chain as { readonly to: unknown }).to]),
    [['x', { kind: 'unknown', type: 'new.v9.Thing' }]],
  );
});

const cluster = (more: object = {}): object => ({
  '@type': type('ClustersConfigDump.DynamicCluster'),
  cluster: {
    '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
    name: 'outbound|80||a.b.svc.cluster.local',
    type: 'NEW_TYPE',
    ...more,
  },
});

test('an enum that nobody knows stays as it is called', async () => {
  const [item] = await itemsOf('clusters --whole-mesh --name outbound|80||a.*', [
    answering('/config_dump?mask=static_clusters', dump(cluster({ lb_policy: 77 }))),
  ]);
  assert.equal([item?.['type'], item?.['lbPolicy']], ['NEW_TYPE', '77']);
});

test('what stands there twice is listed once where it is the same, and twice where it is not', async () => {
  const twice = (...clusters: readonly object[]): Promise<readonly object[]> =>
    itemsOf('clusters --whole-mesh --name outbound|80||a.*', [
      answering('/config_dump?mask=static_clusters', dump(...clusters)),
    ]);
  assert.is((await twice(cluster(), cluster())).length, 1);
  assert.is((await twice(cluster(), cluster({ lb_policy: 'RANDOM' }))).length, 2);
});

test('endpoints that stand there twice are one', async () => {
  const host = { address: { socket_address: { address: '10.0.0.1', port_value: 80 } } };
  const body = JSON.stringify({
    cluster_statuses: [
      { name: 'a', host_statuses: [host, host] },
      { name: 'a', host_statuses: [host] },
    ],
  });
  const items = await itemsOf('endpoints --whole-mesh --name a', [answering('/clusters', body)]);
  assert.equal(
    items.map(({ address, pods }) => [address, pods]),
    [['10.0.0.1:80', [sick]]],
  );
});

test('an answer over --max-dump is refused by its size, with the flag that allows more; the limit is for one answer', async () => {
  const body = JSON.stringify({ configs: [], filler: 'x'.repeat(1.5 * 1024 * 1024) });
  for (const [command, path] of questions) {
    await withDemo({ faults: [answering(path, body)] }, async ({ kii }) => {
      const { code, err } = await kii(`${command} -o name --max-dump 1`);
      assert.is(code, 3, `${command} ${path}`);
      assert.match(err, /1 MiB/);
      assert.match(err, '--max-dump');
      assert.is((await kii(`${command} -o name --max-dump 2`)).code, 0);
    });
  }
});

if (process.env['TEST_LONG'] !== undefined) {
  test('a dump of 100 MB is read, and one of 300 MB is refused', async () => {
    const one = JSON.stringify(cluster({ name: 'outbound|81||other.b.svc.cluster.local', filler: 'x'.repeat(10_000) }));
    const large = (times: number): string => `{"configs":[${Array.from({ length: times }, () => one).join(',')}]}`;
    const items = await itemsOf('clusters --whole-mesh --name outbound|81||*', [
      answering('/config_dump?mask=static_clusters', large(10_000)),
    ]);
    assert.is(items.length, 1);
    await withDemo(
      { faults: [answering('/config_dump?mask=dynamic_active_clusters', large(30_000))] },
      async ({ kii }) => {
        const { code, err } = await kii(`clusters --pod ${sick}`);
        assert.is(code, 2);
        assert.match(err, '--max-dump');
      },
    );
  });
}

test.run();
