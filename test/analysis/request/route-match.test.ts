import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { behaviourOf, mismatchesOf } from '#analysis/request/route-match.ts';
import type { HeaderMatch, QueryMatch, RouteMatch, StringMatch } from '#model/match.ts';
import type { Request } from '#model/request.ts';
import { headerMatch, routeMatch } from '../../support/builders/route.ts';
import { request } from '../../support/builders/way.ts';

const text = (kind: 'exact' | 'prefix' | 'suffix' | 'contains', value: string, ignoreCase = false): StringMatch => ({
  kind,
  value,
  ignoreCase,
});
const header = (name: string, value: HeaderMatch['value'], over: Partial<HeaderMatch> = {}): HeaderMatch =>
  headerMatch({ name, value, ...over });
const now = behaviourOf('1.40.0');
const old = behaviourOf('1.17.5');
const failed = (m: RouteMatch, r: Request, behaviour = now): string[] =>
  mismatchesOf(m, r, behaviour).map(({ condition }) => condition);

for (const [name, path, actual, holds] of [
  ['a prefix', { kind: 'prefix', value: '/api', caseSensitive: true }, '/apis?x=1', true],
  ['a prefix with another case', { kind: 'prefix', value: '/api', caseSensitive: true }, '/API', false],
  ['a prefix that ignores case', { kind: 'prefix', value: '/api', caseSensitive: false }, '/API/x', true],
  ['an exact path with a query behind it', { kind: 'exact', value: '/api', caseSensitive: true }, '/api?x=1', true],
  ['an exact path with a slash behind it', { kind: 'exact', value: '/api', caseSensitive: true }, '/api/', false],
  ['a separated prefix, equal', { kind: 'path-separated-prefix', value: '/api', caseSensitive: true }, '/api', true],
  ['a separated prefix, below', { kind: 'path-separated-prefix', value: '/api', caseSensitive: true }, '/api/x', true],
  [
    'a separated prefix in the middle of a segment',
    { kind: 'path-separated-prefix', value: '/api', caseSensitive: true },
    '/apis',
    false,
  ],
  ['a regular expression over the whole path', { kind: 'regex', value: '/v[0-9]+/.*' }, '/v2/items?x=1', true],
  ['a regular expression over a part of the path', { kind: 'regex', value: '/v[0-9]+' }, '/v2/items', false],
  ['CONNECT for a GET', { kind: 'connect' }, '/', false],
  ['a template', { kind: 'template', value: '/items/{id}' }, '/items/7?x=1', true],
] as const) {
  test(`${name} ${holds ? 'matches' : 'does not match'}`, () =>
    assert.equal(failed(routeMatch({ path }), request({ path: actual })), holds ? [] : ['path']));
}

test('says that it cannot judge an unknown matcher or an expression that RE2 refuses', () => {
  assert.equal(failed(routeMatch({ path: { kind: 'unknown', type: 'x.Matcher' } }), request()), ['unsure']);
  assert.equal(failed(routeMatch({ path: { kind: 'regex', value: '(?=x)' } }), request()), ['unsure']);
});

test('says that it cannot judge a value that a snapshot does not have', () => {
  const wanted = header('x-api-key', text('exact', '[redacted 0123abcd]'));
  const key = (value: string): Request => request({ headers: new Map([['x-api-key', [value]]]) });
  assert.equal(failed(routeMatch({ headers: [wanted] }), key('abc')), ['unsure']);
  assert.equal(failed(routeMatch({ headers: [wanted] }), request()), ['header']);
});

