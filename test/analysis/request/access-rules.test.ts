import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type AskedRequests, describeCondition, meeting } from '#analysis/request/access-rules.ts';
import type { AccessCondition } from '#model/access-rule.ts';
import type { PathMatch, StringMatch } from '#model/match.ts';

type Kind = 'exact' | 'prefix' | 'suffix' | 'contains';
const text = (kind: Kind, value: string, ignoreCase = false): StringMatch => ({ kind, value, ignoreCase });
const header = (name: string, value: StringMatch, invert = false): AccessCondition => ({
  kind: 'header',
  match: { name, value, invert, treatMissingAsEmpty: false },
});
const host = (kind: Kind, value: string): AccessCondition => header(':authority', text(kind, value, true));
const path = (kind: Kind, value: string): AccessCondition => ({ kind: 'path', match: text(kind, value) });
const anything: AccessCondition = { kind: 'path', match: { kind: 'regex', value: '.+' } };
const not = (of: AccessCondition): AccessCondition => ({ kind: 'not', of });
const all = (...of: readonly AccessCondition[]): AccessCondition => ({ kind: 'all', of });
const any = (...of: readonly AccessCondition[]): AccessCondition => ({ kind: 'any', of });
const client: AccessCondition = { kind: 'unknown', says: "the client's address", isOfClient: true };

const prefix = (value: string, kind: 'prefix' | 'exact' | 'path-separated-prefix' = 'prefix'): PathMatch => ({
  kind,
  value,
  caseSensitive: true,
});
const asked = (authority: string, of: PathMatch = prefix('/')): AskedRequests => ({
  authority,
  path: of,
  port: 8443,
  holds: () => undefined,
});

const cases: readonly (readonly [AccessCondition, AskedRequests, ReturnType<typeof meeting>])[] = [
  [host('exact', 'A.example'), asked('a.example'), 'all'],
  [host('exact', 'a.example'), asked('a.example:8443'), 'none'],
  [host('prefix', 'a.example:'), asked('a.example:8443'), 'all'],
  [host('suffix', '.example'), asked('a.example'), 'all'],
  [host('exact', 'a.b.example'), asked('*.b.example'), 'some'],
  [host('exact', 'a.c.example'), asked('*.b.example'), 'none'],
  [host('suffix', '.Example'), asked('*.b.example'), 'all'],
  [host('suffix', '.a.b.example'), asked('*.b.example'), 'some'],
  [host('suffix', '.other'), asked('*.b.example'), 'none'],
  [host('exact', 'a.example'), asked('*'), 'some'],
  [host('prefix', 'a'), asked('*.b.example'), 'some'],
  [header(':authority', text('exact', 'a.example'), true), asked('a.example'), 'none'],
  [header(':authority', text('exact', 'A.example')), asked('A.example'), 'all'],
  [header(':authority', text('exact', 'a.example')), asked('A.example'), 'none'],
  [header(':method', text('exact', 'GET')), asked('a.example'), 'some'],

  [path('prefix', '/api/'), asked('a', prefix('/api/v1')), 'all'],
  [path('prefix', '/api/'), asked('a', prefix('/api')), 'some'],
  [path('prefix', '/api/'), asked('a', prefix('/api', 'path-separated-prefix')), 'some'],
  [path('prefix', '/api/'), asked('a', prefix('/web')), 'none'],
  [path('prefix', '/api/'), asked('a', prefix('/api/x', 'exact')), 'all'],
  [path('exact', '/api/x'), asked('a', prefix('/api')), 'some'],
  [path('exact', '/web'), asked('a', prefix('/api')), 'none'],
  [path('suffix', '.php'), asked('a', prefix('/api')), 'some'],
  [path('suffix', '.php'), asked('a', prefix('/x.php', 'exact')), 'all'],
  [path('contains', 'api'), asked('a', prefix('/api/')), 'all'],
  [path('prefix', '/api/'), asked('a', { kind: 'prefix', value: '/API/', caseSensitive: false }), 'some'],
  [path('prefix', '/api/'), asked('a', { kind: 'regex', value: '/api/.*' }), 'some'],
  [path('prefix', '/'), asked('a', { kind: 'regex', value: '/api/.*' }), 'all'],
  [anything, asked('a', { kind: 'regex', value: '/api/.*' }), 'all'],

  [{ kind: 'port', port: 8443 }, asked('a'), 'all'],
  [not({ kind: 'port', port: 8443 }), asked('a'), 'none'],
  [all(host('exact', 'a'), client), asked('a'), 'some'],
  [all(host('exact', 'b'), client), asked('a'), 'none'],
  [all(), asked('a'), 'all'],
  [any(), asked('a'), 'none'],
  [any(host('exact', 'b'), client), asked('a'), 'some'],
  [any(host('exact', 'a'), client), asked('a'), 'all'],
  [not(any(host('exact', 'b'), host('exact', 'c'))), asked('a'), 'all'],
  [not(client), asked('a'), 'some'],
  [{ kind: 'always' }, asked('a'), 'all'],
];

test('whether requests meet a rule: all, none, or it depends', () => {
  for (const [condition, requests, expected] of cases)
    assert.is(meeting(condition, requests), expected, `${JSON.stringify(condition)} ${JSON.stringify(requests)}`);
});

test('what is in a token is not met by requests that bring none', () => {
  const claim: AccessCondition = { ...client, says: 'the token', isOfToken: true };
  const without: AskedRequests = { ...asked('a'), hasToken: false };
  assert.equal([meeting(claim, without), meeting(not(claim), without)], ['none', 'all']);
  assert.equal([meeting(claim, asked('a')), meeting(client, without)], ['some', 'some']);
});

test('a rule in words, as the policy has it, without the host', () => {
  const rule = all(
    host('exact', 'a'),
    any(path('prefix', '/api/'), path('exact', '/x')),
    not(header(':method', text('exact', 'GET'))),
    header('x-token', { kind: 'regex', value: 'a.*' }),
    client,
    client,
  );
  assert.is(
    describeCondition(rule),
    "path /api/* or path /x, not method GET, header x-token regex a.*, the client's address",
  );
  assert.is(describeCondition(any(host('exact', 'a'), all(host('exact', 'b'), client))), '');
});

test.run();
