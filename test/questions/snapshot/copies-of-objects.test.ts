// Tools keep the whole object that they have applied in an annotation of it: with environments and arguments.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { snapshotObject } from '#questions/snapshot/snapshot-object.ts';

test('no copy of an object is in it', () => {
  const copies = [
    'kubectl.kubernetes.io/last-applied-configuration',
    'objectset.rio.cattle.io/applied',
    'kapp.k14s.io/original',
    'banzaicloud.com/last-applied',
  ];
  const annotations = {
    ...Object.fromEntries(copies.map((name) => [name, 'H4sIAAAA'])),
    'acme.example/original-host': 'a',
  };
  const saved = snapshotObject('deployments', { metadata: { name: 'gateway', annotations } });
  assert.equal(saved.metadata.annotations, { 'acme.example/original-host': 'a' });
});

test.run();
