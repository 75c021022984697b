import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rootObject } from '#core/json.ts';
import { readFraction, readRouteMatch, readStringMatch, unknownExtension } from '#dump/matchers.ts';
import {
  describeOthers,
  describeStringMatch,
  type HeaderMatch,
  type PathMatch,
  type QueryMatch,
  type StringMatch,
} from '#model/match.ts';
import { any, camelCased } from '../support/dump.ts';

const object = (json: unknown): ReturnType<typeof rootObject> => rootObject(json, 'the test');
const path = (match: object): PathMatch => readRouteMatch(object(match)).path;
const header = (match: object): HeaderMatch => readRouteMatch(object({ headers: [match] })).headers[0] as HeaderMatch;
const query = (match: object): QueryMatch =>
  readRouteMatch(object({ query_parameters: [match] })).query[0] as QueryMatch;
const string = (match: object): StringMatch => readStringMatch(object(match));
const isBadAnswer = (message: string) => (error: { code: string; message: string }) =>
  error.code === 'bad-answer' && error.message === message;

for (const [match, expected] of [
  [{ prefix: '/a' }, { kind: 'prefix', value: '/a', caseSensitive: true }],
  [
    { prefix: '', case_sensitive: false },
    { kind: 'prefix', value: '', caseSensitive: false },
  ],
  [{ path: '/a' }, { kind: 'exact', value: '/a', caseSensitive: true }],
  [{ path_separated_prefix: '/a' }, { kind: 'path-separated-prefix', value: '/a', caseSensitive: true }],
  [{ safe_regex: { google_re2: {}, regex: '/a.*' } }, { kind: 'regex', value: '/a.*' }],
  [{ safe_regex: {} }, { kind: 'regex', value: '' }],
  [{ connect_matcher: {} }, { kind: 'connect' }],
  [
    {
      path_match_policy: {
        name: 'p',
        typed_config: any('extensions.path.match.uri_template.v3.UriTemplateMatchConfig', { path_template: '/a/{b}' }),
      },
    },
    { kind: 'template', value: '/a/{b}' },
  ],
  [
    { path_match_policy: { name: 'p', typed_config: any('extensions.other.v3.Other') } },
    { kind: 'unknown', type: 'envoy.extensions.other.v3.Other' },
  ],
  [{ path_match_policy: { name: 'p' } }, { kind: 'unknown', type: 'p' }],
  [{}, { kind: 'unknown', type: 'path' }],
] as const) {
  test(`reads the path ${JSON.stringify(match)}`, () => {
    assert.equal(path(match), expected);
    assert.equal(path(camelCased(match) as object), expected);
    assert.equal(readRouteMatch(object(match)).others, []);
  });
}

for (const [match, expected, shown] of [
  [{ exact: 'a' }, { kind: 'exact', value: 'a', ignoreCase: false }, 'a'],
  [{ prefix: 'a', ignore_case: true }, { kind: 'prefix', value: 'a', ignoreCase: true }, 'prefix a'],
  [{ suffix: 'a' }, { kind: 'suffix', value: 'a', ignoreCase: false }, 'suffix a'],
  [{ contains: 'a' }, { kind: 'contains', value: 'a', ignoreCase: false }, 'contains a'],
  [{ safe_regex: { regex: 'a+' } }, { kind: 'regex', value: 'a+' }, 'regex a+'],
  [{ safe_regex: {} }, { kind: 'regex', value: '' }, 'regex '],
  [
    { custom: { name: 'c', typed_config: any('x.Lua') } },
    { kind: 'unknown', type: 'envoy.x.Lua' },
    'unknown envoy.x.Lua',
  ],
  [{}, { kind: 'unknown', type: 'string' }, 'unknown string'],
] as const) {
  test(`reads the string ${JSON.stringify(match)}`, () => {
    assert.equal(string(match), expected);
    assert.is(describeStringMatch(string(match)), shown);
  });
}

test('conditions that have to hold all stand by their names, in whatever order istiod gave them', () => {
  const [a, b] = [
    { name: 'a', present_match: true },
    { name: 'b', present_match: true },
  ];
  const [v, w] = [
    { name: 'v', present_match: true },
    { name: 'w', string_match: { exact: '1' } },
  ];
  const read = (headers: object[], queries: object[]): object =>
    readRouteMatch(object({ prefix: '/', headers, query_parameters: queries }));
  assert.equal(read([b, a], [w, v]), read([a, b], [v, w]));
  assert.equal(
    readRouteMatch(object({ headers: [b, a] })).headers.map(({ name }) => name),
    ['a', 'b'],
  );
  const [one, two] = [
    { name: 'a', exact_match: '1' },
    { name: 'a', exact_match: '2' },
  ];
  assert.equal(read([two, one], []), read([one, two], []));
});

