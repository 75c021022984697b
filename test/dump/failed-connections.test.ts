import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFailedConnections } from '#dump/failed-connections.ts';

const host = (failed: number | undefined, all: number | undefined): object => ({
  stats: [
    { name: 'cx_connect_fail', ...(failed === undefined ? {} : { value: String(failed) }) },
    { name: 'cx_total', ...(all === undefined ? {} : { value: String(all) }) },
  ],
});

const of = (...hosts: readonly object[]): readonly object[] =>
  readFailedConnections({ cluster_statuses: [{ name: 'web', host_statuses: hosts }] });

test('endpoints count that were tried and have never taken a connection', () => {
  assert.equal(of(host(3, 3), host(2, 2)), [{ cluster: 'web', endpoints: 2, tried: 2, failing: 2, attempts: 5 }]);
  assert.equal(of(host(3, 3), host(1, 2), host(undefined, undefined)), [
    { cluster: 'web', endpoints: 3, tried: 2, failing: 1, attempts: 3 },
  ]);
});

test('one that took a connection, or that nobody has asked, is no such endpoint', () => {
  assert.equal(of(host(3, 4), host(undefined, 2), host(undefined, undefined), {}), []);
  assert.equal(of(), []);
  assert.equal(readFailedConnections({}), []);
});

test('no two Envoys have one order of clusters: here they stand by their names', () => {
  const json = { cluster_statuses: ['b', 'a', 'c'].map((name) => ({ name, host_statuses: [host(1, 1)] })) };
  assert.equal(
    readFailedConnections(json).map(({ cluster }) => cluster),
    ['a', 'b', 'c'],
  );
});

test.run();
