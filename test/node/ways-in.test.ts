// Into the pod through a real kubelet and containerd: port-forward, and exec where that is forbidden.

import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/program.ts';
import { admin, gateway, kii, mayExecOnly, repair, start } from './node.ts';

const reader = mayExecOnly();
test.before(repair);

const listeners = (dump: string): unknown => JSON.parse(dump).configs.find((c: object) => 'dynamic_listeners' in c);

test('a dump of 49 MB comes whole', async () => {
  const { code, out, err } = await kii('config-dump', '--pod', gateway().pod);
  assert.is(code, 0, err);
  assert.ok(out.length > 49_000_000, String(out.length));
  assert.equal(listeners(out), listeners(admin('config_dump')));
});

test('through exec comes what comes through port-forward, and the tool says which way it took', async () => {
  const [forward, exec] = [await kii('log-level'), await kii('log-level', '--as', reader)];
  assert.equal([forward.code, exec.code, exec.out], [0, 0, forward.out], forward.err + exec.err);
  assert.is(forward.err, '');
  assert.match(exec.err, 'port-forward is forbidden: the answers come through exec');
});

test('a whole dump through exec is refused, and comes where it is asked for', async () => {
  const refused = await kii('config-dump', '--pod', gateway().pod, '--as', reader);
  assert.is(refused.code, 2);
  assert.match(refused.err, 'exec would hold the whole dump in the gateway');
  const { code, out, err } = await kii('config-dump', '--exec-dump', '--pod', gateway().pod, '--as', reader);
  assert.is(code, 0, err);
  assert.equal(listeners(out), listeners(admin('config_dump')));
});

test('port-forward carries what the admin port answers, and says where nothing listens', async () => {
  const { process: child, outcome } = start(['port-forward', '--raw', '0:15000', '0:9']);
  let said = '';
  child.stdout?.on('data', (text: string) => (said += text));
  const ports = (): string[] => [...said.matchAll(/localhost:(\d+)/g)].map(([, port]) => port ?? '');
  await until('it listens', () => ports().length === 2 || child.exitCode !== null);
  const [open, closed] = ports();
  const dump = execFileSync('curl', ['-s', `http://localhost:${open}/config_dump`], {
    encoding: 'utf8',
    maxBuffer: 256 << 20,
  });
  assert.equal(listeners(dump), listeners(admin('config_dump')));
  const { status } = spawnSync('curl', ['-s', '-m', '20', `http://localhost:${closed}/`]);
  assert.is.not(status, 0);
  child.kill('SIGINT');
  const { code, err } = await outcome;
  assert.is(code, 130);
  assert.match(err, 'nothing listens on that port');
});

test.run();
