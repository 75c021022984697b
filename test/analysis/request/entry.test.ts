import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  containerPortsOf,
  entryFor,
  hasNamedTargets,
  otherWays,
  servicePortsFor,
  whyNotInFront,
} from '#analysis/request/entry.ts';
import type { KubeObject } from '#core/kube-object.ts';

const service = (name: string, selector: object, ports: readonly object[]): KubeObject => ({
  metadata: { name },
  spec: { selector, ports },
});
const labels = { app: 'gateway', istio: 'ingressgateway' };
const services = [
  service('other', { app: 'other' }, [{ port: 443, targetPort: 1 }]),
  service('headless', {}, [{ port: 443, targetPort: 2 }]),
  service('ingress', { istio: 'ingressgateway' }, [
    { port: 443, targetPort: 'https', nodePort: 30443 },
    { port: 80, targetPort: 8080, nodePort: 30080 },
    { port: 8444 },
    { port: 9000, targetPort: 'nowhere' },
  ]),
];
const ports = servicePortsFor(services, labels, new Map([['https', 8443]]));

for (const [port, listenerPort, by] of [
  [443, 8443, 'service port'],
  [80, 8080, 'service port'],
  [8444, 8444, 'service port'],
  [30443, 8443, 'node port'],
  [30080, 8080, 'node port'],
  [8443, 8443, 'listener port'],
  [9000, 9000, 'listener port'],
] as const) {
  test(`port ${port} is the listener's ${listenerPort}, by ${by}`, () => {
    const entry = entryFor(port, ports);
    assert.equal([entry.listenerPort, entry.by], [listenerPort, by]);
  });
}

test('another Service that leads the port elsewhere is told', () => {
  const inside = service('inside', labels, [
    { port: 443, targetPort: 9443 },
    { port: 80, targetPort: 8080 },
    { port: 8444, protocol: 'UDP', targetPort: 1 },
  ]);
  const both = servicePortsFor([...services, inside], labels, new Map([['https', 8443]]));
  assert.equal(otherWays(entryFor(443, both), both), [
    'Service inside leads its port 443 to listener port 9443: for clients that come by it, explain the URL with port 9443',
  ]);
  assert.equal(
    [80, 8444, 30443, 8443].flatMap((port) => otherWays(entryFor(port, both), both)),
    [],
  );
});

test('without Services the ports that istio charts write are assumed', () => {
  assert.equal(entryFor(443, []), { port: 443, listenerPort: 8443, by: 'usual port', service: undefined });
  assert.is(entryFor(8444, []).by, 'listener port');
});

test('named ports are those of the pod', () => {
  const pod: KubeObject = {
    metadata: { name: 'p' },
    spec: {
      containers: [{ ports: [{ name: 'https', containerPort: 8443 }, { containerPort: 1 }] }, { name: 'no ports' }],
    },
  };
  assert.equal([...containerPortsOf(pod)], [['https', 8443]]);
  assert.equal([...containerPortsOf({ metadata: { name: 'p' } })], []);
  assert.equal([hasNamedTargets(services), hasNamedTargets(services.slice(0, 2))], [true, false]);
});

test('a port to which no Service leads, and that the pods do not declare, is not in front', () => {
  const why = (port: number, declaredPorts: readonly number[] = [15021]): string | undefined =>
    whyNotInFront(port, services, { labels, declaredPorts });
  assert.match(why(9443) ?? '', 'no Service of the gateway has port 9443 (they have 80, 443, 8444 and 9000)');
  for (const port of [443, 8080, 8444, 30443, 9000]) assert.is(why(port), undefined, String(port));
  assert.is(why(9443, [9443]), undefined, 'declared');
  assert.is(whyNotInFront(9443, services, { labels }), undefined, 'the network of the node');
  assert.is(whyNotInFront(9443, services.slice(0, 2), { labels, declaredPorts: [] }), undefined, 'no Service at all');
});

test('a port of TCP and one of UDP lead to what each has; where there is one, it is taken for both', () => {
  const both = [
    { port: 443, targetPort: 9443, protocol: 'UDP' },
    { port: 443, targetPort: 8443, protocol: 'TCP' },
    { port: 444, targetPort: 8444 },
  ];
  const own = servicePortsFor([service('ingress', { istio: 'ingressgateway' }, both)], labels, new Map());
  const led = (port: number, ...transport: ['UDP'] | []): number => entryFor(port, own, ...transport).listenerPort;
  assert.equal([led(443), led(443, 'UDP'), led(444), led(444, 'UDP')], [8443, 9443, 8444, 8444]);
});

test.run();
