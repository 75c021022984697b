// Routes that would match as well, and what would make them win. Who wins was seen on real gateways:
// test/real-cluster/failing-requests.test.ts.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '#analysis/request/explain.ts';
import type { Request } from '#model/request.ts';
import type { Route } from '#model/route.ts';
import { routeMatch } from '../../support/builders/route.ts';
import { configuration, entry, request, route, routedBy } from '../../support/builders/way.ts';

const of = (name: string): Route['from'] => ({ kind: 'VirtualService', namespace: 'svc1', name });
const prefix = (value: string, name: string, over: Partial<Route> = {}): Route =>
  route({ match: routeMatch({ path: { kind: 'prefix', value, caseSensitive: true } }), from: of(name), ...over });

function losersOf(routes: readonly Route[], asked: Partial<Request>): unknown[] {
  const placed = routes.map((one, index) => ({ ...one, position: index + 1 }));
  const { losers } = explain(configuration(routedBy(...placed)), request(asked), entry);
  return losers.map(({ route: { position }, repair }) => [position, repair]);
}

test('a longer prefix behind a shorter one loses: into the older VirtualService, or before it in the same one', () => {
  assert.equal(losersOf([prefix('/a', 'old'), prefix('/a/b', 'young')], { path: '/a/b' }), [[2, 'move-into-winner']]);
  assert.equal(losersOf([prefix('/a', 'old'), prefix('/a/b', 'old')], { path: '/a/b' }), [[2, 'move-before-winner']]);
});

test('of two with one match one is too many', () => {
  assert.equal(losersOf([prefix('/a', 'old'), prefix('/a', 'young')], { path: '/a' }), [[2, 'remove-one']]);
});

test('a route for the rest loses nothing, nor does one that does not match', () => {
  assert.equal(losersOf([prefix('/a', 'old'), prefix('/', 'young')], { path: '/a' }), []);
  assert.equal(losersOf([prefix('/a', 'old'), prefix('/a/b', 'young')], { path: '/a/c' }), []);
});

test('where chance decides, nobody has lost', () => {
  const half = routeMatch({
    path: { kind: 'prefix', value: '/a', caseSensitive: true },
    fraction: { numerator: 50, denominator: 100, runtimeKey: undefined },
  });
  assert.equal(losersOf([prefix('/a', 'old', { match: half }), prefix('/a/b', 'young')], { path: '/a/b' }), []);
});

test.run();
