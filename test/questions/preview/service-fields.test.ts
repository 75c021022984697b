// As a real API server wrote each of them.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withServiceFields } from '#questions/preview/service-fields.ts';

const service = (spec: object) => ({ kind: 'Service', metadata: { name: 'a', namespace: 'a' }, spec });
const own = { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', internalTrafficPolicy: 'Cluster' };
const address = { clusterIP: '10.96.105.180', clusterIPs: ['10.96.105.180'], ...own };
const port = { port: 80, protocol: 'TCP', targetPort: 80 };
const none = { sessionAffinity: 'None' };

const written: readonly (readonly [given: object, there: object])[] = [
  [{ ports: [{ port: 80 }] }, { ...address, ...none, type: 'ClusterIP', ports: [port] }],
  [
    { type: 'ExternalName', externalName: 'b' },
    { type: 'ExternalName', externalName: 'b', ...none },
  ],
  [
    { type: 'NodePort', ports: [{ port: 80 }, { port: 80, protocol: 'UDP', targetPort: 'x' }] },
    {
      ...address,
      ...none,
      type: 'NodePort',
      externalTrafficPolicy: 'Cluster',
      ports: [
        { ...port, nodePort: 30001 },
        { port: 80, protocol: 'UDP', targetPort: 'x', nodePort: 30002 },
      ],
    },
  ],
  [
    { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [{ port: 80 }] },
    {
      ...address,
      ...none,
      type: 'LoadBalancer',
      allocateLoadBalancerNodePorts: true,
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 30003,
      ports: [{ ...port, nodePort: 30001 }],
    },
  ],
  [
    { sessionAffinity: 'ClientIP', ports: [{ port: 80 }] },
    {
      ...address,
      type: 'ClusterIP',
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } },
      ports: [port],
    },
  ],
  [
    { externalIPs: ['10.9.9.9'], ports: [{ port: 80 }] },
    {
      ...address,
      ...none,
      type: 'ClusterIP',
      externalIPs: ['10.9.9.9'],
      externalTrafficPolicy: 'Cluster',
      ports: [port],
    },
  ],
];

test('a Service is completed as the API server does it', () => {
  for (const [given, there] of written) {
    const old = service(there);
    assert.equal(withServiceFields(service(given), old)['spec'], there, JSON.stringify(given));
    assert.equal(withServiceFields(old, undefined)['spec'], there, JSON.stringify(there));
  }
});

test.run();
