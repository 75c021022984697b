import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Cost, compare, type Meter, quantile } from '../../scripts/bench/measure.ts';

test('quantiles lie between the values', () => {
  assert.equal(
    [0, 0.25, 0.5, 1].map((q) => quantile([30, 10, 20], q)),
    [10, 15, 20, 30],
  );
  assert.is(quantile([7], 0.25), 7);
});

const cost = (wallMs: number): Cost => ({ wallMs, cpuMs: wallMs * 2, rssMiB: 1 });

test('commands run in turns; the first round does not count, and ratios are those of the pairs', async () => {
  const ran: string[] = [];
  const costs = [900, 1, 10, 20, 30, 10, 20, 20];
  const meter: Meter = {
    measure: async ([word = '']) => {
      ran.push(word);
      return cost(costs[ran.length - 1] ?? 0);
    },
    close: () => {},
  };
  const { wall, ours, theirs } = await compare(meter, 3, ['ours'], ['theirs']);
  assert.equal(ran, ['ours', 'theirs', 'ours', 'theirs', 'ours', 'theirs', 'ours', 'theirs']);
  assert.equal(wall, { median: 1, low: 0.75, high: 2 });
  assert.equal([ours.wallMs, theirs.wallMs], [20, 20]);
});

test.run();
