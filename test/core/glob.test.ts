import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { globMatcher, isGlob } from '#core/glob.ts';
import { nearest } from '#core/suggestion.ts';

for (const [pattern, name, matches] of [
  ['node2', 'node2', true],
  ['node2', 'node22', false],
  ['node?', 'node2', true],
  ['node?', 'node22', false],
  ['*-x7k2p', 'istio-ingressgateway-x7k2p', true],
  ['a.b', 'axb', false],
  ['*.example.org', 'a.b.example.org', true],
  ['(x|y)+', '(x|y)+', true],
] as const) {
  test(`${pattern} ${matches ? 'matches' : 'does not match'} ${name}`, () =>
    assert.is(globMatcher(pattern)(name), matches));
}

test('knows a pattern from a name', () => assert.equal(['a*', 'a?', 'a.b'].map(isGlob), [true, true, false]));

test('suggests the word that a slip of the fingers meant, and none for a strange one', () => {
  assert.is(nearest('rotues', ['routes', 'status']), 'routes');
  assert.is(nearest('hots', ['host', 'path']), 'host');
  assert.is(nearest('banana', ['routes', 'status']), undefined);
});

test.run();
