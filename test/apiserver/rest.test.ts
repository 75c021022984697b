// What k9s and stern ask of an API server, as they were seen to ask, and what they are answered.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ServedCluster } from '#apiserver/cluster.ts';
import { resourceTypes } from '#apiserver/resource-type.ts';
import { type ApiServer, startApiServer } from '#apiserver/server.ts';
import { objectWatches } from '#apiserver/watches.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { ask, askJson } from '../support/demo-request.ts';
import { watchedFrom } from '../support/watched.ts';

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io';

const event: KubeObject = {
  metadata: { name: 'gateway.1', namespace: 'istio-system', resourceVersion: '7' },
  involvedObject: { kind: 'Pod', namespace: 'istio-system', name: 'gateway' },
  reason: 'BackOff',
  message: 'Back-off restarting failed container',
  type: 'Warning',
  source: { component: 'kubelet' },
  reportingComponent: 'kubelet',
  firstTimestamp: '2026-11-23T12:00:00Z',
  lastTimestamp: '2026-11-23T12:08:00Z',
  count: 4,
};

const pod = (name: string): KubeObject => ({ metadata: { name, namespace: 'istio-system', resourceVersion: '8' } });

const objects: Readonly<Record<string, readonly KubeObject[]>> = { events: [event], pods: [pod('a'), pod('b')] };

const cluster: ServedCluster = {
  version: async () => ({ gitVersion: 'v1.37.2' }),
  user: 'test',
  mayI: () => true,
  now: () => new Date('2026-11-23T12:09:00Z'),
  types: resourceTypes,
  list: async ({ resource }) => ({ objects: objects[resource] ?? [] }),
  read: async ({ resource }, _, name) => objects[resource]?.find(({ metadata }) => metadata.name === name),
  watches: async ({ resource }) => objectWatches(objects[resource] ?? [], 8),
  port: () => undefined,
  log: async () => undefined,
};

let server: ApiServer;
test.before(async () => {
  server = await startApiServer(cluster);
});
test.after(() => server.close());

const events = '/apis/events.k8s.io/v1/namespaces/istio-system/events';

test('the Events of v1 are those of events.k8s.io too, with its names of fields: k9s asks for no others', async () => {
  const { groups } = await askJson<{ groups: { name: string }[] }>(server, '/apis');
  assert.ok(groups.some(({ name }) => name === 'events.k8s.io'));
  const { metadata, reason, type } = event;
  const newer = {
    ...{ metadata, reason, type, regarding: event['involvedObject'], note: event['message'] },
    ...{ reportingController: 'kubelet', deprecatedSource: event['source'], deprecatedCount: 4 },
    deprecatedFirstTimestamp: event['firstTimestamp'],
    deprecatedLastTimestamp: event['lastTimestamp'],
  };
  assert.equal((await askJson<{ items: unknown }>(server, events)).items, [newer]);
  const named = { kind: 'Event', apiVersion: 'events.k8s.io/v1', ...newer };
  assert.equal(await askJson(server, `${events}/gateway.1`), named);
  assert.equal((await watchedFrom(server, `${events}?watch=true`, 1))[0]?.object, named);
  assert.equal(await askJson(server, '/api/v1/namespaces/istio-system/events/gateway.1'), {
    kind: 'Event',
    apiVersion: 'v1',
    ...event,
  });
});

test('a table of them is that of v1, and is selected from by the newer names', async () => {
  const rows = async (query: string): Promise<{ cells: unknown[]; object: KubeObject }[]> =>
    JSON.parse((await ask(server, `${events}?includeObject=Object&${query}`, { accept: table })).body).rows;
  const [row] = await rows('fieldSelector=regarding.kind%3DPod,reportingController%3Dkubelet');
  assert.equal(row?.cells.slice(0, 5), ['60s', 'Warning', 'BackOff', 'pod/gateway', '']);
  assert.is(row?.object['note'], event['message']);
  assert.equal(await rows('fieldSelector=regarding.name%3Dother'), []);
  const { status } = await ask(server, `${events}?fieldSelector=involvedObject.kind%3DPod`);
  assert.is(status, 400);
});

const pods = '/api/v1/namespaces/istio-system/pods';

test('a list that is streamed has all objects, whatever the client knows already', async () => {
  const query = 'watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
  for (const version of ['', '&resourceVersion=0', '&resourceVersion=8']) {
    const seen = await watchedFrom(server, `${pods}?${query}${version}`, 3);
    assert.equal(
      seen.map(({ type }) => type),
      ['ADDED', 'ADDED', 'BOOKMARK'],
      version,
    );
  }
});

test('a watch ends when the time that the client gave it is over', async () => {
  const { status, body } = await ask(server, `${pods}?watch=true&resourceVersion=8&timeoutSeconds=1`);
  assert.equal([status, body], [200, '']);
});

test.run();
