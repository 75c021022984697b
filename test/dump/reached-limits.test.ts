import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readReachedLimits } from '#dump/reached-limits.ts';

const unlimited = 4294967295;
const limits = { max_connections: unlimited, max_pending_requests: unlimited, max_requests: unlimited };
const host = (stats: Readonly<Record<string, string | undefined>>): object => ({
  stats: Object.entries(stats).map(([name, value]) => ({
    type: 'GAUGE',
    name,
    ...(value === undefined ? {} : { value }),
  })),
});
const read = (thresholds: readonly object[], ...hosts: readonly object[]): unknown =>
  readReachedLimits({ cluster_statuses: [{ name: 'a', circuit_breakers: { thresholds }, host_statuses: hosts }] });

test('the connections of all hosts count against the limit', () => {
  const hosts = [host({ cx_active: '2', rq_active: '9' }), host({ cx_active: '1' }), host({ cx_active: undefined })];
  assert.equal(read([{ ...limits, max_connections: 3 }], ...hosts), [
    { cluster: 'a', of: 'connections', limit: 3, isKnown: true },
  ]);
  assert.equal(read([{ ...limits, max_connections: 4 }], ...hosts), []);
});

test('connections that are idle take the next requests: their limit is not reached', () => {
  const most = { ...limits, max_connections: 3 };
  const reached = [{ cluster: 'a', of: 'connections', limit: 3, isKnown: true }];
  assert.equal(read([most], host({ cx_active: '2', rq_active: '2' }), host({ cx_active: '1' })), []);
  assert.equal(
    read([most], host({ cx_active: '2', rq_active: '2' }), host({ cx_active: '1', rq_active: '1' })),
    reached,
  );
  // Of one host they are idle, and for another requests wait.
  assert.equal(read([most], host({ cx_active: '2' }), host({ cx_active: '1', rq_pending_active: '1' })), reached);
});

test('requests, and those that wait for a connection', () => {
  const busy = host({ cx_active: '1', rq_active: '5', rq_pending_active: '1' });
  assert.equal(read([{ ...limits, max_pending_requests: 1, max_requests: 5 }], busy), [
    { cluster: 'a', of: 'pending requests', limit: 1, isKnown: true },
    { cluster: 'a', of: 'requests', limit: 5, isKnown: true },
  ]);
  // Envoy 1.36 counts none that wait.
  assert.equal(read([{ ...limits, max_pending_requests: 1 }], host({ rq_active: '5' })), [
    { cluster: 'a', of: 'pending requests', limit: 1, isKnown: false },
  ]);
});

test('limits of the high priority are for routes that Istio does not make', () => {
  assert.equal(read([limits, { ...limits, priority: 'HIGH', max_connections: 1 }], host({ cx_active: '1' })), []);
});

test('clusters without limits, or without hosts', () => {
  assert.equal(readReachedLimits({ cluster_statuses: [{ name: 'a' }, { name: 'b', circuit_breakers: {} }] }), []);
  assert.equal(read([limits]), []);
});

test.run();
