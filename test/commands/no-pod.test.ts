// A gateway that has no pod on any node: whatever its pods would serve is not known.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withDemo } from '../support/run-command.ts';

/** It waits to be scheduled. */
const waiting = '-g pod/istio-ingressgateway-x2v7n';
const said = `error: cannot ask Pod istio-system/istio-ingressgateway-x2v7n: it is on no node
  see: kubectl istio-ingress status
`;

for (const command of [
  'routes',
  'routes -o json',
  'listeners',
  'secrets',
  'certs',
  'explain https://svc1.discovery.wmnet/',
  'diff',
  'logs',
  'log-level',
  'admin /stats',
])
  test(`${command} says so, and nothing of what is served`, () =>
    withDemo({}, async ({ kii }) => {
      const { code, out, err } = await kii(`${command} ${waiting}`);
      assert.equal([code, out], [2, '']);
      assert.ok(err.endsWith(said), err);
    }));

test('status tells of it', () =>
  withDemo({}, async ({ kii }) => {
    const { code, out } = await kii(`status ${waiting}`);
    assert.is(code, 0);
    assert.match(out, 'NO POD: Insufficient cpu');
  }));

test('what is about more than pods is answered', () =>
  withDemo({}, async ({ kii }) => {
    for (const [command, code, text] of [
      ['log-level --restore', 0, 'nothing to put back'],
      ['timeline --only rejection', 0, 'is of rejection'],
      ['wait --for synced --timeout 1s', 3, 'only 0 of 0 pods'],
    ] as const) {
      const said = await kii(`${command} ${waiting}`);
      assert.is(said.code, code, command);
      assert.match(said.out + said.err, text);
    }
  }));

test.run();
