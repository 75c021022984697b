import fc from 'fast-check';
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
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['a*b*c', 'abcbc', true],
  ['a*b*c', 'abcb', false],
  ['?', '😀', true],
  ['*?', '', false],
  ['a\nb*', 'a\nb\nc', true],
] as const) {
  test(`${JSON.stringify(pattern)} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(name)}`, () =>
    assert.is(globMatcher(pattern)(name), matches));
}

const few = fc.string({ unit: fc.constantFrom('a', 'b', '.', '😀', '\n'), maxLength: 12 });
const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?', '😀', '\n'), maxLength: 8 });

test('says what the regular expression says that a pattern stands for', () => {
  fc.assert(
    fc.property(pattern, few, (glob, name) => {
      const source = glob.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
      assert.is(globMatcher(glob)(name), new RegExp(`^${source}$`, 'su').test(name));
    }),
    { numRuns: 2000 },
  );
});

test('reads a name at most so often as the pattern is long, and once more', () => {
  const long = fc.integer({ min: 0, max: 400 }).map((times) => 'a'.repeat(times));
  const manyStars = fc.array(fc.constantFrom('*a', '*', '?', 'a*', '*b'), { maxLength: 12 }).map((all) => all.join(''));
  fc.assert(
    fc.property(manyStars, long, (glob, name) => {
      const counted = countingText(name);
      globMatcher(glob)(counted);
      const most = 4 * (glob.length + 1) * (name.length + 1);
      assert.ok(counted.steps() <= most, `${glob} over ${name.length}: ${counted.steps()} steps, more than ${most}`);
    }),
    { numRuns: 500 },
  );
});

function countingText(text: string) {
  let steps = 0;
  return {
    length: text.length,
    charCodeAt: (at: number) => {
      steps++;
      return text.charCodeAt(at);
    },
    steps: () => steps,
  };
}

test('knows a pattern from a name', () => assert.equal(['a*', 'a?', 'a.b'].map(isGlob), [true, true, false]));

test('suggests the word that a slip of the fingers meant, and none for a strange one', () => {
  assert.is(nearest('rotues', ['routes', 'status']), 'routes');
  assert.is(nearest('hots', ['host', 'path']), 'host');
  assert.is(nearest('banana', ['routes', 'status']), undefined);
});

test.run();
