// What a user reads when the pod, the kubelet or containerd dies while an answer is under way, or is gone before it.
// Nothing hangs: a program that does not end is killed, and has no exit code then.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Outcome } from '../support/program.ts';
import { gateway, interrupted, kii, kill, killEnvoy, mayExecOnly, repair, restarted, start } from './node.ts';

const mebibyte = 1 << 20;
const throughExec = ['--exec-dump', '--as', mayExecOnly()];

/** Of 49 MB, interrupted where one has come: what `act` does is seen in the middle of the answer. */
const interruptedDump = (act: () => void, ...words: readonly string[]): Promise<Outcome> =>
  interrupted(mebibyte, act, (env) => start(['config-dump', '--pod', gateway().pod, ...words], env).outcome);

function failedWith({ code, out, err }: Outcome, message: RegExp): void {
  assert.equal([code, out], [2, ''], err);
  assert.match(err, message);
  assert.not.match(err, /defect|containerd\.sock|\d{4}\/\d\d\/\d\d/);
}

test.before.each(repair);
test.after(repair);

test('the proxy dies in the middle of an answer: the next container is asked, where it is there in time', async () => {
  const before = gateway();
  const said = await interruptedDump(killEnvoy);
  if (said.code === 0) assert.ok(JSON.parse(said.out));
  else
    failedWith(said, /, and nothing listens on that port any more\n {2}the proxy has ended, and may be starting again/);
  await restarted(before);
  const { code, err } = await kii('log-level');
  assert.is(code, 0, err);
});

test('the proxy dies in the middle of what comes through exec', async () => {
  const before = gateway();
  failedWith(
    await interruptedDump(killEnvoy, ...throughExec),
    /pilot-agent was killed: the container has ended meanwhile/,
  );
  await restarted(before);
});

test('the kubelet dies in the middle of an answer, and is down before one', async () => {
  const down = /the API server cannot reach the pod's node .*\n {2}see whether the node is Ready/;
  failedWith(await interruptedDump(() => kill('kubelet')), down);
  failedWith(await kii('log-level'), down);
  const status = await kii('status');
  assert.is(status.code, 3);
  assert.match(status.out, `${gateway().pod} did not answer: what it serves is not known`);
});

test('containerd dies in the middle of an answer, and is down before one', async () => {
  const down =
    /the container runtime of the pod's node does not answer its kubelet\n {2}the gateway itself may serve all the same/;
  failedWith(await interruptedDump(() => kill('containerd')), down);
  failedWith(await kii('log-level'), down);
  failedWith(await kii('log-level', '--as', mayExecOnly()), down);
});

test('containerd dies in the middle of what comes through exec: a half is not taken for the whole', async () => {
  failedWith(
    await interruptedDump(() => kill('containerd'), ...throughExec),
    /the stream ended before the command did/,
  );
});

test.run();
