// The expected paths are what Envoy 1.40 sent to a service for each of these.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { normalizedPath } from '#analysis/request/path-normalization.ts';
import { handler } from '../../support/builders/way.ts';

const rules = { ...handler(), takesParametersOffDots: true };
const normal = (path: string, over: Partial<typeof rules> = {}): string | undefined =>
  normalizedPath({ ...rules, ...over }, path)?.path;

for (const [path, expected] of [
  ['/one/a/%2e', '/one/a/'],
  ['/one/a/.%2e/b', '/one/b'],
  ['/one/a/%2e%2E', '/one/'],
  ['/one/a//../b', '/one/a/b'],
  ['/one/...', '/one/...'],
  ['/one/a/..b', '/one/a/..b'],
  ['/one/a%2e', '/one/a.'],
  ['/one/../..', '/'],
  ['\\one\\x\\..\\y'.replace('\\', '/'), '/one/y'],
  ['/one/%5c%2F', '/one/%5c%2F'],
  ['/one/a;b=1/..', '/one/'],
  ['/one/a/..;b=1/c;d', '/one/c;d'],
  ['/one/.;b', '/one/'],
  ['/one/%2e%2e;b', '/one/..;b'],
  ['/one/a.;b', '/one/a.;b'],
  ['/one/%zz/%/%2', '/one/%zz/%/%2'],
  ['/one/%41%2d%7E%C3%BC', '/one/A-~%C3%BC'],
  ['/one/"<>^`{|}', '/one/%22%3C%3E%5E%60%7B%7C%7D'],
  ["/one/!$&'()*+,;=:@[]~", "/one/!$&'()*+,;=:@[]~"],
  ['/one?a=../%41', '/one?a=../%41'],
  ['/one#part', '/one'],
] as const) {
  test(`${path} becomes ${expected}`, () => assert.is(normal(path), expected));
}

test('refuses an encoded NUL', () => assert.is(normal('/a%00b'), undefined));

test('leaves everything as it is where the gateway does not normalise', () =>
  assert.is(normal('/a/../%41', { normalizePath: false }), '/a/../%41'));

test('merges slashes where it is told to; nothing but slashes keeps two', () => {
  assert.is(normal('/a//b///', { mergeSlashes: true }), '/a/b/');
  assert.is(normal('//', { mergeSlashes: true }), '//');
  assert.is(normal('///', { mergeSlashes: true }), '//');
  assert.is(normal('/?a=//', { mergeSlashes: true }), '/?a=//');
});

test('escaped slashes are kept, decoded, redirected or refused', () => {
  const path = '/a%2Fb%5cc';
  assert.equal(normalizedPath({ ...rules, escapedSlashes: 'KEEP_UNCHANGED' }, path), { path, isRedirect: false });
  assert.equal(normalizedPath({ ...rules, escapedSlashes: 'UNESCAPE_AND_FORWARD' }, path), {
    path: '/a/b/c',
    isRedirect: false,
  });
  assert.equal(normalizedPath({ ...rules, escapedSlashes: 'UNESCAPE_AND_REDIRECT' }, path), {
    path: '/a/b/c',
    isRedirect: true,
  });
  assert.is(normalizedPath({ ...rules, escapedSlashes: 'REJECT_REQUEST' }, path), undefined);
  assert.equal(normalizedPath({ ...rules, escapedSlashes: 'REJECT_REQUEST' }, '/a'), { path: '/a', isRedirect: false });
});

test('an Envoy without the fix of CVE-2026-73551 takes no parameters off dots', () => {
  assert.is(normal('/one/..;b=1/a', { takesParametersOffDots: false }), '/one/..;b=1/a');
  assert.is(normal('/one/..;b=1/a', { normalizePath: false }), '/one/..;b=1/a');
});

test.run();
