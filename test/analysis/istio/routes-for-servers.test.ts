// Each row was put to a real istiod: no pod had a route of it, or one had.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { whyNoRoute } from '#analysis/istio/routes-for-servers.ts';

const object = (kind: string, spec: object) => ({ kind, metadata: { namespace: 'a', name: 'one' }, spec });
const server = (number: number, protocol: string, mode?: string) => ({
  port: { number, name: `p${number}`, protocol },
  hosts: ['h.example'],
  ...(mode === undefined ? {} : { tls: { mode } }),
});

const route = [{ destination: { host: 'web', port: { number: 80 } } }];
const labels = { istio: 'ingressgateway' };

function said(routes: object, ...servers: readonly object[]): string | undefined {
  const gateway = object('Gateway', { selector: labels, servers });
  const virtualService = object('VirtualService', { hosts: ['h.example'], gateways: ['one'], ...routes });
  return whyNoRoute(virtualService, [gateway], labels)[0]?.text;
}

const http = (...match: readonly object[]) => ({ http: [{ match, route }] });
const tls = { tls: [{ match: [{ sniHosts: ['h.example'] }], route }] };
const tcp = { tcp: [{ route }] };

test('routes of another kind than the servers want', () => {
  const wants = (there: string, kind: string, has: string): string =>
    `it has ${there} routes alone, and what takes its hosts wants ${kind} routes: Gateway a/one has ${has}`;
  assert.is(said(tls, server(80, 'HTTP')), wants('tls', 'http', 'HTTP on port 80'));
  assert.is(said(tcp, server(443, 'HTTPS', 'SIMPLE')), wants('tcp', 'http', 'HTTPS SIMPLE on port 443'));
  assert.is(said(http(), server(443, 'HTTPS', 'PASSTHROUGH')), wants('http', 'tls', 'HTTPS PASSTHROUGH on port 443'));
  assert.is(said({ ...http(), ...tls }, server(5432, 'TCP')), wants('http and tls', 'tcp', 'TCP on port 5432'));
  assert.is(said(tls, server(443, 'TLS', 'SIMPLE')), wants('tls', 'tcp', 'TLS SIMPLE on port 443'));
});

test('no routes, which istiod takes where its webhook is not asked', () => {
  for (const routes of [{}, { http: [] }]) assert.is(said(routes, server(80, 'HTTP')), 'it has no routes at all');
});

test('matches for others alone', () => {
  const all = 'it is bound to Gateway a/one, and all of its matches are for';
  assert.is(said(http({ port: 8080 }), server(80, 'HTTP')), `${all} port 8080`);
  assert.is(said(http({ sourceLabels: { app: 'x' } }), server(80, 'HTTP')), `${all} pods with app=x`);
  assert.is(said(http({ gateways: ['mesh'] }, { port: 1 }), server(80, 'HTTP')), `${all} mesh, port 1`);
});

test('what istiod may make a route of', () => {
  for (const [routes, ...servers] of [
    [http(), server(80, 'HTTP')],
    [http(), server(443, 'HTTPS', 'SIMPLE')],
    [http({ port: 8080 }, {}), server(80, 'HTTP')],
    [http({ sourceLabels: labels, port: 80 }), server(80, 'HTTP')],
    [http({ gateways: ['one'], sourceLabels: { app: 'x' } }), server(80, 'HTTP')],
    [tls, server(443, 'TLS', 'PASSTHROUGH')],
    [tcp, server(443, 'TLS', 'SIMPLE')],
    [http(), server(80, 'HTTP'), server(443, 'TLS', 'PASSTHROUGH')],
    [http(), server(443, 'TLS', 'AUTO_PASSTHROUGH')],
    [tls],
  ] as const)
    assert.is(said(routes, ...servers), undefined, JSON.stringify([routes, servers]));
});

test.run();
