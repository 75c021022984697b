import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ErrorCode, ToolError } from '#core/error.ts';
import type { Pod } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';
import { podTarget } from '#questions/forward/pod-target.ts';
import { gateway, podNamed as pod } from '../../support/builders/fleet.ts';
import { rejection } from '../../support/rejection.ts';

interface World {
  pods: readonly Pod[];
  opened: number;
  closed: number;
  readonly moves: string[];
}

function worldOf(pods: readonly Pod[]) {
  const world: World = { pods, opened: 0, closed: 0, moves: [] };
  const open = async (): Promise<Source> => {
    world.opened++;
    return { gateway: async () => gateway(world.pods), close: async () => void world.closed++ } as unknown as Source;
  };
  return { world, target: podTarget({ open, moved: (from, to) => world.moves.push(`${from.name}→${to.name}`) }) };
}

/** Fails for these pods. */
const unless = (gone: readonly string[], code: ErrorCode) => async (one: Pod) => {
  if (gone.includes(one.name)) throw new ToolError(code, `no ${one.name}`);
  return one.name;
};

test('takes the first ready pod, and stays with it', async () => {
  const { world, target } = worldOf([pod('a', { isReady: false }), pod('b', { deletedAt: 'now' }), pod('c'), pod('d')]);
  assert.is((await target.pod()).name, 'c');
  assert.is(await target.with(unless([], 'broken')), 'c');
  assert.equal([world.opened, world.moves], [1, []]);
});

test('a pod that is gone is replaced by another, which is tried at once and said', async () => {
  const { world, target } = worldOf([pod('a'), pod('b')]);
  await target.pod();
  world.pods = [pod('b'), pod('c')];
  assert.is(await target.with(unless(['a'], 'not-found')), 'b');
  assert.equal(world.moves, ['a→b']);
  await target.close();
  assert.equal([world.opened, world.closed], [2, 2], 'every source that was opened is closed');
});

test('a pod that cannot be reached is left although it is called ready', async () => {
  const { world, target } = worldOf([pod('a'), pod('b')]);
  assert.is(await target.with(unless(['a'], 'unreachable')), 'b');
  assert.equal(world.moves, ['a→b']);
});

test('a port that refuses, or a connection that breaks, is no reason to leave a pod that is ready', async () => {
  for (const code of ['refused', 'broken', 'timeout', 'bad-answer'] as const) {
    const { world, target } = worldOf([pod('a'), pod('b')]);
    assert.is((await rejection(target.with(unless(['a'], code)))).code, code);
    assert.equal(world.moves, []);
  }
});

test('but it is where the pod is not ready any more', async () => {
  const { world, target } = worldOf([pod('a'), pod('b')]);
  await target.pod();
  world.pods = [pod('a', { isReady: false }), pod('b')];
  assert.is(await target.with(unless(['a'], 'refused')), 'b');
});

test('connections that fail together move once', async () => {
  const { world, target } = worldOf([pod('a'), pod('b'), pod('c')]);
  await target.pod();
  const names = await Promise.all(Array.from({ length: 5 }, () => target.with(unless(['a'], 'not-found'))));
  assert.equal(names, ['b', 'b', 'b', 'b', 'b']);
  assert.equal([world.moves, world.opened], [['a→b'], 2]);
});

test('the only pod is tried again by whoever comes next', async () => {
  const { world, target } = worldOf([pod('a')]);
  assert.is((await rejection(target.with(unless(['a'], 'unreachable')))).code, 'unreachable');
  assert.is(await target.with(unless([], 'broken')), 'a');
  assert.equal(world.moves, []);
});

test('where no pod runs that is said, and a later pod is found', async () => {
  const { world, target } = worldOf([pod('a')]);
  await target.pod();
  world.pods = [pod('a', { phase: 'Pending' })];
  const error = await rejection(target.with(unless(['a'], 'not-found')));
  assert.equal(
    [error.code, error.message],
    ['not-ready', 'cannot reach a pod of istio-system/istio-ingressgateway: none of 1 runs'],
  );
  world.pods = [pod('b')];
  assert.is(await target.with(unless(['a'], 'not-found')), 'b');
  assert.equal(world.moves, ['a→b']);
  await target.close();
  assert.is(world.closed, world.opened);
});

test.run();
