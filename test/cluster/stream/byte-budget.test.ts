import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ByteBudget } from '#cluster/stream/byte-budget.ts';

async function isPending(promise: Promise<unknown> | undefined): Promise<boolean> {
  const pending = Symbol('pending');
  return (await Promise.race([promise, Promise.resolve(pending)])) === pending;
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('within the limit nobody waits', async () => {
  const budget = new ByteBudget(10);
  const [a, b] = [budget.share(), budget.share()];
  const takes = [a.take(5), b.take(5)];
  await settled();
  for (const one of takes) assert.not.ok(await isPending(one));
});

test('beyond the limit only the first goes on, and the next when the first gives back', async () => {
  const budget = new ByteBudget(10);
  const [first, second, third] = [budget.share(), budget.share(), budget.share()];
  await first.take(8);
  const secondTakes = second.take(8);
  const thirdTakes = third.take(8);
  await settled();
  assert.ok(await isPending(secondTakes));
  await first.take(100);
  first.release();
  await settled();
  assert.not.ok(await isPending(secondTakes), 'the second is the first now');
  assert.ok(await isPending(thirdTakes));
  second.release();
  await thirdTakes;
});

test('who is closed while it waits is let go', async () => {
  const budget = new ByteBudget(1);
  const [first, second] = [budget.share(), budget.share()];
  await first.take(1);
  const takes = second.take(1);
  await settled();
  assert.ok(await isPending(takes));
  second.release();
  await settled();
  assert.not.ok(await isPending(takes));
});

test.run();
