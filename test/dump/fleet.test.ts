// The readers over what the Envoys of a real cluster answered. The numbers are jq's, counted in the recording itself.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import recording from '#demo/fleet.json' with { type: 'json' };
import { makeFleet } from '#demo/fleet.ts';
import type { RecordedPod, Recording } from '#demo/recording.ts';
import { readClusters } from '#dump/clusters.ts';
import { readEndpoints } from '#dump/endpoints.ts';
import { readListeners } from '#dump/listeners.ts';
import { readRoutes } from '#dump/routes.ts';
import { readSecretUse } from '#dump/secret-use.ts';
import { readSecrets } from '#dump/secrets.ts';
import { readServerInfo } from '#dump/server-info.ts';
import { camelCased } from '../support/dump.ts';

const fleet = makeFleet(recording as unknown as Recording, 3);
const recorded = [...fleet.pods.values()].flatMap((pod) => pod.recorded ?? []);
const count = <T>(list: readonly T[], is: (one: T) => boolean): number => list.filter(is).length;

const counted = [
  { pod: 'istio-ingressgateway-66qlf', routes: 29, certificates: 16, secretsInUse: 17, endpoints: 92 },
  { pod: 'istio-ingressgateway-gfn8x', routes: 29, certificates: 16, secretsInUse: 17, endpoints: 92 },
  /** Cut off from istiod: it lacks the last service. */
  { pod: 'istio-ingressgateway-l9b5b', routes: 27, certificates: 15, secretsInUse: 16, endpoints: 95 },
];

test('there is a recording of every pod', () =>
  assert.equal(
    recorded.map(({ name }) => name),
    counted.map(({ pod }) => pod),
  ));

for (const { pod: name, routes, certificates, secretsInUse, endpoints } of counted) {
  const pod = recorded.find((one) => one.name === name) as RecordedPod;
  const dump = fleet.dump(pod);

  test(`listeners of ${name}`, () => {
    const listeners = readListeners(dump);
    const active = listeners.filter(({ state }) => state === 'active');
    const chains = active.flatMap(({ filterChains }) => filterChains);
    assert.equal(active.map(({ name: listener }) => listener).sort(), [
      '0.0.0.0_8080',
      '0.0.0.0_8443',
      '0.0.0.0_8444',
      '0.0.0.0_8445',
    ]);
    assert.equal(
      active.map(({ name: listener, address, port }) => `${address}_${port}` === listener),
      [true, true, true, true],
    );
    assert.is(
      count(listeners, ({ state }) => state === 'static'),
      2,
    );
    assert.equal(
      [
        chains.length,
        count(chains, ({ tls }) => tls !== undefined),
        count(chains, ({ tls }) => tls?.mode === 'MUTUAL'),
      ],
      [18, 16, 1],
    );
    assert.equal(
      [count(chains, ({ handler }) => handler.kind === 'tcp'), count(chains, ({ handler }) => handler.kind === 'http')],
      [1, 17],
    );
    assert.is(readSecretUse(dump).size, secretsInUse);
  });

  test(`routes of ${name}`, () => {
    const configurations = readRoutes(dump).filter(({ state }) => state === 'active');
    const hosts = configurations.flatMap(({ virtualHosts }) => virtualHosts);
    const all = hosts.flatMap((host) => host.routes);
    assert.equal(
      [configurations.length, hosts.length, all.length, count(hosts, ({ requireTls }) => requireTls !== 'none')],
      [17, 18, routes, 2],
    );
    assert.equal(
      [count(all, ({ action }) => action.kind === 'forward'), count(all, ({ action }) => action.kind === 'redirect')],
      [routes - 2, 2],
    );
    assert.is(
      count(all, ({ match }) => match.path.kind === 'unknown' || match.others.length > 0),
      0,
    );
  });

  test(`clusters of ${name}`, () => {
    const clusters = readClusters(dump);
    const active = clusters.filter(({ state }) => state === 'active');
    assert.equal([active.length, clusters.length - active.length], [35, 4]);
    assert.equal(
      [count(active, ({ tls }) => tls.mode === 'per-endpoint'), count(active, ({ tls }) => tls.mode === 'SIMPLE')],
      [22, 12],
    );
    assert.is(
      count(active, ({ tls }) => tls.mode === 'SIMPLE' && tls.isVerified),
      7,
    );
    assert.is(
      count(active, ({ destinationRule }) => destinationRule !== undefined),
      12,
    );
    assert.is(readEndpoints({ cluster_statuses: fleet.list(pod, 'clusters') }).length, endpoints);
  });

  test(`secrets of ${name}`, () => {
    const secrets = readSecrets(dump);
    assert.equal(
      [count(secrets, ({ state }) => state === 'active'), count(secrets, ({ state }) => state === 'warming')],
      [certificates + 3, 1],
    );
    assert.equal(
      [count(secrets, ({ kind }) => kind === 'certificate'), count(secrets, ({ kind }) => kind === 'ca')],
      [certificates, 3],
    );
    assert.is(
      count(
        secrets,
        ({ state, chain, unreadable }) => state === 'active' && (chain.length === 0 || unreadable !== undefined),
      ),
      0,
    );
  });

  test(`all of ${name} in the spelling of istioctl`, () => {
    const same = camelCased(dump);
    assert.equal(readRoutes(same), readRoutes(dump));
    assert.equal(readClusters(same), readClusters(dump));
    assert.equal(readSecrets(same), readSecrets(dump));
    assert.equal(readSecretUse(same), readSecretUse(dump));
    assert.is(readListeners(same).length, 6);
  });

  test(`${name} itself`, () => assert.is(readServerInfo(fleet.answer(pod, 'server_info')).envoyVersion, '1.40.0'));
}

test.run();
