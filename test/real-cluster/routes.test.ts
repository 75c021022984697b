// `routes` against istioctl, for each pod of the real gateway.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drained, gateways, kii, kubectlJson } from './truth/cluster.ts';
import { envoyOutputIsIstioctls, routesAreIstioctls } from './truth/routes.ts';

test('hosts, paths, destinations and VirtualServices are what istioctl has, for each pod', async () => {
  const pods = gateways();
  const { items } = await routesAreIstioctls(pods);
  // the same of every pod: said once
  for (const item of items) assert.equal([...item.pods].sort(), pods.map(({ pod }) => pod).sort());
});

test('every VirtualService for HTTP is there, by its name in Kubernetes', async () => {
  interface VirtualService {
    readonly metadata: { readonly namespace: string; readonly name: string };
    readonly spec: { readonly http?: unknown };
  }
  const { items } = kubectlJson<{ items: readonly VirtualService[] }>('get', 'virtualservices', '-A');
  // A second Gateway claims the host of svc0, and istiod takes one of the two: svc0's routes may be nowhere.
  const served = items.filter(({ metadata, spec }) => spec.http !== undefined && metadata.namespace !== 'svc0');
  const names = served.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  const { code, out } = await kii('routes');
  assert.is(code, 0);
  const table = out.split('\n').slice(1, -1);
  assert.ok(names.length > 10);
  for (const name of names)
    assert.ok(
      table.some((line) => new RegExp(` ${name} +3/3$`).test(line)),
      name,
    );
});

for (const [index, gateway] of gateways().entries())
  test(`-o envoy is istioctl's own JSON: pod ${index}`, () => envoyOutputIsIstioctls('routes', gateway));

test('-o envoy without --pod is the same for pods that agree', async () => {
  await drained(); // a route that an earlier test has removed may go between the two answers
  const [all, one] = await Promise.all([
    kii('routes', '-o', 'envoy'),
    kii('routes', '-o', 'envoy', '--pod', gateways()[0]?.pod ?? ''),
  ]);
  const names = (text: string): string[] =>
    (JSON.parse(text) as { name?: string }[]).map(({ name }) => name ?? '').sort();
  assert.is(all.code, 0);
  assert.equal(names(all.out), names(one.out));
});

test.run();
