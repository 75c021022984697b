// `status` and `version` against what kubectl, istiod's own debug port and each Envoy say, on the healthy cluster.

import { execFileSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { schemaErrors } from '../support/schema.ts';
import { admin, dumped, gateways, kii, kiiJson, until } from './truth/cluster.ts';
import type { StatusDocument } from './truth/status.ts';

const pods = gateways();
const status = (): Promise<StatusDocument> => kiiJson<StatusDocument>(['status']);

interface ServerInfo {
  readonly version: string;
  readonly state: string;
  readonly node: { readonly metadata: { readonly ISTIO_VERSION: string } };
}

test('every pod of the DaemonSet is there, with the node, address and version that it has', async () => {
  const document = await status();
  assert.equal(schemaErrors(document), []);
  assert.is(document.complete, true);
  assert.equal(document.gateway.nodesWanted, pods.length);
  assert.equal(
    document.items.map(({ name, node, ip }) => [name, node, ip]).sort(),
    pods.map(({ pod, node, address }) => [pod, node, address]).sort(),
  );
  for (const gateway of pods) {
    const info = JSON.parse(admin(gateway, 'server_info')) as ServerInfo;
    const proxy = document.items.find(({ name }) => name === gateway.pod)?.report?.proxy;
    assert.equal(
      [proxy?.envoyVersion, proxy?.istioVersion, proxy?.state],
      [info.version.split('/')[1], info.node.metadata.ISTIO_VERSION, info.state],
    );
  }
});

test('what is counted is what Envoy has', async () => {
  const document = await status();
  for (const gateway of pods) {
    const { report } = document.items.find(({ name }) => name === gateway.pod) ?? {};
    const configurations = dumped<{ route_config: { virtual_hosts?: readonly { routes?: readonly object[] }[] } }>(
      gateway,
      'dynamic_route_configs',
    );
    const routes = configurations.flatMap(({ route_config }) =>
      (route_config.virtual_hosts ?? []).flatMap(({ routes: all = [] }) => all),
    );
    const active = dumped<{ name: string; secret: { tls_certificate?: object } }>(gateway, 'dynamic_active_secrets');
    assert.is(report?.routes, routes.length);
    assert.is(
      report?.certificates,
      active.filter(({ name, secret }) => secret.tls_certificate && name !== 'default').length,
    );
  }
});

test('every pod is SYNCED in every type where its istiod has sent and acknowledged the same', async () => {
  await until('every pod is in sync', async () =>
    (await status()).items.every(({ sync }) => sync.state === 'connected'),
  );
  const document = await status();
  const syncz = JSON.parse(
    execFileSync('curl', ['-s', 'http://127.0.0.1:15014/debug/syncz'], { encoding: 'utf8' }),
  ) as readonly Record<string, string>[];
  for (const { name, sync } of document.items) {
    const proxy = syncz.find((one) => one['proxy'] === `${name}.istio-system`);
    assert.ok(proxy, name);
    for (const [type, word] of [
      ['CDS', 'cluster'],
      ['LDS', 'listener'],
      ['RDS', 'route'],
    ] as const) {
      assert.is(sync.types?.[type]?.state, proxy?.[`${word}_sent`] === proxy?.[`${word}_acked`] ? 'SYNCED' : 'STALE');
    }
  }
});

test('alike pods share a line, and the exit code is 0', async () => {
  const { code, out } = await kii('status');
  assert.is(code, 0);
  assert.match(out, new RegExp(`^${pods.length} pods, identical routes and certificates .* SYNCED `, 'm'));
});

test('names of pods come one a line', async () => {
  const { out } = await kii('status', '-o', 'name');
  assert.equal(out.trim().split('\n').sort(), pods.map(({ pod }) => `pod/${pod}`).sort());
});

test('--pod and --node narrow the answer', async () => {
  const [first] = pods;
  for (const flags of [
    ['--pod', first?.pod ?? ''],
    ['--node', first?.node ?? ''],
  ]) {
    const { items } = await kiiJson<StatusDocument>(['status', ...flags]);
    assert.equal(
      items.map(({ name }) => name),
      [first?.pod],
    );
  }
});

test('version names the versions of this tool, of istiod and of the proxies', async () => {
  const { items } = await kiiJson<{
    items: readonly { component: string; version?: string; envoyVersion?: string; pods: readonly string[] }[];
  }>(['version']);
  const proxies = items.filter(({ component }) => component === 'proxy');
  assert.equal(proxies.flatMap(({ pods: names }) => names).sort(), pods.map(({ pod }) => pod).sort());
  assert.ok(items.some(({ component, version }) => component === 'client' && version !== undefined));
  assert.ok(items.some(({ component, version }) => component === 'istiod' && version !== undefined));
});

test.run();
