import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { broughtBy, type SuspectObjects } from '#analysis/istio/brought-by.ts';
import { gatewayObject, object, pods } from '../../support/builders/facts.ts';
import { gateway } from '../../support/builders/fleet.ts';

const filter = (id: string, value: object, labels: object = { istio: 'ingressgateway' }) =>
  object('EnvoyFilter', id, {
    workloadSelector: { labels },
    configPatches: [{ applyTo: 'HTTP_FILTER', patch: { operation: 'INSERT_BEFORE', value } }],
  });
const lua = filter('istio-system/lua', { name: 'shop.lua', typed_config: { inline_string: 'local secret = 1' } });

const brought = (failed: object | string, active: object | string, objects: Partial<SuspectObjects>, kind = 'LDS') =>
  broughtBy(
    { kind, name: '', failed: JSON.stringify(failed), active: JSON.stringify(active) },
    { envoyfilters: [], virtualservices: [], gateways: [], destinationrules: [], ...objects },
    gateway(pods),
  ).map(({ kind, namespace, name, isSure, brings }) => [`${kind} ${namespace}/${name}`, isSure, brings]);

test('an EnvoyFilter is found by the name of what it adds', () => {
  const failed = { filters: [{ name: 'shop.lua' }, { name: 'router' }] };
  assert.equal(brought(failed, { filters: [{ name: 'router' }] }, { envoyfilters: [lua] }), [
    ['EnvoyFilter istio-system/lua', true, 'shop.lua'],
  ]);
});

test('what the active configuration has too brings nothing new; then those that were changed last are named', () => {
  const both = { filters: [{ name: 'shop.lua' }] };
  const gateways = [gatewayObject('svc1/a', ['a.example'], 3), gatewayObject('svc1/b', ['b.example'], 5)];
  assert.equal(brought(both, both, { envoyfilters: [lua], gateways }), [
    ['Gateway svc1/b', false, undefined],
    ['Gateway svc1/a', false, undefined],
    ['EnvoyFilter istio-system/lua', false, undefined],
  ]);
});

test('a value that is no name may be a credential, and is not shown', () => {
  const failed = { script: 'local secret = 1' };
  assert.equal(brought(failed, {}, { envoyfilters: [lua] }), [['EnvoyFilter istio-system/lua', true, undefined]]);
});

test('filters of other proxies are nobody', () => {
  const failed = { filters: [{ name: 'shop.lua' }] };
  const others = [
    filter('istio-system/lua', { name: 'shop.lua' }, { app: 'other' }),
    filter('shop/lua', { name: 'shop.lua' }),
  ];
  assert.equal(brought(failed, {}, { envoyfilters: others }), []);
});

test("a VirtualService is found by its path in istiod's metadata, a Gateway by its host or credential", () => {
  const config = '/apis/networking.istio.io/v1/namespaces/svc1/virtual-service/web';
  const virtualservices = [object('VirtualService', 'svc1/web', { hosts: ['a.example'], http: [] })];
  assert.equal(brought({ metadata: { config } }, {}, { virtualservices }), [
    ['VirtualService svc1/web', true, undefined],
  ]);
  const gateways = [gatewayObject('svc1/main', ['ns/new.example'])];
  assert.equal(brought({ server_names: ['new.example'] }, {}, { gateways }), [
    ['Gateway svc1/main', true, 'new.example'],
  ]);
});

test('a format of a header that Envoy refuses is found by what Envoy says of it', () => {
  const web = (value: string, id = 'svc1/web') =>
    object('VirtualService', id, { http: [{ headers: { request: { set: { 'x-a': value } } }, route: [] }] });
  const found = (text: string, ...values: readonly string[]) => {
    const virtualservices = [...values.map((value) => web(value)), web('%REQ(x-b)% of 100%%', 'svc1/right')];
    return brought(text, '', { virtualservices, gateways: [gatewayObject('svc1/a', ['a.example'], 9)] }, 'RDS');
  };
  const is = (brings: string) => [['VirtualService svc1/web', true, brings]];
  assert.equal(found('Not supported field in StreamInfo: UNKNOWN', 'by %UNKNOWN%'), is('%UNKNOWN'));
  assert.equal(found('REQ requires parameters', 'by %REQ%'), is('%REQ%'));
  assert.equal(
    found("Incorrect configuration: by a %x. Couldn't find valid command at position 5", 'by a %x'),
    is('by a %x'),
  );
  assert.equal(found("field 'UNKNOWN' not supported as custom header", 'by %UNKNOWN%'), is('%UNKNOWN'));
  assert.is(found('Not supported field in StreamInfo: UNKNOWN')[0]?.[1], false);
});

test('what is wrong with clusters only EnvoyFilters for clusters and DestinationRules can have brought', () => {
  const clusters = object('EnvoyFilter', 'istio-system/clusters', {
    configPatches: [{ applyTo: 'CLUSTER', patch: { operation: 'MERGE', value: { connect_timeout: '-1s' } } }],
  });
  const objects = {
    envoyfilters: [lua, clusters],
    virtualservices: [object('VirtualService', 'svc1/web', { hosts: ['a.example'], http: [] })],
    gateways: [gatewayObject('svc1/main', ['a.example'])],
    destinationrules: [object('DestinationRule', 'svc1/tls', { host: 'web' })],
  };
  const namesFor = (kind: string): unknown =>
    brought('-1', '', objects, kind)
      .map(([name]) => name)
      .sort();
  assert.equal(namesFor('CDS'), ['DestinationRule svc1/tls', 'EnvoyFilter istio-system/clusters']);
  assert.equal(namesFor('LDS'), ['EnvoyFilter istio-system/lua', 'Gateway svc1/main', 'VirtualService svc1/web']);
});

test.run();
