// What `preview` says of generated meshes against what a real gateway serves after they are applied, each on top of the
// one before; then of single objects that are changed, deleted and made again. KII_SEED, KII_ROUNDS and KII_CHANGES draw
// others.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { calibrate, servedDefaultRetry } from '#analysis/translate/calibration.ts';
import { servicesOf } from '#analysis/translate/destinations.ts';
import type { TranslatedHost } from '#analysis/translate/route-configurations.ts';
import { hostsOf, type Translation, translate } from '#analysis/translate/translate.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { readListeners } from '#dump/listeners.ts';
import { readRoutes } from '#dump/routes.ts';
import type { Listener } from '#model/listener.ts';
import type { PreviewCalibration, PreviewItem } from '#model/preview.ts';
import type { RouteConfiguration } from '#model/route.ts';
import { createdApart, overlaid } from '#questions/preview/overlay.ts';
import { settled } from './explain/gateway.ts';
import { randomOf } from './explain/random.ts';
import { marked, meshOf, namespaces, services } from './preview/meshes.ts';
import { apply, dumped, type Gateway, gateways, kii, kubectl, kubectlJson, namespace, until } from './truth/cluster.ts';

const firstSeed = Number(process.env['KII_SEED'] ?? 4_000);
const rounds = Number(process.env['KII_ROUNDS'] ?? 3);
const changes = Number(process.env['KII_CHANGES'] ?? 8);
const [gateway] = gateways() as readonly [Gateway];
/** Listeners of connections that were handed on as predicted. */
const handedOn = new Set<string>();
const folder = mkdtempSync(join(tmpdir(), 'kii-preview-'));

const listed = (kind: string): readonly KubeObject[] =>
  kubectlJson<{ items: readonly KubeObject[] }>('get', `${kind}.networking.istio.io`, '-A').items;

const servedRoutes = (): readonly RouteConfiguration[] => readRoutes({ configs: [routesDump()] });
interface DumpedListener {
  readonly name: string;
  readonly warming_state?: object;
  readonly error_state?: { readonly details: string };
}

const listenersDump = (of = gateway): readonly DumpedListener[] => dumped<DumpedListener>(of, 'dynamic_listeners');
const servedListeners = (dump: readonly DumpedListener[]): readonly Listener[] =>
  readListeners({
    configs: [
      {
        '@type': 'type.googleapis.com/envoy.admin.v3.ListenersConfigDump',
        dynamic_listeners: dump,
      },
    ],
  });
/** By Envoy's own dump: an update of the listener waits for its secret, and has the routes. */
function isWarming(dump: readonly DumpedListener[], key: string, why: string): boolean {
  const listener = /update of listener (\S+) that leads to its routes is warming/.exec(why)?.[1];
  const [routeConfiguration = ''] = key.split(' ');
  return dump.some(
    ({ name, warming_state: update }) =>
      name === listener && JSON.stringify(update)?.includes(`"${routeConfiguration}"`),
  );
}

/** By Envoy's own dump, too. */
function isRejected(dump: readonly DumpedListener[], why: string): boolean {
  const listener = /^Envoy rejects listener (\S+): .* make a filter chain for \S+/.exec(why)?.[1];
  return dump.some(({ name, error_state: failed }) => name === listener && /filter chain/.test(failed?.details ?? ''));
}

/** The same, of a listener as a whole: the secret of one of its chains is not there. */
function isWaiting(dump: readonly DumpedListener[], why: string): boolean {
  const listener = /^the update of listener (\S+) is warming$/.exec(why)?.[1];
  return dump.some(({ name, warming_state: update }) => name === listener && update !== undefined);
}

/** `on POD, POD WHY` is judged by the dump of the first of them, a reason that all pods have by any. */
function isSoByDump(why: string): boolean {
  const [, pod, reason = why] = /^on (\S+?)(?:, \S+)* (.*)$/s.exec(why) ?? [];
  const dump = listenersDump(gateways().find((one) => one.pod === pod));
  return isRejected(dump, reason) || isWaiting(dump, reason);
}

