import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareText } from '#core/compare.ts';
import { type ClusterRow, clusterRowKey, orderOfCluster, rowsOfClusters } from '#model/cluster-row.ts';
import { cluster } from '../support/builders/cluster.ts';

const rejected = { details: 'no', at: '2026-11-23T13:58:00Z', version: undefined };

test('says of each cluster whether it is routed to, and which ones are missing', () => {
  const rows = rowsOfClusters(
    [cluster({ name: 'a' }), cluster({ name: 'b', state: 'warming' })],
    new Set(['b', 'gone']),
  );
  assert.equal(
    rows.map(({ name, isRouted, state, cluster: has }) => [name, isRouted, state, has !== undefined]),
    [
      ['a', false, 'active', true],
      ['b', true, 'warming', true],
      ['gone', true, 'missing', false],
    ],
  );
});

test('a rejected update is a row beside what goes on serving', () => {
  assert.equal(
    rowsOfClusters([cluster({ name: 'a', rejected })], new Set()).map(({ state, rejected: why }) => [
      state,
      why?.details,
    ]),
    [
      ['active', undefined],
      ['rejected', 'no'],
    ],
  );
});

test('when a cluster was updated or an update rejected is no difference, why is', () => {
  const contents = (changes: Parameters<typeof cluster>[0]): readonly string[] =>
    rowsOfClusters([cluster(changes)], new Set()).map(clusterRowKey);
  const base = contents({ rejected });
  assert.equal(contents({ rejected: { ...rejected, at: '2026-11-23T14:00:00Z' }, lastUpdated: undefined }), base);
  assert.is.not(contents({ rejected: { ...rejected, details: 'other' } })[1], base[1]);
  assert.is.not(contents({ rejected, type: 'STATIC' })[0], base[0]);
});

test('orders by FQDN, port as a number, and subset', () => {
  const names = [
    'outbound|8080||a',
    'outbound|80|v2|a',
    'outbound|80|v1|a',
    'outbound|9||b',
    'PassthroughCluster',
    'outbound|80||a',
  ];
  assert.equal(
    names.toSorted((a, b) => compareText(orderOfCluster(a), orderOfCluster(b))),
    [
      'PassthroughCluster',
      'outbound|80||a',
      'outbound|80|v1|a',
      'outbound|80|v2|a',
      'outbound|8080||a',
      'outbound|9||b',
    ],
  );
});

test('a row without a cluster has its content too', () => {
  const [missing] = rowsOfClusters([], new Set(['gone']));
  assert.match(clusterRowKey(missing as ClusterRow), '"name":"gone"');
});

test.run();
