// `logs -f` of a real container: each request is seen once, whatever happens to the log, the container or the node.

import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Running, until } from '../support/program.ts';
import { gateway, kill, killEnvoy, kubectl, repair, restarted, start } from './node.ts';

/** A log rotates at 1 MiB: harness/node/up. */
const kibibyte = 'x'.repeat(1024);

class Follower {
  readonly #prefix = `/logs-${randomUUID()}`;
  readonly #sent: string[] = [];
  readonly #running: Running;
  #text = '';

  constructor() {
    this.#running = start(['logs', '-f', '--path', `${this.#prefix}/*`, '-o', 'json']);
    this.#running.process.stdout?.on('data', (text: string) => (this.#text += text));
  }

  send(n: number): void {
    const first = this.#sent.length;
    for (let i = first; i < first + n; i++) this.#sent.push(`${this.#prefix}/${i}/${kibibyte}`);
    const url = `http://${gateway().address}:8080${this.#prefix}/[${first}-${first + n - 1}]/${kibibyte}`;
    execFileSync('curl', ['-s', '-m', '60', '-o', '/dev/null', url], { timeout: 60_000 });
  }

  seen(): string[] {
    return this.#text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).path);
  }

  all(): Promise<void> {
    return until('every request is seen', () => this.seen().length >= this.#sent.length);
  }

  async end(): Promise<string> {
    this.#running.process.kill('SIGINT');
    const { code, err } = await this.#running.outcome;
    assert.is(code, 130, err);
    assert.equal(this.seen().sort(), [...this.#sent].sort());
    return err;
  }
}

test.before(repair);
test.after(repair);

test('through rotation', async () => {
  const follower = new Follower();
  for (let i = 0; i < 5; i++) {
    follower.send(1000);
    await follower.all();
  }
  assert.is(await follower.end(), '');
  assert.ok(kubectl('logs', gateway().pod).split('\n').length < 5000, 'no file was rotated');
});

test('through a restart of the container', async () => {
  const follower = new Follower();
  const before = gateway();
  follower.send(20);
  await follower.all(); // Envoy writes its access log every 10 s
  killEnvoy();
  await restarted(before);
  follower.send(20);
  await follower.all();
  assert.is(await follower.end(), '');
});

for (const [process, what] of [
  ['kubelet', 'the kubelet'],
  ['containerd', 'containerd'],
] as const)
  test(`through the end of ${what}`, async () => {
    const follower = new Follower();
    follower.send(20);
    await follower.all();
    kill(process);
    follower.send(20);
    repair();
    follower.send(20);
    await follower.all();
    assert.is(await follower.end(), '');
  });

test('into the next pod', async () => {
  const follower = new Follower();
  follower.send(20);
  await follower.all();
  kubectl('delete', 'pod', gateway().pod, '--wait=true', '--timeout=60s');
  repair();
  follower.send(20);
  await follower.all();
  assert.match(await follower.end(), /is gone$/m);
});

test.run();
