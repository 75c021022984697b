// What `preview` says of generated meshes against what a real gateway serves after they are applied, each on top of the
// one before. KII_SEED and KII_ROUNDS draw others.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { calibrate, servedDefaultRetry } from '#analysis/translate/calibration.ts';
import { servicesOf } from '#analysis/translate/destinations.ts';
import { translate } from '#analysis/translate/translate.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { readListeners } from '#dump/listeners.ts';
import { readRoutes } from '#dump/routes.ts';
import type { Listener } from '#model/listener.ts';
import type { PreviewCalibration, PreviewItem } from '#model/preview.ts';
import type { RouteConfiguration } from '#model/route.ts';
import { overlaid } from '#questions/preview/overlay.ts';
import { settled } from './explain/gateway.ts';
import { randomOf } from './explain/random.ts';
import { marked, meshOf, namespaces, services } from './preview/meshes.ts';
import { apply, dumped, type Gateway, gateways, kii, kubectl, kubectlJson, namespace, until } from './truth/cluster.ts';

const firstSeed = Number(process.env['KII_SEED'] ?? 4_000);
const rounds = Number(process.env['KII_ROUNDS'] ?? 3);
const [gateway] = gateways() as readonly [Gateway];
/** Listeners of connections that were handed on as predicted. */
const handedOn = new Set<string>();
const folder = mkdtempSync(join(tmpdir(), 'kii-preview-'));

const listed = (kind: string): readonly KubeObject[] =>
  kubectlJson<{ items: readonly KubeObject[] }>('get', `${kind}.networking.istio.io`, '-A').items;

const servedRoutes = (): readonly RouteConfiguration[] => readRoutes({ configs: [routesDump()] });
const servedListeners = (): readonly Listener[] =>
  readListeners({
    configs: [
      {
        '@type': 'type.googleapis.com/envoy.admin.v3.ListenersConfigDump',
        dynamic_listeners: dumped(gateway, 'dynamic_listeners'),
      },
    ],
  });
/** By Envoy's own dump: an update of the listener waits for its secret, and has the routes. */
function isWarming(key: string, why: string): boolean {
  const listener = /update of listener (\S+) that leads to its routes is warming/.exec(why)?.[1];
  const [routeConfiguration = ''] = key.split(' ');
  return dumped<{ readonly name: string; readonly warming_state?: object }>(gateway, 'dynamic_listeners').some(
    ({ name, warming_state: update }) =>
      name === listener && JSON.stringify(update)?.includes(`"${routeConfiguration}"`),
  );
}

/** By Envoy's own dump, too. */
function isRejected(why: string): boolean {
  const listener = /^Envoy rejects listener (\S+): .* make a filter chain for \S+/.exec(why)?.[1];
  return dumped<{ readonly name: string; readonly error_state?: { readonly details: string } }>(
    gateway,
    'dynamic_listeners',
  ).some(({ name, error_state: failed }) => name === listener && /filter chain/.test(failed?.details ?? ''));
}

const routesDump = (): object => ({
  '@type': 'type.googleapis.com/envoy.admin.v3.RoutesConfigDump',
  dynamic_route_configs: dumped(gateway, 'dynamic_route_configs'),
});

const ports: Readonly<Record<number, number>> = { 80: 8080, 443: 8443 };

/** Of the objects that are there, with others over them. */
function predicted(over: readonly KubeObject[]): ReturnType<typeof translate> {
  const now = new Date();
  const given = over.map((object) => ({
    resource: object.kind === 'Gateway' ? ('gateways' as const) : ('virtualservices' as const),
    object,
    place: '',
  }));
  const overlay = { given, deletions: [], now };
  const clusters = dumped<{ readonly cluster: { readonly name: string } }>(gateway, 'dynamic_active_clusters');
  return translate(
    {
      gateways: overlaid('gateways', listed('gateways'), overlay).objects,
      virtualServices: overlaid('virtualservices', listed('virtualservices'), overlay).objects,
    },
    servicesOf(
      [],
      clusters.map(({ cluster }) => cluster.name),
    ),
    {
      namespace,
      labels: { app: 'istio-ingressgateway', istio: 'ingressgateway' },
      listenerPortOf: (port) => ports[port] ?? port,
      defaultRetry: servedDefaultRetry([], () => true),
    },
  );
}

test.before(async () => {
  for (const name of namespaces) apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  apply({ apiVersion: 'v1', kind: 'List', items: [...services(), ...marked('begin')] });
  await settled(gateway, 'begin');
});

/** What comes after finds the mesh that it knows: a namespace's own end takes minutes. */
test.after(async () => {
  const kinds = 'gateways.networking.istio.io,virtualservices.networking.istio.io,services';
  for (const name of namespaces) kubectl('-n', name, 'delete', kinds, '--all', '--wait=false');
  kubectl('delete', 'namespace', ...namespaces, '--wait=false');
  for (const one of gateways())
    await until(
      `${one.pod} has nothing of the meshes any more`,
      () => !JSON.stringify(dumped(one, 'dynamic_route_configs')).includes('preview.test'),
    );
  rmSync(folder, { recursive: true });
});

for (let round = 0; round < rounds; round++) {
  const seed = firstSeed + round;
  test(`mesh ${seed} is served as it was predicted`, async () => {
    const mesh = meshOf(randomOf(seed));
    const before = predicted(mesh);
    apply({ apiVersion: 'v1', kind: 'List', items: [...mesh, ...marked(`mesh ${seed}`)] });
    await settled(gateway, `mesh ${seed}`);
    const { exact, unsure } = calibrate(before, servedRoutes(), servedListeners());
    // The marker is told apart by what it is changed to; a listener whose secret is not there stays as it was.
    const unexplained = [...unsure].filter(
      ([key, why]) =>
        !key.includes(' marker.') &&
        !/its Service is not known/.test(why) &&
        !isWarming(key, why) &&
        !isRejected(why) &&
        !(key.startsWith('tcp.9444 ') && why === 'the update of listener 0.0.0.0_9444 is warming'),
    );
    assert.equal(unexplained, [], `KII_SEED=${seed}`);
    assert.ok(exact.size > 5, `${exact.size} hosts`);
    for (const key of exact) if (key.startsWith('tcp.')) handedOn.add(key.slice(0, key.indexOf(' ')));
  });
}

test('among what was served exactly were connections of several ports that are handed on', () => {
  assert.ok(handedOn.size >= Math.min(2, rounds), [...handedOn].join(', '));
});

test('the binary says the same: a mesh that is there changes nothing, and all of it is exact', async () => {
  const file = join(folder, 'mesh.json');
  const items = meshOf(randomOf(firstSeed + rounds - 1));
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const { out } = await kii('preview', file, '-o', 'json');
  const document = JSON.parse(out) as {
    readonly calibration: PreviewCalibration;
    readonly items: readonly PreviewItem[];
  };
  assert.equal(
    document.items.filter(({ type }) => type === 'host'),
    [],
  );
  assert.equal(
    document.calibration.unsure.filter(({ why }) => !/its Service is not known/.test(why) && !isRejected(why)),
    [],
  );
});

test.run();
