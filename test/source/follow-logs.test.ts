// Following the logs of all pods while everything that happens to a gateway happens. Whatever it is, each line comes
// once.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '#apiserver/fault.ts';
import { sourceOptions } from '#command/source-options.ts';
import type { LogLine, LogRequest } from '#core/pod-logs.ts';
import { type Demo, startDemo } from '#demo/server.ts';
import { openLive } from '#source/live.ts';

const first = 'istio-ingressgateway-66qlf';
const second = 'istio-ingressgateway-gfn8x';

interface Following {
  readonly demo: Demo;
  readonly lines: readonly LogLine[];
  readonly notes: readonly string[];
  /** Writes `n` lines with texts of their own, and remembers them. */
  write(pod: string, n?: number): void;
  /** Until every line that was written has come. */
  allCome(): Promise<void>;
  /** Fails unless exactly the lines that were written came, once each, and each pod's in order. */
  check(): void;
}

async function following(
  options: { readonly faults?: readonly Fault[]; readonly request?: Partial<LogRequest> },
  use: (f: Following) => Promise<void>,
): Promise<void> {
  const demo = await startDemo({ faults: options.faults ?? [], closeDelayMs: 10 });
  const directory = mkdtempSync(join(tmpdir(), 'kii-test-'));
  const kubeconfig = join(directory, 'kubeconfig');
  writeFileSync(kubeconfig, demo.kubeconfig);
  const controller = new AbortController();
  const source = await openLive(
    sourceOptions({ 'istio-namespace': 'istio-system' }, { KUBECONFIG: kubeconfig }),
    { KUBECONFIG: kubeconfig },
    controller.signal,
  );
  const lines: LogLine[] = [];
  const notes: string[] = [];
  const written: { pod: string; text: string }[] = [];
  const request: LogRequest = {
    container: 'istio-proxy',
    since: demo.now,
    until: undefined,
    tailLines: undefined,
    follow: true,
    maxBytes: 1e9,
    note: (line) => notes.push(line),
    ...options.request,
  };
  const stream = await source.logs(request);
  const reading = (async () => {
    for await (const block of stream) lines.push(...block);
  })();
  reading.catch(() => {});
  let number = 0;
  try {
    await use({
      demo,
      lines,
      notes,
      write: (pod, n = 1) => {
        for (let i = 0; i < n; i++) {
          const text = `line ${number++}`;
          written.push({ pod, text });
          demo.logs.write(pod, text);
        }
      },
      allCome: () => until(`${written.length} lines`, () => lines.length >= written.length),
      check: () => {
        for (const pod of new Set(written.map((line) => line.pod))) {
          const texts = (list: readonly { pod: string; text: string }[]): string[] =>
            list.filter((line) => line.pod === pod).map(({ text }) => text);
          assert.equal(texts(lines), texts(written), pod);
        }
        assert.is(lines.length, written.length);
      },
    });
  } finally {
    controller.abort(new Error('over'));
    await reading.catch(() => {});
    await source.close();
    await demo.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    if (tries > 2000) throw new Error(`waited in vain: ${what}`);
    await pause(10);
  }
}

test('lines of all pods come once, in the order of the time', () =>
  following({}, async (f) => {
    for (let turn = 0; turn < 20; turn++) {
      f.write(first, 3);
      f.write(second, 2);
      await pause(5);
    }
    await f.allCome();
    f.check();
    const times = f.lines.map(({ time }) => time);
    assert.equal(times, [...times].sort());
  }));

test('a container that starts again is followed on', () =>
  following({}, async (f) => {
    for (let turn = 0; turn < 3; turn++) {
      f.write(first, 5);
      f.write(second, 5);
      await f.allCome();
      f.demo.changes.restart(first);
      f.write(first, 5);
    }
    await f.allCome();
    f.check();
  }));

test('a rotation is not noticed', () =>
  following({}, async (f) => {
    f.write(first, 5);
    await f.allCome();
    f.demo.logs.rotate(first);
    f.write(first, 5);
    await f.allCome();
    f.check();
  }));

