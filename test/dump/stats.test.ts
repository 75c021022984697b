import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readStats } from '#dump/stats.ts';

test('counters and gauges by name; texts and histograms are left out', () => {
  const stats = [
    { name: 'overload.x.active', value: 1 },
    { name: 'control_plane.identifier', value: 'istiod' },
    { histograms: { supported_quantiles: [0, 25], computed_quantiles: [] } },
  ];
  assert.equal([...readStats({ stats })], [['overload.x.active', 1]]);
});

test('no stats are none', () => assert.equal([...readStats({ stats: [] })], []));

test.run();
