import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rootObject } from '#core/json.ts';
import { dumpElements, dumpOf, readRejection, type Section, typeOf } from '#dump/elements.ts';
import { any, asked, camelCased, section } from '../support/dump.ts';

const states = (json: unknown, of: Section, as?: 'active' | 'warming'): unknown[] =>
  dumpElements(json, of, as).map(({ element, state }) => [element.fields['n'], state]);
const n = (number: number): object => ({ n: number });

for (const [of, lists, expected] of [
  [
    'Listeners',
    { static_listeners: [n(1)], dynamic_listeners: [n(2), n(3)] },
    [
      [1, 'static'],
      [2, 'active'],
      [3, 'active'],
    ],
  ],
  [
    'Clusters',
    { static_clusters: [n(1)], dynamic_active_clusters: [n(2)], dynamic_warming_clusters: [n(3)] },
    [
      [1, 'static'],
      [2, 'active'],
      [3, 'warming'],
    ],
  ],
  [
    'Routes',
    { static_route_configs: [n(1)], dynamic_route_configs: [n(2)] },
    [
      [1, 'static'],
      [2, 'active'],
    ],
  ],
  [
    'ScopedRoutes',
    { inline_scoped_route_configs: [n(1)], dynamic_scoped_route_configs: [n(2)] },
    [
      [1, 'static'],
      [2, 'active'],
    ],
  ],
  [
    'Secrets',
    { static_secrets: [n(1)], dynamic_active_secrets: [n(2)], dynamic_warming_secrets: [n(3)] },
    [
      [1, 'static'],
      [2, 'active'],
      [3, 'warming'],
    ],
  ],
  [
    'Endpoints',
    { static_endpoint_configs: [n(1)], dynamic_endpoint_configs: [n(2)] },
    [
      [1, 'static'],
      [2, 'active'],
    ],
  ],
] as const) {
  test(`finds ${of} in a section, in the spelling of istioctl, and without configs around it`, () => {
    assert.equal(states(section(of, lists), of), expected);
    assert.equal(states(camelCased(section(of, lists)), of), expected);
    assert.equal(states(camelCased(lists), of), expected);
  });
}

test('passes over other sections of a whole dump', () => {
  const { configs } = section('Routes', { dynamic_route_configs: [n(1)] }) as { configs: object[] };
  const bootstrap = { '@type': 'type.googleapis.com/envoy.admin.v3.BootstrapConfigDump', bootstrap: {} };
  const whole = {
    configs: [
      bootstrap,
      ...configs,
      { '@type': 'type.googleapis.com/envoy.admin.v3.ClustersConfigDump', static_clusters: [n(2)] },
      n(3),
    ],
  };
  assert.equal(
    [states(whole, 'Routes'), states(whole, 'Clusters'), states(whole, 'Secrets')],
    [[[1, 'active']], [[2, 'static']], []],
  );
});

test('takes what resource= answers; only who asked knows whether it warms', () => {
  const dynamic = asked('ClustersConfigDump.DynamicCluster', n(1), n(2));
  assert.equal(
    [states(dynamic, 'Clusters'), states(dynamic, 'Clusters', 'warming')],
    [
      [
        [1, 'active'],
        [2, 'active'],
      ],
      [
        [1, 'warming'],
        [2, 'warming'],
      ],
    ],
  );
  assert.equal(states(asked('ClustersConfigDump.StaticCluster', n(1)), 'Clusters', 'warming'), [[1, 'static']]);
  assert.equal(states(asked('ScopedRoutesConfigDump.InlineScopedRouteConfigs', n(1)), 'ScopedRoutes'), [[1, 'static']]);
  assert.equal(states(dynamic, 'Routes'), []);
});

test('finds the one list that a section of istioctl has', () =>
  assert.equal(states({ dynamicRouteConfigs: [n(1)] }, 'Routes'), [[1, 'active']]));

test('finds nothing in an answer without elements', () => {
  assert.equal([states({}, 'Routes'), states({ configs: [] }, 'Routes')], [[], []]);
});

test('refuses what is no dump', () => {
  const refused = (json: unknown, message: string): void =>
    assert.throws(
      () => dumpElements(json, 'Routes'),
      (error: { code: string; message: string }) => error.code === 'bad-answer' && error.message === message,
    );
  refused([], 'cannot read the config dump: it is a list, not an object');
  refused('x', 'cannot read the config dump: it is a string, not an object');
  refused({ configs: [7] }, 'cannot read the config dump: configs[0] is a number, not an object');
});

test('reads a rejection', () => {
  const read = (json: object): unknown => readRejection(rootObject(json, 'the test'));
  assert.equal(
    read({ error_state: { details: 'no', last_update_attempt: '2026-11-23T12:00:00Z', version_info: '7' } }),
    {
      details: 'no',
      at: '2026-11-23T12:00:00Z',
      version: '7',
    },
  );
  assert.equal(read({ errorState: {} }), { details: '', at: undefined, version: undefined });
  assert.equal(read({ error_state: { version_info: '' } }), { details: '', at: undefined, version: undefined });
  assert.is(read({}), undefined);
});

test('takes the type of an Any without its host', () => {
  assert.is(typeOf(rootObject(any('config.route.v3.FilterConfig'), 'the test')), 'envoy.config.route.v3.FilterConfig');
  assert.equal([typeOf(rootObject({}, 'the test')), typeOf(undefined)], ['', '']);
});

test('keeps those elements of an answer that are wanted, as they are', () => {
  const section = (...names: readonly string[]): object => ({
    configs: [{ '@type': 'ListenersConfigDump', dynamic_listeners: names.map((name) => ({ name })) }],
  });
  const named = (name: string): object =>
    dumpOf(
      section('a', 'b'),
      'Listeners',
      (one) => JSON.stringify(one) === `{"dynamic_listeners":[{"name":"${name}"}]}`,
    );
  assert.equal([named('b'), named('c')], [section('b'), section()]);
  assert.equal(
    dumpOf({}, 'Listeners', () => true),
    { configs: [] },
  );
});

test.run();
