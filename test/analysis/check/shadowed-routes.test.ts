import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shadowedRoutes, unmetRoutes } from '#analysis/check/shadowed-routes.ts';
import type { HeaderMatch, PathMatch, QueryMatch, RouteMatch } from '#model/match.ts';
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

test('the same route once more, of a second server with the host, is no fault of anybody', () => {
  const [a, b] = [
    { kind: 'VirtualService', namespace: 'ns', name: 'a' },
    { kind: 'VirtualService', namespace: 'ns', name: 'b' },
  ];
  const of = (...routes: readonly Parameters<typeof route>[0][]): string[] =>
    shadowedRoutes({
      hasMatcherTree: false,
      routes: routes.map((one, index) => route({ ...one, position: index + 1 })),
    }).map(({ route: { position }, by }) => `${position} by ${by.position}`);
  const [first, last] = [
    { from: a, name: 'first', match: prefix('/a') },
    { from: a, name: 'last', match: prefix('/') },
  ];
  assert.equal(of(first, first, last, last), []);
  assert.equal(of(first, last, first, { ...first, name: 'other' }), ['3 by 1', '4 by 1']);
  assert.equal(
    of(first, first, last, first, first, last),
    ['4 by 1', '5 by 1'],
    'one of them stands twice in the object',
  );
  assert.equal(of(last, { ...last, from: b }), ['2 by 1']);
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

test('a condition that another brings along leaves nothing', () => {
  const match = (changes: Partial<HeaderMatch>): RouteMatch =>
    routeMatch({ headers: [headerMatch({ name: 'x', ...changes })] });
  const text = (kind: 'exact' | 'prefix', value: string, ignoreCase = false): RouteMatch =>
    match({ value: { kind, value, ignoreCase } });
  const present = match({ value: { kind: 'present', present: true } });
  assert.equal(shadows(present, text('exact', '1'), text('prefix', 'a')), ['2 by 1', '3 by 1']);
  assert.equal(
    shadows(present, match({ value: { kind: 'exact', value: '', ignoreCase: false }, treatMissingAsEmpty: true })),
    [],
  );
  assert.equal(shadows(text('prefix', '1'), text('exact', '12'), text('exact', '2')), ['2 by 1']);
  assert.equal(shadows(text('exact', 'AB', true), text('exact', 'ab'), text('exact', 'Ab', true)), [
    '2 by 1',
    '3 by 1',
  ]);
  assert.equal(shadows(text('exact', 'ab'), text('exact', 'AB', true)), []);
  assert.equal(shadows(match({ value: { kind: 'range', start: 1, end: 9 } }), text('exact', '2'), text('exact', '9')), [
    '2 by 1',
  ]);
  // A header may be sent twice, with both values.
  const no = match({ value: { kind: 'exact', value: '1', ignoreCase: false }, invert: true });
  assert.equal(shadows(no, text('exact', '2')), []);
  assert.equal(shadows(present, no), ['2 by 1']);
  const query = (value: QueryMatch['value']): RouteMatch => routeMatch({ query: [{ name: 'q', value }] });
  const one = query({ kind: 'exact', value: '1', ignoreCase: false });
  assert.equal(shadows(query({ kind: 'present', present: true }), one), ['2 by 1']);
  assert.equal(shadows(one, query({ kind: 'present', present: true })), []);
});

test('a regular expression that begins as the prefix before it', () => {
  assert.equal(shadows(prefix('/x'), regex('^/x/[a-z]+'), regex('/x/(a|b)'), regex('/x\\.y[|]')), [
    '2 by 1',
    '3 by 1',
    '4 by 1',
  ]);
  assert.equal(shadows(prefix('/x'), regex('/x|/y'), regex('/x?y'), regex('(?i)/x'), regex('/x*')), []);
});

test('a path that no request has', () => {
  const unmet = (...matches: readonly RouteMatch[]): string[] =>
    unmetRoutes({ hasMatcherTree: false, routes: matches.map((match) => route({ match })) }).map(({ why }) => why);
  const begins = 'every path begins with /';
  const query = 'paths are compared without what begins with ? or #, so none is like that';
  assert.equal(unmet(path('exact', '/a?x=1'), prefix('/a#b'), regex('/a\\?x=.*')), [query, query, query]);
  assert.equal(unmet(prefix('api'), regex('api/.*')), [begins, begins]);
  assert.equal(unmet(prefix('/'), prefix(''), path('exact', '*'), regex('.*'), regex('/a?b'), regex('[^/]*|/a')), []);
});

test.run();