const routesDump = (): object => ({
  '@type': 'type.googleapis.com/envoy.admin.v3.RoutesConfigDump',
  dynamic_route_configs: dumped(gateway, 'dynamic_route_configs'),
});

const ports: Readonly<Record<number, number>> = { 80: 8080, 443: 8443 };

const resourceOf = ({ kind }: KubeObject): 'gateways' | 'virtualservices' =>
  kind === 'Gateway' ? 'gateways' : 'virtualservices';
const namespaceOf = ({ metadata }: KubeObject): string => metadata.namespace ?? '';

/** Of the objects that are there, with others over them: as if one second created them all, and one after another. */
function predicted(over: readonly KubeObject[], deleted: readonly KubeObject[] = []): readonly Translation[] {
  const now = new Date();
  const given = over.map((object) => ({
    resource: resourceOf(object),
    object,
    place: '',
  }));
  const deletions = deleted.map((object) => ({
    ...object.metadata,
    namespace: namespaceOf(object),
    resource: resourceOf(object),
  }));
  const overlay = { given, deletions, now };
  const clusters = dumped<{ readonly cluster: { readonly name: string } }>(gateway, 'dynamic_active_clusters');
  const services = servicesOf(
    [],
    clusters.map(({ cluster }) => cluster.name),
    { isWhole: true },
  );
  const target = {
    namespace,
    labels: { app: 'istio-ingressgateway', istio: 'ingressgateway' },
    listenerPortOf: (port: number) => ports[port] ?? port,
    defaultRetry: servedDefaultRetry([], () => true),
    withoutSecrets: (text: string) => text,
  };
  const layers = {
    gateways: overlaid('gateways', listed('gateways'), overlay),
    virtualServices: overlaid('virtualservices', listed('virtualservices'), overlay),
  };
  return [
    { gateways: layers.gateways.objects, virtualServices: layers.virtualServices.objects },
    {
      gateways: createdApart(layers.gateways, now),
      virtualServices: createdApart(layers.virtualServices, now),
    },
  ].map((objects) => translate(objects, services, target));
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
    const found = compared(before);
    count(before, found);
    const { exact, unexplained } = found;
    assert.equal(unexplained, [], `KII_SEED=${seed}`);
    assert.ok(exact.size > 5, `${exact.size} hosts`);
    for (const key of exact) if (key.startsWith('tcp.')) handedOn.add(key.slice(0, key.indexOf(' ')));
  });
}

interface Compared {
  readonly exact: ReadonlySet<string>;
  /** Not exact, and Envoy's dump does not say why. */
  readonly unexplained: readonly (readonly [string, string])[];
}

/** What is served as none of the predictions says, and why nobody can tell. */
function compared(predictions: readonly Translation[]): Compared {
  const all = predictions.map(comparedWith);
  const exact = new Set(all.flatMap((one) => [...one.exact]));
  return { exact, unexplained: (all[0]?.unexplained ?? []).filter(([key]) => !exact.has(key)) };
}

function comparedWith(before: Translation): Compared {
  const dump = listenersDump();
  const { exact, unsure } = calibrate(before, servedRoutes(), servedListeners(dump));
  const isSettledOtherwise = (key: string, why: string): boolean => isWarming(dump, key, why) || isRejected(dump, why);
  // The marker is told apart by what it is changed to; a listener whose secret is not there stays as it was.
  const others = [...unsure].filter(
    ([key, why]) =>
      !key.includes(' marker.') &&
      !isSettledOtherwise(key, why) &&
      !(key.startsWith('tcp.9444 ') && why === 'the update of listener 0.0.0.0_9444 is warming'),
  );
  return { exact, unexplained: others };
}

/** By feature: hosts with it, and those of them that were called exact. What Envoy does not take is no part of it. */
const shares = new Map<string, { all: number; exact: number }>();

function count([translation]: readonly Translation[], { exact, unexplained }: Compared): void {
  const hosts = translation ? hostsOf(translation) : new Map<string, TranslatedHost>();
  for (const key of [...exact, ...unexplained.map(([one]) => one)])
    for (const feature of ['any', ...featuresOf(hosts.get(key))]) {
      const share = shares.get(feature) ?? { all: 0, exact: 0 };
      share.all++;
      if (exact.has(key)) share.exact++;
      shares.set(feature, share);
    }
}

