import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mapBounded, pause, raceAbort, retried, withDeadline } from '#core/concurrency.ts';
import { ToolError } from '#core/error.ts';
import { rejection } from '../support/rejection.ts';

const late = (): ToolError => new ToolError('timeout', 'too late');
const never = (): Promise<never> => new Promise(() => {});

test('keeps the order of the items, not of their arrival', async () => {
  const results = await mapBounded([3, 1, 2], 3, async (n) => {
    await new Promise((resolve) => setTimeout(resolve, n));
    return n * 10;
  });
  assert.equal(results, [30, 10, 20]);
});

test('never runs more at a time than it may', async () => {
  let running = 0;
  let most = 0;
  await mapBounded(Array.from({ length: 20 }), 4, async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
  });
  assert.is(most, 4);
});

test('does nothing for no items', async () => assert.equal(await mapBounded([], 4, never), []));

test('ends work at its deadline with the error of the deadline', async () => {
  const error = await rejection(withDeadline(new AbortController().signal, 1, late, never));
  assert.is((error as ToolError).code, 'timeout');
});

test('tells the work through its signal that the deadline has passed', async () => {
  let seen: unknown;
  await rejection(
    withDeadline(new AbortController().signal, 1, late, (signal) => {
      signal.addEventListener('abort', () => (seen = signal.reason));
      return never();
    }),
  );
  assert.is((seen as ToolError).code, 'timeout');
});

test('ends work when the parent aborts, with the reason of the parent', async () => {
  const parent = new AbortController();
  const work = rejection(withDeadline(parent.signal, 60_000, late, never));
  parent.abort(new ToolError('interrupted', 'Ctrl-C'));
  assert.is(((await work) as ToolError).code, 'interrupted');
});

test('does not start a wait under a signal that has aborted already', async () => {
  const parent = new AbortController();
  parent.abort(new ToolError('interrupted', 'Ctrl-C'));
  assert.is(((await rejection(raceAbort(never(), parent.signal))) as ToolError).code, 'interrupted');
  assert.is(((await rejection(pause(60_000, parent.signal))) as ToolError).code, 'interrupted');
});

const failing = (times: number) => {
  let calls = 0;
  return async (): Promise<number> => {
    calls++;
    if (calls <= times) throw new Error(`attempt ${calls}`);
    return calls;
  };
};
const quickly = { pauseMs: () => 1, signal: new AbortController().signal };

test('repeats an attempt as often as it may, while the error may pass', async () => {
  const mayPass = (): boolean => true;
  assert.is(await retried(failing(2), { times: 2, mayPass, ...quickly }), 3);
  assert.match(
    ((await rejection(retried(failing(3), { times: 2, mayPass, ...quickly }))) as Error).message,
    'attempt 3',
  );
  const never = { times: 2, mayPass: () => false, ...quickly };
  assert.match(((await rejection(retried(failing(1), never))) as Error).message, 'attempt 1');
});

test('repeats nothing under a signal that has aborted', async () => {
  const parent = new AbortController();
  const attempt = async (): Promise<never> => {
    parent.abort(new ToolError('interrupted', 'Ctrl-C'));
    throw new Error('broken');
  };
  const thrown = await rejection(retried(attempt, { times: 2, mayPass: () => true, signal: parent.signal }));
  assert.is((thrown as ToolError).code, 'interrupted');
});

test('leaves no listener on the parent behind', async () => {
  const parent = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = parent.signal;
  parent.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(parent.signal, args);
  };
  parent.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(parent.signal, args);
  };
  await withDeadline(parent.signal, 60_000, late, async () => 1);
  assert.is(listeners, 0);
});

test.run();
