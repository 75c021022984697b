// Who may not port-forward and may exec gets answers all the same, and a word on it; never more than was asked for.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '#apiserver/fault.ts';
import { withDemo } from '../support/run-command.ts';

const forbidden = (on: 'portforward' | 'exec', more: Partial<Fault> = {}): Fault =>
  ({
    at: 'request',
    on,
    does: 'status',
    code: 403,
    reason: 'Forbidden',
    message: `pods "x" is forbidden: ${on}`,
    ...more,
  }) as Fault;

const note =
  'port-forward is forbidden: the answers come through exec, which starts a process in the gateway pod for each\n';
const one = 'istio-ingressgateway-66qlf';

for (const words of [
  'routes',
  'secrets',
  'status',
  'version',
  'explain https://svc1.discovery.wmnet/two',
  'log-level',
]) {
  test(`${words} through exec is what it is through port-forward, with a note on stderr`, () =>
    withDemo({}, async ({ demo, kii }) => {
      const direct = await kii(words);
      demo.faults.set([forbidden('portforward')]);
      const through = await kii(words);
      assert.equal({ ...through, err: '' }, { ...direct, err: '' });
      assert.is(through.err, note + direct.err);
    }));
}

test('who may do neither is told the rule of port-forward', () =>
  withDemo({ faults: [forbidden('portforward'), forbidden('exec')] }, async ({ kii }) => {
    const { code, out, err } = await kii('routes');
    assert.equal([code, out], [2, '']);
    assert.match(
      err,
      /^error: none of 3 pods answered: cannot reach istio-system\/istio-ingressgateway-\w+:15000: pods "x" is forbidden: portforward\n/,
    );
    assert.match(err, 'rules: [{apiGroups: [""], resources: ["pods/portforward"], verbs: ["get", "create"]}]');
    assert.not.match(err, 'through exec');
  }));

for (const [title, fault, why] of [
  [
    'is cut off and called a success',
    { at: 'exec', pod: one, does: 'success', afterBytes: 300 },
    'the answer ended in the middle, after 300 bytes',
  ],
  [
    'ends without a status',
    { at: 'exec', pod: one, does: 'no-status', afterBytes: 1e9 },
    'the stream ended before the command did',
  ],
  ['is dropped', { at: 'exec', pod: one, does: 'drop', afterBytes: 300 }, 'the stream ended before the command did'],
] as const) {
  test(`an exec that ${title} costs one pod's answer`, () =>
    withDemo({ faults: [forbidden('portforward'), fault] }, async ({ kii }) => {
      const { code, out, err } = await kii('routes -o json');
      assert.is(code, 3);
      assert.match(err, why);
      const { pods } = JSON.parse(out) as { pods: readonly { name: string; status: string }[] };
      assert.equal(
        pods.filter(({ status }) => status === 'failed').map(({ name }) => name),
        [one],
      );
    }));
}

test('a whole dump is asked for through exec only with --exec-dump', () =>
  withDemo({ faults: [forbidden('portforward')] }, async ({ directory, kii }) => {
    const refused = await kii(`config-dump --pod ${one}`);
    assert.equal([refused.code, refused.out], [2, '']);
    assert.match(
      refused.err,
      "exec would hold the whole dump in the gateway's own memory several times\n  allow pods/portforward",
    );
    const allowed = await kii(`config-dump --pod ${one} --exec-dump`);
    assert.equal([allowed.code, allowed.err], [0, note]);
    assert.ok(JSON.parse(allowed.out).configs.length > 3);
    const saved = join(directory, 'saved');
    assert.is((await kii(`config-dump --dir ${saved} --exec-dump`)).code, 0);
    assert.ok(readFileSync(join(saved, 'pods', one, 'config_dump.json')).length > 1000);
  }));

test('what Envoy does not know is an error, although its client calls it a success', () =>
  withDemo({ faults: [forbidden('portforward')] }, async ({ kii }) => {
    const { code, err } = await kii('admin config_dump?resource=nope');
    assert.is(code, 2);
    assert.match(err, 'Envoy answered 404');
  }));

test.run();
