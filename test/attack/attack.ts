// An attack of the table, or one that is generated. `npm run attack` prints all of them as a table: the title
// is a row of it.

import { test } from 'uvu';
import { report } from '../../scripts/test/report.ts';
import { type Random, randomOf } from '../faults/random.ts';

export const isLong = process.env['TEST_LONG'] !== undefined;
const given = process.env['TEST_SEED'];

/** Three that are always the same; in the long run as many more as `share` of a hundred, drawn anew. */
function seeds(share: number): readonly number[] {
  if (given !== undefined) return [Number(given)];
  const first = isLong ? Date.now() % 1e9 : 0;
  return [1, 2, 3, ...Array.from({ length: isLong ? Math.ceil(share * 100) : 0 }, (_, index) => first + index)];
}

/** `rows` of the table; none for what is not in it. */
export function attack(kind: string, rows: readonly number[], what: string, run: () => unknown): void {
  const title = `${kind} | ${rows.join(' ')} | ${what}`;
  test(title, async () => {
    current = title;
    await run();
  });
}

let current = '';

/** What cannot be tried on this machine is said, and is no success. */
export const notJudged = (text: string): void => report({ kind: 'not-judged', title: current, text });

/** The same with generated inputs. A failure names the seed, which TEST_SEED repeats. */
export function generated(
  kind: string,
  rows: readonly number[],
  what: string,
  run: (random: Random) => unknown,
  share = 1,
): void {
  attack(kind, rows, `${what}, generated`, async () => {
    for (const seed of seeds(share)) {
      try {
        await run(randomOf(seed));
      } catch (error) {
        if (error instanceof Error) error.message = `TEST_SEED=${seed}: ${error.message}`;
        throw error;
      }
    }
  });
}
