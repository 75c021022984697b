// The shapes here are held against istioctl itself in test/real-cluster/envoy-shape.test.ts.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  envoyClusters,
  envoyEndpoints,
  envoyListeners,
  envoyRoutes,
  envoySecrets,
  isSameEnvoy,
  toIstioctlJson,
} from '#render/format/envoy.ts';

const type = (name: string): string => `type.googleapis.com/${name}`;

test('writes field names in camelCase, whatever is between the underscores', () => {
  assert.equal(toIstioctlJson({ virtual_hosts: [{ a_b_c: 1, ipv4_1: 2, '@type': 'x_y' }] }), {
    virtualHosts: [{ aBC: 1, ipv41: 2, '@type': 'x_y' }],
  });
});

test('leaves everything in a Struct as it is', () => {
  const filter_metadata = { some_filter: { snake_key: [{ deep_key: 1 }] } };
  assert.equal(toIstioctlJson({ metadata: { filter_metadata } }), { metadata: { filterMetadata: filter_metadata } });
  const value = { snake_key: { deep_key: 1 } };
  const typed = { '@type': type('udpa.type.v1.TypedStruct'), type_url: 'a_b', value };
  assert.equal(toIstioctlJson({ typed_config: typed }), {
    typedConfig: { '@type': typed['@type'], typeUrl: 'a_b', value },
  });
});

test('keeps the keys of maps and converts their messages', () => {
  assert.equal(toIstioctlJson({ typed_per_filter_config: { a_filter: { '@type': 'x', allow_methods: 'GET' } } }), {
    typedPerFilterConfig: { a_filter: { '@type': 'x', allowMethods: 'GET' } },
  });
});

test('takes a name for a map only where it is one', () => {
  assert.equal(toIstioctlJson({ labels: 'x_y', policies: [{ typed_config: 1 }], map: null }), {
    labels: 'x_y',
    policies: [{ typedConfig: 1 }],
    map: null,
  });
});

test('knows the match of a transport socket from that of a route', () => {
  assert.equal(
    toIstioctlJson({
      transport_socket_matches: [{ match: { tls_mode: 'istio' } }],
      routes: [{ match: { safe_regex: {} } }],
    }),
    {
      transportSocketMatches: [{ match: { tls_mode: 'istio' } }],
      routes: [{ match: { safeRegex: {} } }],
    },
  );
});

test('prints route configurations without their Any, dynamic ones first', () => {
  const of = (name: string): unknown => ({ configs: [{ '@type': 'x', route_config: { '@type': 'y', name } }] });
  assert.equal(envoyRoutes(of('a'), of('b'), {}), [{ name: 'a' }, { name: 'b' }]);
});

test('prints active listeners, not those that only warm', () => {
  const dynamic = {
    configs: [
      { name: 'a', active_state: { listener: { '@type': 'x', stat_prefix: 'p' } } },
      { name: 'b', warming_state: { listener: {} } },
    ],
  };
  assert.equal(envoyListeners(dynamic, { configs: [{ listener: { name: 's' } }] }), [
    { statPrefix: 'p' },
    { name: 's' },
  ]);
});

test('sorts clusters by FQDN, subset and the number of the port', () => {
  const names = ['outbound|443||b', 'outbound|80||b', 'outbound|80|v1|a', 'agent', 'outbound|80||a'];
  const sorted = envoyClusters({ configs: names.map((name) => ({ cluster: { name } })) }) as readonly {
    readonly name: string;
  }[];
  assert.equal(
    sorted.map(({ name }) => name),
    ['outbound|80||a', 'outbound|80|v1|a', 'agent', 'outbound|80||b', 'outbound|443||b'],
  );
});

test('prints secrets as one object, without empty lists, and keeps their Any', () => {
  const section = {
    '@type': type('envoy.admin.v3.SecretsConfigDump'),
    dynamic_active_secrets: [{ name: 'a', secret: { '@type': 'y', tls_certificate: {} } }],
  };
  // An Envoy before 1.19 answers with the other sections, too.
  const configs = [{ '@type': type('envoy.admin.v3.RoutesConfigDump') }, section];
  assert.equal(envoySecrets({ configs }), {
    dynamicActiveSecrets: [{ name: 'a', secret: { '@type': 'y', tlsCertificate: {} } }],
  });
});

test('leaves out clusters without endpoints', () => {
  assert.equal(
    envoyEndpoints({ cluster_statuses: [{ name: 'a' }, { name: 'b', host_statuses: [{ health_status: {} }] }] }),
    [{ name: 'b', hostStatuses: [{ healthStatus: {} }] }],
  );
});

test('bears junk', () => {
  for (const junk of [undefined, null, 1, 'x', [], { configs: 1 }, { configs: [null, 1] }]) {
    assert.equal(envoyEndpoints(junk), []);
    assert.equal(envoySecrets(junk), {});
    for (const make of [envoyRoutes, envoyListeners, envoyClusters]) assert.instance(make(junk), Array);
  }
});

test('holds pods the same whose order, dates and own identity differ', () => {
  const a = {
    dynamicActiveSecrets: [{ name: 'x', lastUpdated: '1', secret: 1 }, { name: 'y' }, { name: 'default', secret: 1 }],
  };
  const b = {
    dynamicActiveSecrets: [{ name: 'default', secret: 2 }, { name: 'y' }, { name: 'x', lastUpdated: '2', secret: 1 }],
  };
  assert.ok(isSameEnvoy(a, b));
  assert.not.ok(isSameEnvoy(a, { dynamicActiveSecrets: [{ name: 'y' }, { name: 'x', secret: 2 }] }));
});

test('holds pods the same where only the order of conditions differs', () => {
  const of = (...names: readonly string[]): unknown => [
    { name: 'r', virtualHosts: [{ routes: [{ match: { queryParameters: names.map((name) => ({ name })) } }] }] },
  ];
  assert.ok(isSameEnvoy(of('v', 'w'), of('w', 'v')));
  assert.not.ok(isSameEnvoy(of('v', 'w'), of('v', 'x')));
});

test('holds pods different where the order of their routes is', () => {
  const of = (...routes: readonly string[]): unknown => [{ name: 'r', virtualHosts: [{ name: 'v', routes }] }];
  assert.ok(isSameEnvoy(of('a', 'b'), of('a', 'b')));
  assert.not.ok(isSameEnvoy(of('a', 'b'), of('b', 'a')));
});

test('holds endpoints the same whose counters, success rates and order differ, and different where health is', () => {
  const of = (...hosts: readonly object[]): unknown => [
    { name: 'a', successRateEjectionThreshold: { value: hosts.length * 10 }, hostStatuses: hosts },
  ];
  const sick = { address: 1, healthStatus: { failedOutlierCheck: true } };
  const a = of({ address: 1, stats: [1], successRate: { value: 99 } }, { address: 2 });
  assert.ok(isSameEnvoy(a, of({ address: 2, localOriginSuccessRate: { value: 1 } }, { address: 1, stats: [2] })));
  assert.not.ok(isSameEnvoy(a, of({ address: 2 }, sick)));
});

test.run();