const canary = new Map([['x-canary', ['beta-7']]]);
for (const [name, matcher, headers, holds, holdsIn117] of [
  ['exact', header('x-canary', text('exact', 'beta-7')), canary, true, true],
  ['exact of another value', header('x-canary', text('exact', 'beta')), canary, false, false],
  ['prefix', header('x-canary', text('prefix', 'beta')), canary, true, true],
  ['suffix', header('x-canary', text('suffix', '-7')), canary, true, true],
  ['contains, ignoring case', header('x-canary', text('contains', 'TA-', true)), canary, true, true],
  ['a whole regular expression', header('x-canary', { kind: 'regex', value: 'beta-[0-9]' }), canary, true, true],
  ['a part of a regular expression', header('x-canary', { kind: 'regex', value: 'beta' }), canary, false, false],
  ['a range around it', header('x-n', { kind: 'range', start: 5, end: 8 }), new Map([['x-n', ['7']]]), true, true],
  [
    'a range that ends at it',
    header('x-n', { kind: 'range', start: 5, end: 7 }),
    new Map([['x-n', ['7']]]),
    false,
    false,
  ],
  ['present', header('x-canary', { kind: 'present', present: true }), canary, true, true],
  ['present, inverted', header('x-canary', { kind: 'present', present: true }, { invert: true }), canary, false, false],
  [
    'absent, inverted present',
    header('x-canary', { kind: 'present', present: true }, { invert: true }),
    new Map(),
    true,
    true,
  ],
  [
    'present_match false of an absent header',
    header('x-canary', { kind: 'present', present: false }),
    new Map(),
    true,
    false,
  ],
  ['inverted exact of another value', header('x-canary', text('exact', 'no'), { invert: true }), canary, true, true],
  [
    'inverted exact of an absent header',
    header('x-canary', text('exact', 'no'), { invert: true }),
    new Map(),
    false,
    false,
  ],
  [
    'inverted exact of an absent header that counts as empty',
    header('x-canary', text('exact', 'no'), { invert: true, treatMissingAsEmpty: true }),
    new Map(),
    true,
    true,
  ],
  ['one of two values', header('x-canary', text('exact', 'a')), new Map([['x-canary', ['a', 'b']]]), true, false],
  [
    'two values as one text',
    header('x-canary', text('exact', 'a,b')),
    new Map([['x-canary', ['a', 'b']]]),
    false,
    true,
  ],
  [
    'inverted exact of one of two values',
    header('x-canary', text('exact', 'a'), { invert: true }),
    new Map([['x-canary', ['a', 'b']]]),
    false,
    true,
  ],
  ['method', header(':method', text('exact', 'GET')), new Map(), true, true],
] as [string, HeaderMatch, Map<string, string[]>, boolean, boolean][]) {
  test(`header matcher ${name} ${holds ? 'holds' : 'fails'}${holds === holdsIn117 ? '' : ', unlike in Envoy 1.17'}`, () => {
    assert.is(failed(routeMatch({ headers: [matcher] }), request({ headers })).length === 0, holds);
    assert.is(failed(routeMatch({ headers: [matcher] }), request({ headers }), old).length === 0, holdsIn117);
  });
}

const query = (name: string, value: QueryMatch['value']): RouteMatch => routeMatch({ query: [{ name, value }] });
test('compares the first value of a query parameter as it was sent', () => {
  assert.equal(failed(query('v', text('exact', 'a%20b')), request({ path: '/?u=1&v=a%20b&v=c' })), []);
  assert.equal(failed(query('v', text('exact', 'a b')), request({ path: '/?v=a%20b' })), ['query']);
  assert.equal(failed(query('v', text('exact', '')), request({ path: '/?v' })), []);
  assert.equal(failed(query('v', { kind: 'present', present: true }), request({ path: '/?w=v' })), ['query']);
});

test('a CONNECT request has no path: only CONNECT takes it', () => {
  const connect = request({ method: 'CONNECT' });
  assert.equal(failed(routeMatch({ path: { kind: 'connect' } }), connect), []);
  assert.equal(failed(routeMatch({}), connect), ['path']);
});

test('takes gRPC only by its content type', () => {
  const grpc = (type: string): Request => request({ headers: new Map([['content-type', [type]]]) });
  assert.equal(failed(routeMatch({ grpc: true }), grpc('application/grpc+proto')), []);
  assert.equal(failed(routeMatch({ grpc: true }), grpc('application/grpc-web')), ['grpc']);
});

test('names every condition that fails, and what the request has instead', () => {
  const both = routeMatch({
    path: { kind: 'prefix', value: '/one', caseSensitive: true },
    headers: [header(':method', text('exact', 'POST'))],
  });
  assert.equal(mismatchesOf(both, request({ path: '/two' }), now), [
    { condition: 'path', name: 'path', actual: '/two' },
    { condition: 'method', name: ':method', actual: 'GET' },
  ]);
});

test('an Envoy of unknown version is taken for a new one', () => {
  for (const version of ['', 'unknown']) assert.equal(behaviourOf(version), now);
  assert.not.equal(behaviourOf('1.38.4'), now);
});

test('path parameters are left out of each segment, before the fix of CVE-2026-73511 from the first on', () => {
  const at = (version: string, path: string): string[] => {
    const exact = routeMatch({ path: { kind: 'exact', value: '/a/x', caseSensitive: true } });
    const behaviour = { ...behaviourOf(version), ignoresPathParameters: true };
    return mismatchesOf(exact, request({ path }), behaviour).map(({ condition }) => condition);
  };
  for (const version of ['1.40.0', '1.39.1', '1.38.4-dev', '1.37.6', '1.36.10'])
    assert.equal([at(version, '/a;p=1/x;q?r'), at(version, '/a/x;q')], [[], []]);
  for (const version of ['1.39.0', '1.38.3', '1.36.2', '1.35.9'])
    assert.equal([at(version, '/a;p=1/x;q?r'), at(version, '/a/x;q')], [['path'], []]);
});

test.run();
