import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HttpMatch } from '#analysis/istio/virtual-service.ts';
import { isCatchAll, translateMatch } from '#analysis/translate/http-match.ts';

const header = (name: string, value: object, more: object = {}): object => ({
  name,
  value,
  invert: false,
  treatMissingAsEmpty: false,
  ...more,
});
const exact = (value: string): object => ({ kind: 'exact', value, ignoreCase: false });

const paths: readonly (readonly [string, HttpMatch | undefined, object])[] = [
  ['no match takes every path', undefined, { kind: 'prefix', value: '/', caseSensitive: true }],
  ['a prefix', { uri: { prefix: '/a' } }, { kind: 'prefix', value: '/a', caseSensitive: true }],
  [
    'a prefix without case',
    { uri: { prefix: '/a' }, ignoreUriCase: true },
    { kind: 'prefix', value: '/a', caseSensitive: false },
  ],
  ['a whole path', { uri: { exact: '/a' } }, { kind: 'exact', value: '/a', caseSensitive: true }],
  ['a regular expression', { uri: { regex: '/a.*' } }, { kind: 'regex', value: '/a.*' }],
  ['an empty condition', { uri: {} }, { kind: 'prefix', value: '/', caseSensitive: true }],
];
for (const [name, match, path] of paths) test(name, () => assert.equal(translateMatch(match).path, path));

const headers: readonly (readonly [string, HttpMatch, readonly object[]])[] = [
  [
    'names are in lower case, and in order',
    { headers: { 'X-B': { exact: '1' }, 'x-a': { prefix: '2' } } },
    [header('x-a', { kind: 'prefix', value: '2', ignoreCase: false }), header('x-b', exact('1'))],
  ],
  [
    'an empty condition and * ask for the header alone',
    { headers: { a: {}, b: { regex: '*' } } },
    [header('a', { kind: 'present', present: true }), header('b', { kind: 'present', present: true })],
  ],
  [
    'a header that may not be there counts as an empty one',
    { withoutHeaders: { a: { exact: 'x' } } },
    [header('a', exact('x'), { invert: true, treatMissingAsEmpty: true })],
  ],
  [
    'but not where only its name is asked for',
    { withoutHeaders: { a: {} } },
    [header('a', { kind: 'present', present: true }, { invert: true })],
  ],
  [
    'method, authority and scheme are headers of HTTP/2',
    { method: { exact: 'GET' }, authority: { prefix: 'a.' }, scheme: { exact: 'https' } },
    [
      header(':authority', { kind: 'prefix', value: 'a.', ignoreCase: false }),
      header(':method', exact('GET')),
      header(':scheme', exact('https')),
    ],
  ],
];
for (const [name, match, expected] of headers) test(name, () => assert.equal(translateMatch(match).headers, expected));

test('claims of a token are no header', () => {
  const { headers: none, others } = translateMatch({ headers: { '@request.auth.claims.group': { exact: 'a' } } });
  assert.equal([none, others], [[], ['dynamic_metadata']]);
});

test('a query parameter', () =>
  assert.equal(translateMatch({ queryParams: { q: { exact: '1' }, p: {} } }).query, [
    { name: 'p', value: { kind: 'present', present: true } },
    { name: 'q', value: exact('1') },
  ]));

test('what takes everything: any path, and nothing else asked for', () => {
  const cases: readonly (readonly [HttpMatch | undefined, boolean])[] = [
    [undefined, true],
    [{ uri: { prefix: '/' } }, true],
    [{ uri: { regex: '.*' } }, true],
    [{ uri: { regex: '/.*' } }, false],
    [{ uri: { prefix: '/' }, headers: { a: {} } }, false],
    [{ uri: { prefix: '/' }, queryParams: { a: {} } }, false],
    [{ headers: { '@request.auth.claims.a': { exact: 'b' } } }, false],
  ];
  for (const [match, expected] of cases) assert.is(isCatchAll(translateMatch(match)), expected, JSON.stringify(match));
});

test.run();
