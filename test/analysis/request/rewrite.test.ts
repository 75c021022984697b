import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { redirectLocation, rewrittenPath } from '#analysis/request/rewrite.ts';
import type { PathMatch } from '#model/match.ts';
import type { RedirectAction, Rewrite } from '#model/route.ts';
import { redirect } from '../../support/builders/route.ts';
import { request as asked } from '../../support/builders/way.ts';

const none: Rewrite = {
  prefix: undefined,
  regex: undefined,
  template: undefined,
  host: undefined,
  autoHost: false,
  hostFromHeader: undefined,
};
const prefix = (value: string): PathMatch => ({ kind: 'prefix', value, caseSensitive: true });

for (const [name, rewrite, match, path, expected] of [
  ['nothing', none, prefix('/'), '/a?b=1', '/a?b=1'],
  ['the prefix', { ...none, prefix: '/' }, prefix('/api/'), '/api/x?b=1', '/x?b=1'],
  [
    'nothing where path parameters stand inside the prefix',
    { ...none, prefix: '/n' },
    prefix('/api/'),
    '/api;p/x',
    '/api;p/x',
  ],
  [
    'a prefix in other letters',
    { ...none, prefix: '/n' },
    { ...prefix('/API'), caseSensitive: false },
    '/api/x',
    '/n/x',
  ],
  ['a prefix without its slash', { ...none, prefix: '/' }, prefix('/api'), '/api/x', '//x'],
  [
    'the whole path of an exact match',
    { ...none, prefix: '/new' },
    { kind: 'exact', value: '/old', caseSensitive: true },
    '/old?q',
    '/new?q',
  ],
  [
    'groups of a regular expression',
    { ...none, regex: { pattern: '^/u/([^/]+)/(.*)$', substitution: '/\\2/of/\\1' } },
    prefix('/'),
    '/u/ann/x?b',
    '/x/of/ann?b',
  ],
  [
    'the whole match and a backslash',
    { ...none, regex: { pattern: '/api', substitution: '/\\0\\\\' } },
    prefix('/'),
    '/api/x',
    '//api\\/x',
  ],
  [
    'nothing where the substitution names a group that there is not',
    { ...none, regex: { pattern: '/api', substitution: '/\\2' } },
    prefix('/'),
    '/api/x',
    '/api/x',
  ],
  [
    'by a template',
    { ...none, template: '/of/{b}/{a}' },
    { kind: 'template', value: '/{a}/{b}' },
    '/1/2?q',
    '/of/2/1?q',
  ],
  [
    'every match, with a dollar as it is',
    { ...none, regex: { pattern: 'a', substitution: '$1' } },
    prefix('/'),
    '/aba',
    '/$1b$1',
  ],
] as [string, Rewrite, PathMatch, string, string][]) {
  test(`rewrites ${name}`, () => assert.is(rewrittenPath(rewrite, match, path), expected));
}

test('nobody can tell what becomes of a path that a regular expression leaves nothing of', () =>
  assert.is(rewrittenPath({ ...none, regex: { pattern: '.*', substitution: '' } }, prefix('/'), '/old?q'), undefined));

const request = asked({ scheme: 'http', authority: 'a.example.org:80', path: '/old/x?q=1', sni: undefined });

for (const [name, action, expected] of [
  ['to https without the default port of http', { scheme: 'https' }, 'https://a.example.org/old/x?q=1'],
  ['to another path, keeping the query', { path: '/new' }, 'http://a.example.org:80/new?q=1'],
  ['to a path with a query of its own', { path: '/new?r=2' }, 'http://a.example.org:80/new?r=2'],
  ['without the query', { path: '/new', stripQuery: true }, 'http://a.example.org:80/new'],
  [
    'to another host and port',
    { host: 'b.example.org', port: 8443, scheme: 'https' },
    'https://b.example.org:8443/old/x?q=1',
  ],
  [
    'to another host with a port of its own',
    { host: 'b.example.org:80', scheme: 'https' },
    'https://b.example.org:80/old/x?q=1',
  ],
  ['to another port of the same host', { port: 8080 }, 'http://a.example.org:8080/old/x?q=1'],
  ['to a path without a slash before it', { path: 'new' }, 'http://a.example.org:80/new?q=1'],
  [
    'by a regular expression',
    { regex: { pattern: '^/old', substitution: '/new' } },
    'http://a.example.org:80/new/x?q=1',
  ],
  ['with another prefix', { prefix: '/new' }, 'http://a.example.org:80/new/x?q=1'],
  [
    'by a regular expression to a path without a slash before it',
    { regex: { pattern: '^/old', substitution: 'new' } },
    'http://a.example.org:80/new/x?q=1',
  ],
  [
    'by a regular expression that leaves nothing to the path that was asked for',
    { regex: { pattern: '.*', substitution: '' } },
    'http://a.example.org:80/old/x?q=1',
  ],
  ['where a format says, which cannot be told', { pathFormat: '/%REQ(x)%' }, undefined],
  ['without a query that the rewrite brings', { prefix: '/new?a=', stripQuery: true }, 'http://a.example.org:80/new'],
] as [string, Partial<RedirectAction>, string | undefined][]) {
  test(`redirects ${name}`, () => assert.is(redirectLocation(redirect(action), prefix('/old'), request), expected));
}

test.run();
