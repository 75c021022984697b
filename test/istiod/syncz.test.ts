// What istiod says of a proxy's extensions (ECDS). Source: istio pilot/pkg/xds/debug.go SyncStatus.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rejected } from '#analysis/fleet/pod-problems.ts';
import { readSyncz } from '#istiod/syncz.ts';
import type { ProxySync } from '#model/sync.ts';
import { connected, pod, status } from '../support/builders/fleet.ts';

const read = (entry: object): ProxySync['types'] =>
  readSyncz([{ proxy: 'gateway-a.istio-system', ...entry }])[0]?.types ?? {};

const extension = 'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig';

test('extensions are told by the name of their type, and by the flat nonces before there were types', () => {
  const lastError = 'Unable to create Wasm plugin a';
  const types = read({ resources: { [extension]: { sent: 'a', acked: 'b', lastError } } });
  assert.equal([types.ECDS?.state, types.ECDS?.error], ['NACK', lastError]);
  assert.equal(
    rejected([status(pod('a'), { sync: connected('istiod-a', types) })]).map(({ text }) => text),
    [`istio-ingressgateway-a has rejected the last ECDS update: "${lastError}"`],
  );
  assert.is(read({ extensionconfig_sent: 'a', extensionconfig_acked: 'b' }).ECDS?.state, 'STALE');
  assert.is(read({ extensionconfig_sent: 'a', extensionconfig_acked: 'a' }).ECDS?.state, 'SYNCED');
});

test('a proxy without extensions has no state of them', () => {
  assert.is('ECDS' in read({ cluster_sent: 'a', cluster_acked: 'a' }), false);
});

test.run();
