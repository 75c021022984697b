import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readPod } from '#cluster/find/pods.ts';

const containers = [{ ports: [{ containerPort: 8443 }, {}] }, {}, { ports: [{ containerPort: 15021 }] }];

test('the ports that its containers declare are known, except in the network of its node', () => {
  const portsOf = (spec: object): unknown => readPod({ metadata: { name: 'p' }, spec }).declaredPorts;
  assert.equal(portsOf({ containers }), [8443, 15021]);
  assert.equal(portsOf({ containers, hostNetwork: false }), [8443, 15021]);
  assert.equal(portsOf({}), []);
  assert.is(portsOf({ containers, hostNetwork: true }), undefined);
});

test.run();
