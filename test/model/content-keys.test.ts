// Keys of contents: which are equal, and what is not looked at for them.

import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keysOfRun } from '#model/content-keys.ts';

const identities = [{}, {}, {}, {}];
/** Each has one content, and equal contents have one label. */
const contents = ['a', 'b', 'b', 'c'] as const;
const labelOf = (content: string): string => (content === 'c' ? 'other' : 'some');

test('keys are equal where the exact ones are, in whatever order they are asked for', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(contents.length - 1), { maxLength: 12 }), (asked) => {
      const keyOf = keysOfRun();
      const keys = asked.map((at) => {
        const content = contents[at] as string;
        return { content, key: keyOf(labelOf(content), identities[at], () => content) };
      });
      for (const a of keys) for (const b of keys) assert.is(a.key === b.key, a.content === b.content);
    }),
    { numRuns: 300 },
  );
});

test('what has been seen as this object is not looked at', () => {
  const keyOf = keysOfRun();
  const never = (): string => {
    throw new Error('nobody needs the exact key');
  };
  const [one] = identities;
  assert.is(keyOf('some', one, never), keyOf('some', one, never));
});

test('a model that was made by hand has its exact key', () => {
  const keyOf = keysOfRun();
  assert.is(
    keyOf('some', undefined, () => 'exact'),
    'exact',
  );
});

test.run();
