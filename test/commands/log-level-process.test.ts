// What becomes of raised levels when the process is ended, in a process of its own with real signals.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type DemoCluster, withDemo } from '../support/run-command.ts';

const main = new URL('../../src/main.ts', import.meta.url).href;

interface Started {
  readonly child: ChildProcess;
  /** What it has said on stderr so far. */
  err(): string;
  /** Resolves when stderr holds the text, or the process has ended. */
  says(text: string): Promise<void>;
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

function start({ directory }: DemoCluster, ...words: string[]): Started {
  const env = { ...process.env, KUBECONFIG: join(directory, 'kubeconfig'), XDG_STATE_HOME: join(directory, 'state') };
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', `(await import(${JSON.stringify(main)})).main()`, 'main', ...words],
    {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let err = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals | null);
  const says = async (text: string): Promise<void> => {
    for (let hasEnded = false; !err.includes(text) && !hasEnded; ) {
      hasEnded = await Promise.race([
        once(child.stderr as NodeJS.ReadableStream, 'data').then(() => false),
        ended.then(() => true),
      ]);
    }
    assert.ok(err.includes(text), err);
  };
  return { child, err: () => err, says, ended };
}

async function levelOfHttp({ kii }: DemoCluster): Promise<string> {
  const { items } = JSON.parse((await kii('log-level -o json')).out) as {
    items: readonly { logger: string; level: string }[];
  };
  return items
    .filter(({ logger }) => logger === 'http')
    .map(({ level }) => level)
    .join();
}

const records = ({ directory }: DemoCluster): string[] => {
  const folder = join(directory, 'state', 'kubectl-istio-ingress', 'log-levels');
  return existsSync(folder) ? readdirSync(folder) : [];
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} puts the levels back, and the process ends with 130`, () =>
    withDemo({}, async (cluster) => {
      const { child, says, ended, err } = start(cluster, 'log-level', 'http:debug');
      await says('for 5m');
      assert.is(await levelOfHttp(cluster), 'debug');
      child.kill(signal);
      assert.is(await ended, 130);
      assert.match(err(), 'put back on 3 pods');
      assert.is(await levelOfHttp(cluster), 'warning');
      assert.equal(records(cluster), []);
    }));
}

test('a second signal ends the process at once, and the record is there for --restore', () =>
  withDemo({}, async (cluster) => {
    const { child, says, ended, err } = start(cluster, 'log-level', 'http:debug');
    await says('for 5m');
    cluster.demo.faults.set([{ at: 'connection', does: 'stall', port: 15000 }]);
    child.kill('SIGINT');
    await says('log-level --restore');
    child.kill('SIGTERM');
    assert.is(await ended, 'SIGTERM');
    assert.not.match(err(), 'put back on');
    cluster.demo.faults.set([]);
    assert.is(await levelOfHttp(cluster), 'debug');
    assert.match((await cluster.kii('log-level --restore')).err, 'put back on 3 pods');
    assert.is(await levelOfHttp(cluster), 'warning');
  }));

test('after kill -9 the levels are put back by --restore', () =>
  withDemo({}, async (cluster) => {
    const { child, says, ended } = start(cluster, 'log-level', 'all:trace', '--yes');
    await says('for 5m');
    child.kill('SIGKILL');
    assert.is(await ended, 'SIGKILL');
    assert.is(await levelOfHttp(cluster), 'trace');
    assert.is(records(cluster).length, 1);
    assert.is(await start(cluster, 'log-level', '--restore').ended, 0);
    assert.is(await levelOfHttp(cluster), 'warning');
    assert.equal(records(cluster), []);
  }));

test('the process ends by itself when all is put back', () =>
  withDemo({}, async (cluster) => {
    assert.is(await start(cluster, 'log-level', 'http:debug', '--for', '0s').ended, 0);
  }));

test.run();
