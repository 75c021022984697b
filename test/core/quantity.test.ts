import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readQuantity } from '#core/quantity.ts';

const rows: readonly (readonly [string, number | undefined])[] = [
  ['1Gi', 1_073_741_824],
  ['512Mi', 536_870_912],
  ['1.5Ki', 1536],
  ['128974848', 128_974_848],
  ['129e6', 129_000_000],
  ['1E3', 1000],
  ['1E', 1e18],
  ['129M', 129_000_000],
  ['1k', 1000],
  ['128974848000m', 128_974_848],
  ['.5Gi', 536_870_912],
  ['', undefined],
  ['1GB', undefined],
  ['-1Gi', undefined],
  ['lots', undefined],
];

for (const [text, bytes] of rows)
  test(`${JSON.stringify(text)} is ${bytes}`, () => assert.is(readQuantity(text), bytes));

test.run();
