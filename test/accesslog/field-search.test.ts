// What a line costs is counted in places of it that are looked at, not in milliseconds: those differ between machines.

import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Field, findEnds, type Text } from '#accesslog/field-search.ts';
import type { ValueClass } from '#accesslog/operators.ts';

const classes: readonly ValueClass[] = ['number', 'word', 'time', 'header', 'free', 'details'];

const fieldOf = (kind: ValueClass): Field => ({
  kind,
  accepts: (text, start, end) => /^\d[\d-]*$/.test(text.slice(start, end)),
});

/** What a client can put into a line so that delimiters stand everywhere. */
const piece = fc.constantFrom('a "', '" "', '"', ' ', '{', '}', '[', ']', '- ', '1', '"a" ', '{a "');
const hostile = fc
  .tuple(fc.array(piece, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 400 }))
  .map(([pieces, times]) => pieces.join('').repeat(times));
const delimiter = fc.constantFrom(' ', '"', '" "', '', '] ', '} "');

test('a line that fits nowhere costs no more than values × length', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...classes), delimiter), { minLength: 1, maxLength: 12 }),
      hostile,
      (values, text) => {
        const line = countingText(text);
        const literals = ['', ...values.map(([, literal]) => literal)];
        findEnds(
          line,
          literals,
          values.map(([kind]) => fieldOf(kind)),
          new Int32Array(values.length),
        );
        const most = 16 * (values.length + 2) * (text.length + 128);
        assert.ok(
          line.steps() <= most,
          `${line.steps()} steps for ${values.length} values and ${text.length} characters`,
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('of several ends the nearest that leads to the end of the line is taken', () => {
  const ends = new Int32Array(2);
  assert.ok(findEnds('a" "b" 7', ['', '" ', ''], [fieldOf('free'), fieldOf('number')], ends));
  assert.equal([...ends], [5, 8]);
});

test('where nothing stands between two values, the first takes all that it can be', () => {
  const ends = new Int32Array(2);
  assert.ok(findEnds('200HTTP/2', ['', '', ''], [fieldOf('number'), fieldOf('word')], ends));
  assert.equal([...ends], [3, 9]);
});

/** Counts the characters that are looked at. */
function countingText(text: string): Text & { steps(): number } {
  let steps = 0;
  return {
    length: text.length,
    charCodeAt: (at) => {
      steps++;
      return text.charCodeAt(at);
    },
    lastIndexOf: (wanted, from = text.length) => {
      const found = text.lastIndexOf(wanted, from);
      steps += from - Math.max(found, 0) + 1;
      return found;
    },
    slice: (start, end) => {
      const part = text.slice(start, end);
      steps += Math.min(1, part.length);
      return part;
    },
    steps: () => steps,
  };
}

test.run();
