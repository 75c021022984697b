// What the clusters of several pods have in common: the same documents, and the same objects where they say the same.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CommonClusters } from '#envoy/common-clusters.ts';

const cluster = (name: string, metadata: object): object => ({
  version_info: '1',
  cluster: { name, metadata: { filter_metadata: { istio: metadata } } },
});

type Parsed = { readonly configs: readonly { readonly cluster: object }[] };

function parseAll(...documents: readonly unknown[]): readonly Parsed[] {
  const common = new CommonClusters();
  return documents.map((document) => {
    const parsed = common.parse(Buffer.from(JSON.stringify(document)), 'clusters of POD');
    assert.equal(parsed, document);
    return parsed as Parsed;
  });
}

test('clusters that say the same are one object, in whatever order', () => {
  const [first, second] = parseAll(
    { configs: [cluster('a', { x: [1, { y: null }], z: '1' }), cluster('b', {})] },
    { configs: [cluster('b', {}), cluster('a', { z: '1', x: [1, { y: null }] })] },
  );
  assert.is(second?.configs[0]?.cluster, first?.configs[1]?.cluster);
  assert.is(second?.configs[1]?.cluster, first?.configs[0]?.cluster);
});

test('what differs anywhere stays what it is', () => {
  const others = [{ x: 2 }, { x: '1' }, { x: null }, { x: [1] }, { x: { 0: 1 } }, { y: 1 }, { x: 1, y: 1 }, {}];
  for (const other of others) {
    const [first, second] = parseAll({ configs: [cluster('a', { x: 1 })] }, { configs: [cluster('a', other)] });
    assert.is.not(second?.configs[0]?.cluster, first?.configs[0]?.cluster, JSON.stringify(other));
  }
  parseAll({ configs: [cluster('a', { x: [1, 2] })] }, { configs: [cluster('a', { x: [2, 1] })] });
  parseAll({ configs: [cluster('a', { x: [1] })] }, { configs: [cluster('a', { x: { 0: 1 } })] });
});

test('what is no list of clusters is returned as it is', () => {
  parseAll({}, { configs: 7 }, { configs: [null, 7, {}, { cluster: 7 }, { cluster: { name: 7 } }] }, null, 7);
});

test('what is nested too deeply is not compared', () => {
  const body = Buffer.from(`{"configs":[{"cluster":{"name":"a","x":${'['.repeat(20_000)}${']'.repeat(20_000)}}}]}`);
  const common = new CommonClusters();
  const [first, second] = [0, 1].map(() => common.parse(body, 'clusters of POD') as Parsed);
  assert.is.not(second?.configs[0]?.cluster, first?.configs[0]?.cluster);
});

test.run();
