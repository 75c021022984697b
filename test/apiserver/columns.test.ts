// What kubectl prints of objects: ages and cells as Kubernetes makes them.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formOf } from '#apiserver/accept.ts';
import { columnsOf } from '#apiserver/columns.ts';
import { humanDuration } from '#apiserver/human-duration.ts';
import type { ResourceType } from '#apiserver/resource-type.ts';

const now = new Date('2026-11-23T12:08:47Z');

const row = (resource: ResourceType['resource'], object: object): readonly (string | number)[] =>
  columnsOf(resource)
    .filter(({ isWide }) => !isWide)
    .map(({ cell }) => cell({ metadata: { name: 'a', creationTimestamp: '2026-11-23T12:08:40Z' }, ...object }, now));

const pod = (status: object, more: object = {}): readonly (string | number)[] =>
  row('pods', { spec: { containers: [{ name: 'one' }, { name: 'two' }] }, status, ...more }).slice(1, 4);

test('ages have two units where one would say little', () => {
  const [second, minute, hour, day] = [1, 60, 3600, 86_400];
  const cases: readonly (readonly [number, string])[] = [
    [-5, '<invalid>'],
    [-1, '0s'],
    [119 * second, '119s'],
    [2 * minute, '2m'],
    [2 * minute + 35, '2m35s'],
    [10 * minute + 35, '10m'],
    [3 * hour, '3h'],
    [3 * hour + 5 * minute, '3h5m'],
    [47 * hour, '47h'],
    [2 * day + 5 * hour, '2d5h'],
    [8 * day + 5 * hour, '8d'],
    [800 * day, '2y70d'],
    [9 * 365 * day, '9y'],
  ];
  for (const [seconds, text] of cases) assert.is(humanDuration(seconds * 1000), text, String(seconds));
});

test('a pod says why it does not run', () => {
  const running = { ready: true, state: { running: {} }, restartCount: 0 };
  assert.equal(pod({ phase: 'Running', containerStatuses: [running, running] }), ['2/2', 'Running', '0']);
  const crashed = {
    ready: false,
    restartCount: 3,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { finishedAt: '2026-11-23T12:03:47Z' } },
  };
  assert.equal(pod({ phase: 'Running', containerStatuses: [running, crashed] }), [
    '1/2',
    'CrashLoopBackOff',
    '3 (5m ago)',
  ]);
  const killed = { ready: false, restartCount: 0, state: { terminated: { exitCode: 137, signal: 9 } } };
  assert.equal(pod({ phase: 'Failed', containerStatuses: [killed] }), ['0/2', 'Signal:9', '0']);
  assert.equal(pod({ phase: 'Failed', reason: 'Evicted' }), ['0/2', 'Evicted', '0']);
  const init = {
    initContainerStatuses: [{ name: 'i', restartCount: 1, state: { waiting: { reason: 'PodInitializing' } } }],
  };
  const withInit = { spec: { containers: [{ name: 'one' }], initContainers: [{ name: 'i' }] } };
  assert.equal(pod({ phase: 'Pending', ...init }, withInit), ['0/1', 'Init:0/1', '1']);
  const deleted = { metadata: { name: 'a', deletionTimestamp: '2026-11-23T12:08:40Z' } };
  assert.equal(pod({ phase: 'Running', containerStatuses: [running] }, deleted), ['1/2', 'Terminating', '0']);
});

test('services, nodes, events and custom resources have the columns of their kind', () => {
  assert.equal(
    row('services', {
      spec: {
        type: 'LoadBalancer',
        clusterIP: '10.0.0.1',
        ports: [
          { port: 80, nodePort: 30080 },
          { port: 53, protocol: 'UDP' },
        ],
      },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
    }),
    ['a', 'LoadBalancer', '10.0.0.1', '192.0.2.1', '80:30080/TCP,53/UDP', '7s'],
  );
  assert.equal(
    row('nodes', {
      metadata: {
        name: 'a',
        labels: { 'node-role.kubernetes.io/edge': '' },
        creationTimestamp: '2026-11-23T12:08:40Z',
      },
      spec: { unschedulable: true },
      status: { conditions: [{ type: 'Ready', status: 'False' }], nodeInfo: { kubeletVersion: 'v1' } },
    }),
    ['a', 'NotReady,SchedulingDisabled', 'edge', '7s', 'v1'],
  );
  assert.equal(
    row('events', {
      type: 'Warning',
      reason: 'BackOff',
      involvedObject: { kind: 'Pod', name: 'b' },
      message: 'again\n',
      lastTimestamp: '2026-11-23T12:07:47Z',
    }),
    ['60s', 'Warning', 'BackOff', 'pod/b', 'again'],
  );
  assert.equal(row('virtualservices', { spec: { hosts: ['a.example'] } }), ['a', '', '["a.example"]', '7s']);
  assert.equal(row('gateways', {}), ['a', '7s']);
});

test('the first form of the list that the server has is given', () => {
  const cases = {
    '': 'object',
    'application/json': 'object',
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json': 'table',
    'application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json': 'object',
    'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1':
      'metadata',
    'application/vnd.kubernetes.protobuf,*/*': 'object',
  };
  for (const [accept, form] of Object.entries(cases)) assert.is(formOf(accept), form, accept);
});

test.run();
