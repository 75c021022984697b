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

test('a proxy that is a sidecar among the init containers is one of the containers', () => {
  const limit = (memory: string): object => ({ resources: { limits: { memory } } });
  const spec = {
    containers: [{ name: 'app', image: 'app', ...limit('8Gi') }],
    initContainers: [
      { name: 'istio-init', image: 'init', ...limit('1Mi') },
      {
        name: 'istio-proxy',
        image: 'proxy',
        restartPolicy: 'Always',
        ports: [{ containerPort: 15090 }],
        ...limit('64Mi'),
      },
    ],
  };
  const status = {
    containerStatuses: [{ name: 'app', ready: true, restartCount: 0 }],
    initContainerStatuses: [
      { name: 'istio-init', ready: true, restartCount: 2 },
      { name: 'istio-proxy', ready: false, restartCount: 4 },
    ],
  };
  const { ready, restarts, images, memoryLimit, declaredPorts } = readPod({ metadata: { name: 'p' }, spec, status });
  assert.equal(ready, { containers: 1, of: 2 });
  assert.is(restarts, 4);
  assert.equal(images, ['app', 'proxy']);
  assert.is(memoryLimit, 64 * 1024 ** 2);
  assert.equal(declaredPorts, [15090]);
});

test.run();