function featuresOf(host: TranslatedHost | undefined): ReadonlySet<string> {
  if (!host) return new Set(['connections that are handed on']);
  const routes = host.routes.map(({ of }) => of);
  return new Set([
    ...host.servers.map(({ protocol, tls }) =>
      `${protocol} ${tls?.mode ?? (tls?.httpsRedirect ? 'redirect' : '')}`.trim(),
    ),
    ...(host.host.includes('*') ? ['wildcard'] : []),
    ...(new Set(host.routes.map(({ route }) => route.from?.name)).size > 1 ? ['several VirtualServices'] : []),
    ...routes.flatMap((one) => Object.keys(one).filter((name) => name !== 'match' && name !== 'name')),
    ...routes.flatMap(({ match = [] }) => match.flatMap((one) => Object.keys(one).map((name) => `match ${name}`))),
    ...(routes.some(({ route = [] }) => route.length > 1) ? ['weights'] : []),
  ]);
}

/** Object by object: what is there, what stands there after a deletion. */
const mesh = new Map<number, KubeObject>();

if (changes > 0)
  test('single objects that are changed, deleted and made again are served as it was predicted', async () => {
    const random = randomOf(firstSeed + 500_000);
    for (const [index, object] of meshOf(randomOf(firstSeed + rounds - 1)).entries()) mesh.set(index, object);
    const all = mesh.size;
    for (let change = 0; change < changes; change++) {
      const index = random.below(all);
      const old = mesh.get(index);
      const isDeleted = old !== undefined && random.chance(0.2);
      const object = meshOf(randomOf(firstSeed + 600_000 + change))[index] as KubeObject;
      const before = isDeleted ? predicted([], [old]) : predicted([object]);
      if (isDeleted) {
        kubectl('-n', namespaceOf(old), 'delete', `${resourceOf(old)}.networking.istio.io`, old.metadata.name);
        mesh.delete(index);
      } else mesh.set(index, object);
      const mark = `change ${change} of ${firstSeed}`;
      apply({ apiVersion: 'v1', kind: 'List', items: [...(isDeleted ? [] : [object]), ...marked(mark)] });
      await until(`the gateway serves ${mark}`, () => JSON.stringify(routesDump()).includes(mark));
      // Listeners come a moment later, and with them the routes that they lead to.
      if (compared(before).unexplained.length > 0) await settled(gateway, mark);
      const found = compared(before);
      count(before, found);
      const about = `KII_SEED=${firstSeed} KII_ROUNDS=${rounds}, change ${change}: ${isDeleted ? 'without' : 'with'} ${object.kind} ${object.metadata.name}`;
      assert.equal(found.unexplained, [], about);
    }
  });

/** Of all rounds, into the file that KII_SHARES names. */
test.after(() => {
  const file = process.env['KII_SHARES'];
  const lines = [...shares].map(
    ([feature, { all, exact }]) => `${((100 * exact) / all).toFixed(1)} % (${exact} of ${all}) ${feature}\n`,
  );
  if (file !== undefined) writeFileSync(file, lines.sort().join(''));
});

test('among what was served exactly were connections of several ports that are handed on', () => {
  assert.ok(handedOn.size >= Math.min(2, rounds), [...handedOn].join(', '));
});

test('the binary says the same: a mesh that is there changes nothing, and all of it is exact', async () => {
  const file = join(folder, 'mesh.json');
  // Each test before has looked at one gateway: here all of them have what was applied.
  apply({ apiVersion: 'v1', kind: 'List', items: marked('the end') });
  for (const one of gateways()) await settled(one, 'the end');
  const items = mesh.size > 0 ? [...mesh.values()] : meshOf(randomOf(firstSeed + rounds - 1));
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
  const ofSeveralPods = document.calibration.unsure.map(({ why }) =>
    why.split('; on ').map((one, index) => (index ? `on ${one}` : one)),
  );
  assert.equal(
    ofSeveralPods.flat().filter((why) => !isSoByDump(why)),
    [],
  );
});

test.run();
