import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backendsIn } from '#analysis/request/backends.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Backend } from '#model/endpoint-row.ts';
import { endpoint } from '../../support/builders/cluster.ts';

const slice = (endpoints: readonly object[], namespace = 'svc1', service = 'web'): KubeObject => ({
  metadata: { name: `${service}-x`, namespace, labels: { 'kubernetes.io/service-name': service } },
  endpoints,
});

const webCluster = 'outbound|80||web.svc1.svc.cluster.local';
const read = new Set(['svc1']);

const look = (slices: readonly KubeObject[], address: string, cluster = webCluster): Backend | undefined =>
  backendsIn(slices, read)({ cluster, missing: undefined, endpoint: endpoint({ address, cluster }) });

const running = {
  addresses: ['10.64.0.4'],
  conditions: { ready: false },
  nodeName: 'node1',
  zone: 'row-a',
  targetRef: { kind: 'Pod', namespace: 'svc1', name: 'web-1' },
};

test('finds pod, node, zone and readiness by the address, in any slice of the Service', () => {
  assert.equal(look([slice([{ addresses: ['10.64.0.3'] }]), slice([running])], '10.64.0.4:4000'), {
    isListed: true,
    pod: 'svc1/web-1',
    node: 'node1',
    zone: 'row-a',
    isReady: false,
  });
});

test('an endpoint without a pod and without conditions is ready, on its node', () => {
  const found = look([slice([{ addresses: ['fd00::4'], nodeName: 'node1' }])], '[fd00::4]:80');
  assert.equal(found, { isListed: true, pod: undefined, node: 'node1', zone: undefined, isReady: true });
});

test('an address that no slice of the Service has is not listed any more', () => {
  assert.is(look([slice([running])], '10.64.0.5:4000')?.isListed, false);
});

test('says nothing of what it cannot know', () => {
  assert.is(
    look([slice([running])], '10.64.0.4:5432', 'outbound|5432||db.example.org'),
    undefined,
    'a host outside the cluster',
  );
  assert.is(
    look([slice([running], 'svc2')], '10.64.0.4:80', 'outbound|80||web.svc2.svc.cluster.local'),
    undefined,
    'a namespace that was not read',
  );
  assert.is(look([], '10.64.0.4:80'), undefined, 'a Service without slices');
  assert.is(
    backendsIn([slice([running])], read)({ cluster: webCluster, missing: 'endpoints', endpoint: undefined }),
    undefined,
  );
});

test.run();
