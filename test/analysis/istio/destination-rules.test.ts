// Which DestinationRules make the clusters of a Service, for a gateway in some namespace.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rulesThatCount } from '#analysis/istio/destination-rules.ts';
import type { KubeObject } from '#core/kube-object.ts';

const fqdn = 'web.shop.svc.cluster.local';
let second = 0;
const rule = (namespace: string, name: string, host: string, exportTo?: readonly string[]): KubeObject => ({
  kind: 'DestinationRule',
  metadata: { namespace, name, creationTimestamp: `2026-01-01T00:00:${String(second++).padStart(2, '0')}Z` },
  spec: { host, ...(exportTo ? { exportTo } : {}) },
});
const names = (rules: readonly KubeObject[], namespace = 'istio-system'): string[] =>
  rulesThatCount(fqdn, rules, namespace).map(({ metadata }) => metadata.name);

test('those of the Service’s namespace, oldest first, by whatever name of the host', () => {
  const [old, young] = [rule('shop', 'old', 'web'), rule('shop', 'young', fqdn)];
  assert.equal(names([young, old]), ['old', 'young']);
});

test('those of a third namespace, and those that are hidden, never', () =>
  assert.equal(names([rule('other', 'a', fqdn), rule('shop', 'b', fqdn, ['.']), rule('shop', 'c', fqdn, ['~'])]), []));

test('of a wildcard and the very host the host, of two wildcards the longer', () => {
  const [all, some, own] = [
    rule('shop', 'all', '*'),
    rule('shop', 'some', '*.shop.svc.cluster.local'),
    rule('shop', 'own', fqdn),
  ];
  assert.equal(names([all, some, own]), ['own']);
  assert.equal(names([all, some]), ['some']);
});

test('the root namespace comes last, but for what is for it alone', () => {
  const [shop, root, local] = [
    rule('shop', 'shop', fqdn),
    rule('istio-system', 'root', '*.local'),
    rule('istio-system', 'local', fqdn, ['.']),
  ];
  assert.equal(names([root, shop]), ['shop']);
  assert.equal(names([root]), ['root']);
  assert.equal(names([root, shop, local]), ['local']);
});

test('a gateway in another namespace goes by the rules of that first', () =>
  assert.equal(names([rule('shop', 'shop', fqdn), rule('edge', 'edge', fqdn)], 'edge'), ['edge']));

test.run();