test('an API server that is restarted loses nothing, and repeats nothing', () =>
  following({}, async (f) => {
    for (let turn = 0; turn < 3; turn++) {
      f.write(first, 7);
      f.write(second, 7);
      if (turn % 2 === 0) await f.allCome();
      f.demo.dropConnections();
      f.write(first, 7);
    }
    await f.allCome();
    f.check();
  }));

test('streams that break or end after any number of lines are resumed', async () => {
  const faults = [1, 2, 5, 13].flatMap((afterLines): Fault[] => [
    { at: 'log', does: 'reset', afterLines, times: 1, pod: first },
    { at: 'log', does: 'close', afterLines, times: 1, pod: second },
  ]);
  await following({ faults }, async (f) => {
    for (let turn = 0; turn < 30; turn++) {
      f.write(first);
      f.write(second);
      await pause(2);
    }
    await f.allCome();
    f.check();
  });
});

test('what a container logged last, while nobody could read it, is read as the previous log', () =>
  following({ faults: [{ at: 'log', does: 'reset', afterLines: 3, times: 1, pod: first }] }, async (f) => {
    f.write(first, 3);
    await f.allCome();
    f.write(first, 4);
    f.demo.changes.restart(first);
    f.write(first, 2);
    await f.allCome();
    f.check();
  }));

test('a container that keeps crashing is read once, not in a loop', () =>
  following({}, async (f) => {
    f.write(first, 3);
    await f.allCome();
    f.demo.changes.crash(first);
    await pause(1500);
    f.check();
    const asked = f.demo.requests.filter(({ path }) => path.includes(`${first}/log`));
    assert.ok(asked.length < 8, `${asked.length} requests`);
    f.demo.changes.restart(first);
    f.write(first, 3);
    await f.allCome();
    f.check();
  }));

test('a new pod is followed from its first line, and one that goes is said to be gone', () =>
  following({}, async (f) => {
    f.write(first, 2);
    f.write(second, 2);
    await f.allCome();
    f.demo.changes.add('istio-ingressgateway-new01', first);
    f.write('istio-ingressgateway-new01', 3);
    await f.allCome();
    f.demo.changes.remove(second);
    f.write(first, 2);
    await f.allCome();
    await until('the note', () => f.notes.some((note) => note === `${second} is gone`));
    assert.ok(f.notes.some((note) => note.startsWith('istio-ingressgateway-new01 is new')));
    f.check();
  }));

test('a stream that does not end with its pod is left', () =>
  following({ faults: [{ at: 'log', does: 'stall', afterLines: 3, pod: second }] }, async (f) => {
    f.write(second, 2);
    await f.allCome();
    f.demo.changes.remove(second);
    await until('the note', () => f.notes.some((note) => note === `${second} is gone`));
    f.check();
  }));

test('a watch that has expired begins anew: a pod that came meanwhile is found', () =>
  following({}, async (f) => {
    f.write(first, 2);
    await f.allCome();
    f.demo.changes.endWatches('expired');
    f.demo.changes.add('istio-ingressgateway-new02', first);
    f.write('istio-ingressgateway-new02', 2);
    await f.allCome();
    f.check();
  }));

test('where watching is forbidden that is said once, and the pods are followed all the same', () =>
  following(
    { faults: [{ at: 'request', on: 'watch', does: 'status', code: 403, message: 'pods is forbidden: cannot watch' }] },
    async (f) => {
      f.write(first, 2);
      f.write(second, 2);
      await f.allCome();
      f.check();
      assert.is(f.notes.filter((note) => note.includes('cannot watch')).length, 1);
    },
  ));

test('--tail begins with the last lines of each pod', () =>
  following({ request: { since: undefined, tailLines: 2 } }, async (f) => {
    await until('six lines', () => f.lines.length >= 6);
    f.write(first, 1);
    await until('the seventh', () => f.lines.length >= 7);
    assert.is(f.lines.filter(({ pod }) => pod === first).length, 3);
    assert.is(f.lines.length, 7);
  }));

test.run();
