import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PodOutcome } from '#core/fleet.ts';
import type { LogCoverage } from '#core/pod-logs.ts';
import { coverageNotes } from '#render/views/log-notes.ts';

const outcome = (name: string, gap: string | undefined): PodOutcome<LogCoverage> =>
  ({ pod: { name }, ok: { from: undefined, lines: 1, gap } }) as unknown as PodOutcome<LogCoverage>;

test('logs that end too early are not said to begin too late', () => {
  assert.equal(coverageNotes([outcome('a', 'the snapshot has its log until T'), outcome('b', undefined)]), [
    'the logs of 1 of 2 pods do not reach back to --since, or lack later lines; of what a node has rotated, the API server reads the current file only',
    '  a: the snapshot has its log until T',
  ]);
});

test('nothing is said of whole logs, and of many no more than five', () => {
  assert.equal(coverageNotes([outcome('a', undefined)]), []);
  const [, ...lines] = coverageNotes([1, 2, 3, 4, 5, 6, 7].map((number) => outcome(`p${number}`, 'gone')));
  assert.equal([lines.length, lines.at(-1)], [6, '  and 2 more']);
});

test.run();