const ofValue = (value: string, kind: string): object => ({ kind, value, ignoreCase: false });
for (const [match, expected] of [
  [{ string_match: { exact: 'v', ignore_case: true } }, { kind: 'exact', value: 'v', ignoreCase: true }],
  [{ range_match: { start: '-1', end: '10' } }, { kind: 'range', start: -1, end: 10 }],
  [{ range_match: {} }, { kind: 'range', start: 0, end: 0 }],
  [{ safe_regex_match: { regex: 'v+' } }, { kind: 'regex', value: 'v+' }],
  [{ safe_regex_match: {} }, { kind: 'regex', value: '' }],
  [{ exact_match: 'v' }, ofValue('v', 'exact')],
  [{ exact_match: '' }, { kind: 'present', present: true }],
  [{ prefix_match: 'v' }, ofValue('v', 'prefix')],
  [{ suffix_match: 'v' }, ofValue('v', 'suffix')],
  [{ contains_match: 'v' }, ofValue('v', 'contains')],
  [{ present_match: false }, { kind: 'present', present: false }],
  [{ present_match: true }, { kind: 'present', present: true }],
  [{}, { kind: 'present', present: true }],
] as const) {
  test(`reads the header ${JSON.stringify(match)}`, () => {
    assert.equal(header({ name: 'X-Client', ...match }), {
      name: 'x-client',
      value: expected,
      invert: false,
      treatMissingAsEmpty: false,
    });
  });
}

test('reads what turns a header around', () => {
  const { name, invert, treatMissingAsEmpty } = header({ invert_match: true, treat_missing_header_as_empty: true });
  assert.equal([name, invert, treatMissingAsEmpty], ['', true, true]);
});

test('reads query parameters, whose names keep their case', () => {
  assert.equal(query({ name: 'Q', string_match: { exact: 'v' } }), { name: 'Q', value: ofValue('v', 'exact') });
  assert.equal(query({ present_match: false }), { name: '', value: { kind: 'present', present: false } });
  assert.equal(query({}), { name: '', value: { kind: 'present', present: true } });
});

test('reads fractions', () => {
  const fraction = (default_value?: object, runtime_key?: string): unknown =>
    readFraction(object({ default_value, runtime_key }));
  assert.equal(fraction({ numerator: 5 }, 'key'), { numerator: 5, denominator: 100, runtimeKey: 'key' });
  assert.equal(fraction({ numerator: 5, denominator: 'TEN_THOUSAND' }, ''), {
    numerator: 5,
    denominator: 10_000,
    runtimeKey: undefined,
  });
  assert.equal(fraction({ denominator: 'MILLION' }), { numerator: 0, denominator: 1_000_000, runtimeKey: undefined });
  assert.equal(fraction({ denominator: 'HUNDRED' }), { numerator: 0, denominator: 100, runtimeKey: undefined });
  assert.equal(fraction(), { numerator: 0, denominator: 100, runtimeKey: undefined });
  assert.throws(
    () => fraction({ denominator: 'DOZEN' }),
    isBadAnswer('cannot read the test: default_value.denominator is DOZEN, which Envoy does not have'),
  );
});

test('takes gRPC and fractions for conditions of the match', () => {
  const { grpc, fraction, others } = readRouteMatch(
    object({ prefix: '/', grpc: {}, runtime_fraction: { default_value: { numerator: 50 } } }),
  );
  assert.equal([grpc, fraction?.numerator, others], [true, 50, []]);
  const without = readRouteMatch(object({ prefix: '/' }));
  assert.equal(
    [without.grpc, without.fraction, without.headers, without.query, without.others],
    [false, undefined, [], [], []],
  );
});

test('names the conditions that nobody can judge, in either spelling', () => {
  const match = {
    prefix: '/',
    case_sensitive: true,
    headers: [],
    query_parameters: [],
    tls_context: { presented: true },
    dynamic_metadata: [{}],
    cookies: null,
  };
  assert.equal(readRouteMatch(object(match)).others, ['tls_context', 'dynamic_metadata']);
  assert.equal(readRouteMatch(object(camelCased(match))).others, ['tls_context', 'dynamic_metadata']);
});

/** As istiod asks for a claim, which may be a text or a list of them. */
const claim = (path: readonly string[], string: object, over: object = {}): object => ({
  filter: 'envoy.filters.http.jwt_authn',
  path: path.map((key) => ({ key })),
  value: {
    or_match: { value_matchers: [{ string_match: string }, { list_match: { one_of: { string_match: string } } }] },
  },
  ...over,
});

test('says which claims of a token are asked for', () => {
  const others = (...matchers: object[]): readonly string[] =>
    describeOthers(readRouteMatch(object({ prefix: '/', dynamic_metadata: matchers })));
  const group = claim(['payload', 'group'], { exact: 'a' });
  assert.equal(others(group), ['JWT claim group = a']);
  assert.equal(others(group, claim(['payload', 'realm', 'role'], { prefix: 'b' }, { invert: true })), [
    'JWT claim group = a and not (JWT claim realm.role prefix b)',
  ]);
  const older = { list_match: { one_of: { string_match: { exact: 'me' } } } };
  const byIstio = { filter: 'istio_authn', value: older };
  assert.equal(others(claim(['request.auth.claims', 'sub'], {}, byIstio)), ['JWT claim sub = me']);
  for (const over of [{ filter: 'other' }, { path: [] }, { value: { present_match: true } }])
    assert.equal(others(group, { ...group, ...over }), ['dynamic_metadata']);
});

test('names an extension by its type, or its name, or not at all', () => {
  assert.equal(unknownExtension(object({ name: 'n', typed_config: any('x.Y') })), {
    kind: 'unknown',
    type: 'envoy.x.Y',
  });
  assert.equal(unknownExtension(object({ name: 'n', typed_config: {} })), { kind: 'unknown', type: 'n' });
  assert.equal(unknownExtension(object({})), { kind: 'unknown', type: 'extension' });
});

test.run();
