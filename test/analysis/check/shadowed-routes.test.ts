import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shadowedRoutes } from '#analysis/check/shadowed-routes.ts';
import type { HeaderMatch, PathMatch, RouteMatch } from '#model/match.ts';
import { headerMatch, prefix, route, routeMatch } from '../../support/builders/route.ts';

const header = (name: string, value: string): HeaderMatch =>
  headerMatch({ name, value: { kind: 'exact', value, ignoreCase: false } });
const path = (kind: 'exact' | 'path-separated-prefix', value: string): RouteMatch =>
  routeMatch({ path: { kind, value, caseSensitive: true } });
const regex = (value: string): RouteMatch => routeMatch({ path: { kind: 'regex', value } });
const folded = (value: string): RouteMatch => routeMatch({ path: { kind: 'prefix', value, caseSensitive: false } });

/** Positions of the routes that are never taken, with that of the one that takes theirs. */
const shadows = (...matches: readonly RouteMatch[]): string[] =>
  shadowedRoutes({
    hasMatcherTree: false,
    routes: matches.map((one, index) => route({ position: index + 1, match: one })),
  }).map(({ route: { position }, by }) => `${position} by ${by.position}`);

test('a route after one that takes every path is never taken', () => {
  assert.equal(shadows(prefix('/'), prefix('/a'), regex('/b.*')), ['2 by 1', '3 by 1']);
  assert.equal(shadows(prefix('/a'), prefix('/')), []);
});

test('prefixes take longer ones and exact paths under them', () => {
  assert.equal(shadows(prefix('/a'), prefix('/ab'), path('exact', '/a'), prefix('/b')), ['2 by 1', '3 by 1']);
  assert.equal(
    shadows(path('path-separated-prefix', '/a'), prefix('/ab'), path('exact', '/a'), prefix('/a/b'), prefix('/a')),
    ['3 by 1', '4 by 1'],
  );
  assert.equal(shadows(path('exact', '/a'), prefix('/a')), []);
});

test('equal ones shadow each other, also where nothing is known of them', () => {
  assert.equal(shadows(regex('/x.*'), regex('/x.*'), regex('/y')), ['2 by 1']);
  const unknown: PathMatch = { kind: 'unknown', type: 'path_match_policy' };
  assert.equal(shadows(routeMatch({ path: unknown }), routeMatch({ path: unknown })), []);
});

test('a regular expression takes a path that it matches, and all behind a beginning', () => {
  const after = (...later: readonly RouteMatch[]): unknown => shadows(regex('/api/.*'), ...later);
  assert.equal(after(path('exact', '/api/v2'), path('exact', '/api')), ['2 by 1']);
  assert.equal(after(prefix('/api/v2'), prefix('/api'), regex('/api/v2/.*')), ['2 by 1', '4 by 1']);
  assert.equal(shadows(regex('/a[0-9]+'), path('exact', '/a1'), path('exact', '/ab'), prefix('/a1')), ['2 by 1']);
  assert.equal(shadows(regex('.*'), prefix('/'), regex('/x')), ['2 by 1', '3 by 1']);
  assert.equal(shadows(regex('/a.b.*'), prefix('/a.b')), [], 'its dot is any character');
  assert.equal(shadows(regex('/('), path('exact', '/(')), [], 'RE2 refuses it');
});

test('letters count unless the earlier one folds them', () => {
  assert.equal(shadows(folded('/A'), prefix('/ab')), ['2 by 1']);
  assert.equal(shadows(prefix('/a'), folded('/ab')), []);
});

test('a condition more in the earlier one leaves something for the later one', () => {
  const [a, b] = [header('x', '1'), header('y', '2')];
  assert.equal(shadows(routeMatch({ headers: [a] }), routeMatch()), []);
  assert.equal(shadows(routeMatch({ headers: [a] }), routeMatch({ headers: [b, a] })), ['2 by 1']);
  assert.equal(shadows(routeMatch({ grpc: true }), routeMatch()), []);
  assert.equal(shadows(routeMatch({ others: ['tls_context'] }), routeMatch({ others: ['tls_context'] })), []);
  assert.equal(
    shadows(routeMatch({ fraction: { numerator: 50, denominator: 100, runtimeKey: undefined } }), routeMatch()),
    [],
  );
  assert.equal(
    shadows(routeMatch({ query: [{ name: 'q', value: { kind: 'present', present: true } }] }), routeMatch()),
    [],
  );
});

test('CONNECT is no part of a prefix', () => {
  assert.equal(shadows(prefix('/'), routeMatch({ path: { kind: 'connect' } })), []);
});

test('of a matcher tree nothing is said', () => {
  assert.equal(shadowedRoutes({ hasMatcherTree: true, routes: [route(), route({ position: 2 })] }), []);
});

test.run();
