import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { asksByName, type ClusterFilter, select } from '#analysis/select/clusters.ts';
import type { Lead } from '#analysis/select/routed-clusters.ts';
import { rowsOfListeners } from '#model/listener-row.ts';
import { listener, tcpChain } from '../../support/builders/listener.ts';
import { prefix, route, routeRow } from '../../support/builders/route.ts';

const of = (service: string, port = 80): string => `outbound|${port}||${service}.svc.cluster.local`;
const [pass] = rowsOfListeners([listener({ filterChains: [tcpChain('pass.example', of('db.svc4'))] })]);

const leads = new Map<string, readonly Lead[]>([
  [of('web.svc1'), [{ kind: 'route', row: routeRow({ route: route({ match: prefix('/one') }) }) }]],
  [
    of('web.svc2', 8080),
    [
      {
        kind: 'route',
        row: routeRow({
          route: route({ match: prefix('/two'), from: { kind: 'VirtualService', namespace: 'svc1', name: 'two' } }),
        }),
      },
      {
        kind: 'route',
        row: routeRow({
          domains: ['b.example'],
          route: route({ from: { kind: 'VirtualService', namespace: 'svc2', name: 'b' } }),
        }),
      },
    ],
  ],
  [of('db.svc4'), [{ kind: 'chain', row: pass as NonNullable<typeof pass> }]],
]);
const rows = [
  ...[...leads.keys()].map((name) => ({ name, isRouted: true })),
  { name: of('lonely.svc1'), isRouted: false },
];

const selected = (filter: ClusterFilter, wholeMesh = false): readonly string[] =>
  select(rows, ({ name }) => name, { leads, unknown: [] }, { filter, wholeMesh }).rows.map(({ name }) =>
    (name.split('|')[3] as string).replace('.svc.cluster.local', ''),
  );

const cases: readonly (readonly [string, ClusterFilter, readonly string[]])[] = [
  ['no filter keeps what is routed to', {}, ['web.svc1', 'web.svc2', 'db.svc4']],
  ['a host keeps what its routes lead to', { host: 'svc1.discovery.wmnet' }, ['web.svc1', 'web.svc2']],
  ['a host keeps what its passthrough chain leads to', { host: 'pass.example' }, ['db.svc4']],
  ['a path keeps what a route that accepts it leads to', { path: '/one/x' }, ['web.svc1', 'web.svc2']],
  ['host and path have to hold at one route', { host: 'svc1.discovery.wmnet', path: '/one' }, ['web.svc1']],
  ['a VirtualService keeps what it leads to', { vs: 'svc1/two' }, ['web.svc2']],
  ['a port is that of the Service', { port: 8080 }, ['web.svc2']],
  ['a service by its name', { service: 'web' }, ['web.svc1', 'web.svc2']],
  ["a cluster by Envoy's name", { name: 'outbound|80||db.*' }, ['db.svc4']],
  ['an owner sees the own services, and where the own VirtualServices lead', { for: 'svc1' }, ['web.svc1', 'web.svc2']],
  ['an owner of one service sees that', { for: 'svc4/db' }, ['db.svc4']],
];

for (const [title, filter, expected] of cases) test(title, () => assert.equal(selected(filter), expected));

test('the whole mesh has what is not routed to as well', () => {
  assert.equal(selected({}, true), ['web.svc1', 'web.svc2', 'db.svc4', 'lonely.svc1']);
  assert.equal(selected({ for: 'svc1' }, true), ['web.svc1', 'web.svc2', 'lonely.svc1']);
  assert.equal(selected({ host: 'svc1.discovery.wmnet' }, true), ['web.svc1', 'web.svc2']);
});

test('says which of those that are asked for by name are left out', () => {
  const unrouted = (filter: ClusterFilter, wholeMesh = false): readonly string[] =>
    select(rows, ({ name }) => name, { leads, unknown: ['why'] }, { filter, wholeMesh }).selection
      .unrouted as readonly string[];
  assert.equal(unrouted({ for: 'svc1' }), [of('lonely.svc1')]);
  assert.equal(unrouted({}), []);
  assert.equal(unrouted({ for: 'svc1' }, true), []);
  assert.equal(unrouted({ host: '*' }), []);
});

test('who asks by host, path or VirtualService asks for what is routed to', () => {
  assert.equal(
    [
      {},
      { port: 1 },
      { service: 'a' },
      { name: 'a' },
      { for: 'a' },
      { host: 'a', service: 'a' },
      { path: '/' },
      { vs: 'a' },
    ].map(asksByName),
    [false, true, true, true, true, false, false, false],
  );
});

test('that more may be routed to is no news where all is shown', () => {
  const unknown = (wholeMesh: boolean): readonly string[] =>
    select(rows, ({ name }) => name, { leads, unknown: ['why'] }, { filter: {}, wholeMesh }).selection
      .unknown as readonly string[];
  assert.equal([unknown(false), unknown(true)], [['why'], []]);
});

test.run();
