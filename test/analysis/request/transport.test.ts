// How Envoy speaks to an endpoint.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { transportTo } from '#analysis/request/transport.ts';
import type { TransportChoice, UpstreamTls } from '#model/cluster.ts';
import { upstreamTls } from '../../support/builders/cluster.ts';

const to = { cluster: 'web', address: '10.0.0.1:80' };
const metadata = (own: Record<string, string>) => new Map([['web', new Map([['10.0.0.1:80', own]])]]);
const mesh: TransportChoice = {
  name: 'tlsMode-istio',
  tls: upstreamTls({ mode: 'ISTIO_MUTUAL' }),
  match: { tlsMode: 'istio' },
};
const automatic: UpstreamTls = {
  mode: 'per-endpoint',
  choices: [mesh, { name: 'tlsMode-disabled', tls: { mode: 'none' }, match: {} }],
};

test('the cluster says it for all of its endpoints', () => {
  assert.is(transportTo(to, { mode: 'none' }, undefined), 'plain text');
  assert.is(transportTo(to, upstreamTls({ mode: 'SIMPLE' }), undefined), 'TLS');
  assert.is(transportTo(to, upstreamTls({ mode: 'MUTUAL' }), undefined), 'mTLS');
});

test('or each by its metadata: the first choice that they meet', () => {
  assert.is(transportTo(to, automatic, metadata({ tlsMode: 'istio' })), 'mTLS');
  assert.is(transportTo(to, automatic, metadata({})), 'plain text');
});

test('nothing is said where EDS or the choice is not known', () => {
  assert.is(transportTo(to, automatic, undefined), undefined);
  assert.is(transportTo({ ...to, address: '10.0.0.9:80' }, automatic, metadata({})), undefined);
  const { match: _, ...opaque } = mesh;
  assert.is(transportTo(to, { mode: 'per-endpoint', choices: [opaque] }, metadata({})), undefined);
  assert.is(transportTo(to, { mode: 'unknown', type: 'Quic' }, metadata({})), undefined);
});

test.run();
