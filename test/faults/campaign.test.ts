// Commands while things go wrong: refused and stalled connections, answers cut at any byte, junk, wrong lengths, statuses of API server
// and node. Each run follows from its seed, which a failure prints; TEST_SEED=N repeats one. `npm run test:long` makes 1,000 runs.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mapBounded } from '#core/concurrency.ts';
import { type Said, withDemo } from '../support/run-command.ts';
import { commandLines, type Plan, planOf } from './plan.ts';
import { wrongWith } from './verdict.ts';

const runs = process.env['TEST_LONG'] === undefined ? 100 : 1_000;
const seed = process.env['TEST_SEED'];
/** Seeds that once found something. */
const regressions: readonly number[] = [];
const seeds = seed === undefined ? [...regressions, ...Array.from({ length: runs }, (_, i) => i + 1)] : [Number(seed)];
/** Most of a run is waiting. */
const atOnce = 12;
const limitMs = 45_000;

const short = '-o json --pod-timeout 2s --request-timeout 2s';
const healthy = new Map<string, Said>();

test.before(() =>
  withDemo({}, async ({ kii }) => {
    for (const words of commandLines) healthy.set(words, await kii(`${words} ${short}`));
  }),
);

async function runPlan(plan: Plan): Promise<string[]> {
  const said = await withDemo({ faults: plan.faults }, async ({ kii }) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), limitMs);
    });
    return await Promise.race([kii(`${plan.words} ${short}`), late]).finally(() => clearTimeout(timer));
  });
  return said === undefined ? [`no end after ${limitMs / 1000} s`] : wrongWith(plan, healthy.get(plan.words) as Said, said);
}

test(`whatever goes wrong, the answer is right or is said to be missing (${seeds.length} runs)`, async () => {
  const found = await mapBounded(seeds, atOnce, async (one) => {
    const plan = planOf(one);
    const wrong = await runPlan(plan);
    return wrong.length === 0 ? [] : [`TEST_SEED=${one}: ${plan.words} with ${JSON.stringify(plan.faults)}\n  ${wrong.slice(0, 4).join('\n  ')}`];
  });
  assert.is(found.flat().slice(0, 10).join('\n'), '');
});

test.run();
