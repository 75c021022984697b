import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { wayIn } from '#cluster/stream/forward-or-exec.ts';
import { ToolError } from '#core/error.ts';
import type { PodHttp } from '#core/stream.ts';
import { rejection } from '../../support/rejection.ts';

const forbidden = (what: string): ToolError => new ToolError('forbidden', `${what} is forbidden`);

interface Way extends PodHttp {
  asked: number;
  isClosed: boolean;
}

/** Answers with its name, or fails. */
function way(name: string, error?: ToolError): Way {
  const made: Way = {
    asked: 0,
    isClosed: false,
    request: async () => {
      made.asked++;
      if (error) throw error;
      return { status: 200, body: Buffer.from(name) };
    },
    close: () => {
      made.isClosed = true;
    },
  };
  return made;
}

const one = { namespace: 'a', name: 'one' };
const two = { namespace: 'a', name: 'two' };
const ask = async (http: PodHttp): Promise<string> => (await http.request('GET', '/x')).body.toString();
const never = async (): Promise<PodHttp> => assert.unreachable('exec is not needed') as never;

test('port-forward is what is taken where it works', async () => {
  assert.is(await ask(wayIn(() => assert.unreachable()).over(one, way('forward'), never)), 'forward');
});

test('another failure of port-forward is no reason to exec', async () => {
  const broken = new ToolError('broken', 'lost');
  assert.is(await rejection(ask(wayIn(() => assert.unreachable()).over(one, way('forward', broken), never))), broken);
});

test('where port-forward is forbidden exec answers, and it is said once for all pods', async () => {
  let told = 0;
  const into = wayIn(() => told++);
  const forwards = [way('forward', forbidden('forward')), way('forward', forbidden('forward'))] as const;
  const [a, b] = [
    into.over(one, forwards[0], async () => way('exec')),
    into.over(two, forwards[1], async () => way('exec')),
  ];
  assert.equal([await ask(a), await ask(a), await ask(b)], ['exec', 'exec', 'exec']);
  assert.is(told, 1);
  assert.equal(
    forwards.map(({ asked }) => asked),
    [1, 0],
    'what is forbidden for one pod is not tried for the next',
  );
});

test('it is forbidden by namespace', async () => {
  const into = wayIn(() => {});
  await ask(into.over(one, way('forward', forbidden('forward')), async () => way('exec')));
  assert.is(await ask(into.over({ namespace: 'b', name: 'one' }, way('forward'), never)), 'forward');
});

test('where both are forbidden the error is that of port-forward, and nothing is said of exec', async () => {
  const error = forbidden('forward');
  const http = wayIn(() => assert.unreachable()).over(one, way('forward', error), async () =>
    way('exec', forbidden('exec')),
  );
  assert.is(await rejection(ask(http)), error);
  assert.is(await rejection(ask(http)), error);
});

test('a failure of exec is its own', async () => {
  const broken = new ToolError('broken', 'cut off');
  const http = wayIn(() => assert.unreachable()).over(one, way('forward', forbidden('forward')), async () =>
    way('exec', broken),
  );
  assert.is(await rejection(ask(http)), broken);
});

test('both are closed', async () => {
  const [forward, exec] = [way('forward', forbidden('forward')), way('exec')];
  const http = wayIn(() => {}).over(one, forward, async () => exec);
  await ask(http);
  http.close();
  await Promise.resolve();
  assert.ok(forward.isClosed && exec.isClosed);
});

test.run();
