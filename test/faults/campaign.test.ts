// Commands while things go wrong: refused and stalled connections, answers cut at any byte, junk, wrong lengths,
// statuses of API server and node. Each run follows from its seed, which a failure prints; TEST_SEED=N repeats one.
// `npm run test:long` makes 1,000 runs.

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
const limitMs = 60_000;

/**
 * A machine that is busy with something else may miss the short one for a healthy pod: what looks wrong is judged by
 * the long one.
 */
const deadlines = { short: '--pod-timeout 2s --request-timeout 2s', long: '--pod-timeout 20s --request-timeout 20s' };
const healthy = new Map<string, Said>();

test.before(() =>
  withDemo({}, async ({ kii }) => {
    for (const words of commandLines) healthy.set(words, await kii(`${words} -o json`));
  }),
);

async function runPlan(plan: Plan, deadline: string): Promise<string[]> {
  const said = await withDemo({ faults: plan.faults }, async ({ kii }) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), limitMs);
    });
    return await Promise.race([kii(`${plan.words} -o json ${deadline}`), late]).finally(() => clearTimeout(timer));
  });
  return said === undefined
    ? [`no end after ${limitMs / 1000} s`]
    : wrongWith(plan, healthy.get(plan.words) as Said, said);
}

test(`whatever goes wrong, the answer is right or is said to be missing (${seeds.length} runs)`, async () => {
  const plans = seeds.map(planOf);
  const suspects = await mapBounded(plans, atOnce, async (plan) =>
    (await runPlan(plan, deadlines.short)).length === 0 ? [] : [plan],
  );
  const found = await mapBounded(suspects.flat(), 2, async (plan) => ({
    plan,
    wrong: await runPlan(plan, deadlines.long),
  }));
  const wrong = found.filter((one) => one.wrong.length > 0);
  const described = wrong.map(
    ({ plan, wrong: why }) =>
      `TEST_SEED=${plan.seed}: ${plan.words} with ${JSON.stringify(plan.faults)}\n  ${why.slice(0, 4).join('\n  ')}`,
  );
  assert.is(described.slice(0, 10).join('\n'), '');
});

test.run();
