import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDuration } from '#core/duration.ts';

for (const [text, ms] of [
  ['0', 0],
  ['15', 15_000],
  ['1.5', 1_500],
  ['250ms', 250],
  ['30s', 30_000],
  ['1h30m', 5_400_000],
  ['14d', 1_209_600_000],
  ['2w', 1_209_600_000],
] as const) {
  test(`reads ${text} as ${ms} milliseconds`, () => assert.is(parseDuration(text, 'since'), ms));
}

for (const text of ['', 's', '5 m', '-5m', '5x', '5m!', '1h 30m', 'm5']) {
  test(`refuses "${text}" and names the flag`, () => {
    assert.throws(
      () => parseDuration(text, 'since'),
      (error: { code: string; message: string }) => error.code === 'usage' && error.message.includes('--since'),
    );
  });
}

test.run();
