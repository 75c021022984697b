// Requests that ask for another protocol, each of which an Envoy of 1.36 and one of 1.40 have answered so.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '#analysis/request/explain.ts';
import { type HandlerUpgrade, upgrades } from '#model/listener.ts';
import type { Request } from '#model/request.ts';
import type { Upgrade, VirtualHost } from '#model/route.ts';
import { redirect, routeMatch } from '../../support/builders/route.ts';
import {
  chain,
  configuration,
  entry,
  forward,
  handler,
  listener,
  request,
  route,
  routeConfiguration,
  virtualHost,
} from '../../support/builders/way.ts';

const webSocket = (name = 'websocket', connection = 'Upgrade'): Request['headers'] =>
  new Map([
    ['connection', [connection]],
    ['upgrade', [name]],
  ]);
const allowed: Upgrade = { type: 'websocket', isAllowed: true };
const forbidden: Upgrade = { type: 'websocket', isAllowed: false };

interface Setting {
  readonly ofHandler?: readonly HandlerUpgrade[] | undefined;
  readonly host?: Partial<VirtualHost>;
  readonly asked?: Partial<Request>;
}

function told({ ofHandler = [], host = { routes: [route()] }, asked = {} }: Setting) {
  const filters = [...handler().httpFilters, { name: 'lua', type: 'Lua', disabled: false, isConfigured: true }];
  const chains = [
    chain({ handler: handler({ [upgrades]: ofHandler, httpFilters: filters, useRemoteAddress: false }) }),
  ];
  const { outcomes, mayAnswer } = explain(
    configuration({
      listeners: [listener({ filterChains: chains })],
      routeConfigurations: [routeConfiguration({ virtualHosts: [virtualHost(host)] })],
    }),
    request({ headers: webSocket(), ...asked }),
    entry,
  );
  return [...outcomes.map((one) => ('code' in one ? one.code : one.kind)), ...mayAnswer];
}
const routed = (...of: readonly Upgrade[]): Partial<VirtualHost> => ({
  routes: [route({ action: forward({ upgrades: of }) })],
});

test('an upgrade that nobody allows is refused, before any filter sees it', () => {
  assert.equal(told({}), [403]);
  assert.equal(told({ ofHandler: [forbidden] }), [403]);
  assert.equal(told({ ofHandler: [allowed] }), ['forward', 'lua']);
  assert.equal(told({ ofHandler: [allowed], asked: { headers: webSocket('WebSocket') } }), ['forward', 'lua']);
  assert.equal(told({ ofHandler: [allowed], asked: { headers: webSocket('other') } }), [403]);
});

test('the route goes before the connection manager', () => {
  assert.equal(told({ ofHandler: [allowed], host: routed(forbidden) }), [403]);
  assert.equal(told({ ofHandler: [forbidden], host: routed(allowed) }), ['forward', 'lua']);
  assert.equal(told({ ofHandler: [allowed], host: routed({ type: 'other', isAllowed: false }) }), ['forward', 'lua']);
});

test('what is no upgrade goes its way', () => {
  assert.equal(told({ asked: { headers: new Map([['upgrade', ['websocket']]]) } }), ['forward', 'lua']);
  assert.equal(told({ asked: { headers: webSocket('h2c', 'upgrade, HTTP2-Settings') } }), ['forward', 'lua']);
});

test('a redirect is refused as well, and a host or path without route is not found', () => {
  const elsewhere = routeMatch({ path: { kind: 'exact', value: '/elsewhere', caseSensitive: true } });
  assert.equal(told({ host: { routes: [route({ action: redirect() })] } }), [403]);
  const plain = new Map([...webSocket(), ['x-forwarded-proto', ['http']]]);
  assert.equal(told({ host: { requireTls: 'all' }, asked: { headers: plain } }), [403]);
  assert.equal(told({ host: { routes: [route({ match: elsewhere })] } }), [404, 'lua']);
  assert.equal(told({ host: { domains: ['b.example.org'] } }), [404, 'lua']);
});

test('CONNECT is one, and may be allowed', () => {
  const host = { routes: [route({ match: routeMatch({ path: { kind: 'connect' } }) })] };
  const asked = { method: 'CONNECT', headers: new Map() };
  assert.equal(told({ host, asked }), [403]);
  assert.equal(told({ ofHandler: [{ type: 'connect', isAllowed: true }], host, asked }), ['forward', 'lua']);
});

test('a protocol may have filters of its own', () => {
  const fault = { abort: { code: 418, share: 1 }, delay: undefined, headers: [] };
  const filters = { httpFilters: handler().httpFilters, faults: [fault] };
  assert.equal(told({ ofHandler: [{ ...allowed, filters }] }), [418]);
  assert.equal(told({ ofHandler: [{ ...allowed, filters }], asked: { headers: new Map() } }), ['forward', 'lua']);
});

test('what a connection manager that is not read allows is not known', () => {
  const way = explain(
    configuration({
      routeConfigurations: [routeConfiguration({ virtualHosts: [virtualHost({ routes: [route()] })] })],
    }),
    request({ headers: webSocket() }),
    entry,
  );
  assert.is(way.outcomes[0]?.kind, 'forward');
  assert.match(way.caveats.join(), 'where neither route nor connection manager allows it, Envoy answers 403');
});

test.run();
