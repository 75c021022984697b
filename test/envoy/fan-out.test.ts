import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ToolError } from '#core/error.ts';
import type { Pod } from '#core/fleet.ts';
import { askEvery } from '#envoy/fan-out.ts';
import { rejection } from '../support/rejection.ts';

const podNamed = (name: string, change: Partial<Pod> = {}): Pod => ({
  namespace: 'istio-system',
  name,
  node: 'node0',
  ip: '10.0.0.1',
  phase: 'Running',
  ready: { containers: 1, of: 1 },
  isReady: true,
  deletedAt: undefined,
  startedAt: undefined,
  restarts: 0,
  reason: undefined,
  labels: {},
  images: [],
  ...change,
});
const pods = ['a', 'b', 'c', 'd', 'e'].map((name) => podNamed(name));
const fanOut = { parallel: 2, podTimeoutMs: 10_000, signal: new AbortController().signal };
const tell = (outcome: { pod: Pod } & ({ ok: unknown } | { failed: ToolError })): unknown => [
  outcome.pod.name,
  'ok' in outcome ? outcome.ok : outcome.failed.code,
];

test('outcomes come in the order of the pods, and one that fails keeps the others', async () => {
  const outcomes = await askEvery(pods, fanOut, async (pod) => {
    await new Promise((resolve) => setTimeout(resolve, pod.name === 'a' ? 20 : 1));
    if (pod.name === 'b') throw new ToolError('refused', 'cannot reach b');
    return pod.name.toUpperCase();
  });
  assert.equal(outcomes.map(tell), [
    ['a', 'A'],
    ['b', 'refused'],
    ['c', 'C'],
    ['d', 'D'],
    ['e', 'E'],
  ]);
});

test('the time of a pod counts from when what it is not to blame for has come', async () => {
  const after = new Promise((resolve) => setTimeout(resolve, 80));
  const outcomes = await askEvery(pods.slice(0, 2), { ...fanOut, podTimeoutMs: 20, after }, async (pod) => {
    await after;
    if (pod.name === 'b') await new Promise(() => {});
    return 'answered';
  });
  assert.equal(outcomes.map(tell), [
    ['a', 'answered'],
    ['b', 'timeout'],
  ]);
});

test('what comes after a pod was done starts no timer', async () => {
  const { promise: after, resolve } = Promise.withResolvers<void>();
  await askEvery(pods.slice(0, 1), { ...fanOut, after }, async () => 'answered');
  resolve();
  await after;
  assert.not(process.getActiveResourcesInfo().includes('Timeout'));
});

test('at most so many pods are asked at the same time', async () => {
  let now = 0;
  let most = 0;
  await askEvery(pods, fanOut, async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 2));
    now--;
  });
  assert.is(most, 2);
});

test('a pod that does not end in time fails alone, and is told to stop', async () => {
  let stopped: unknown;
  const outcomes = await askEvery(pods.slice(0, 2), { ...fanOut, podTimeoutMs: 20 }, (pod, signal) => {
    signal.addEventListener('abort', () => {
      stopped = signal.reason;
    });
    return pod.name === 'a' ? new Promise<string>(() => {}) : Promise.resolve('fine');
  });
  assert.equal(outcomes.map(tell), [
    ['a', 'timeout'],
    ['b', 'fine'],
  ]);
  assert.is((stopped as ToolError).code, 'timeout');
});

test('who may not ask one pod does not ask the others', async () => {
  const asked: string[] = [];
  const outcomes = await askEvery(pods, { ...fanOut, parallel: 1 }, async (pod) => {
    asked.push(pod.name);
    throw new ToolError('forbidden', 'no');
  });
  assert.equal(asked, ['a']);
  assert.equal(
    outcomes.map(tell),
    pods.map(({ name }) => [name, 'forbidden']),
  );
});

test('credentials that are refused for one pod are tried with the next', async () => {
  const askedWhere = async (refused: readonly string[]): Promise<string[]> => {
    const asked: string[] = [];
    await askEvery(pods, { ...fanOut, parallel: 1 }, async ({ name }) => {
      asked.push(name);
      if (refused.includes(name)) throw new ToolError('credentials', 'no');
    });
    return asked;
  };
  assert.equal(await askedWhere(['a', 'c']), ['a', 'b', 'c', 'd', 'e']);
  assert.equal(await askedWhere(['b', 'c', 'd', 'e']), ['a', 'b', 'c']);
});

test('a pod that does not run is not asked, and says why', async () => {
  const [outcome] = await askEvery(
    [podNamed('a', { phase: 'Pending', reason: 'ImagePullBackOff' })],
    fanOut,
    async () => assert.unreachable(),
  );
  assert.ok(outcome && 'failed' in outcome);
  assert.is(outcome.failed.message, 'cannot ask istio-system/a: it is Pending, ImagePullBackOff');
});

test('an interruption ends everything with its reason', async () => {
  const controller = new AbortController();
  const reason = new ToolError('interrupted', 'interrupted');
  const all = askEvery(pods, { ...fanOut, signal: controller.signal }, () => new Promise(() => {}));
  controller.abort(reason);
  assert.is(await rejection(all), reason);
});

test("a defect of ours in one pod is that pod's failure", async () => {
  const [outcome] = await askEvery(pods.slice(0, 1), fanOut, async () => {
    throw new TypeError('x is not a function');
  });
  assert.ok(outcome && 'failed' in outcome);
  assert.is(outcome.failed.code, 'internal');
});

test.run();
