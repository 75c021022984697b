// Which DestinationRules make the clusters of a Service, for a gateway in some namespace.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Following, rulesThatCount, withoutEffect } from '#analysis/istio/destination-rules.ts';
import { rulesOf } from '#analysis/translate/destination-rules.ts';
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

/** Rules are put together with older ones of which they have the exportTo; the youngest that is apart counts. */
test('of rules for one host with other exportTo the youngest', () => {
  const [plain, all, here] = [
    rule('shop', 'plain', fqdn),
    rule('shop', 'all', fqdn, ['*']),
    rule('shop', 'here', fqdn, ['*', 'istio-system']),
  ];
  assert.equal(names([plain, all]), ['all']);
  assert.equal(names([plain, all, here]), ['all', 'here']);
});

const routed = ['', 'v1'].map((subset) => `outbound|80|${subset}|${fqdn}`);
const without = (one: KubeObject, others: readonly KubeObject[], more: Partial<Following> = {}): string[] =>
  withoutEffect(one, { rules: [one, ...others], namespace: 'istio-system', routed, isAllKnown: true, ...more });
const withSpec = (one: KubeObject, more: object): KubeObject => ({
  ...one,
  spec: { ...(one['spec'] as object), ...more },
});

test('what of a rule no cluster of the gateway has, and why', () => {
  const main = withSpec(rule('shop', 'main', 'web'), { trafficPolicy: {}, subsets: [{ name: 'v1' }] });
  const second = withSpec(rule('shop', 'second', 'web'), {
    trafficPolicy: {},
    subsets: [{ name: 'v1' }, { name: 'v2' }],
  });
  assert.equal(without(main, []), []);
  assert.equal(without(second, [main]), [
    `${fqdn}: the trafficPolicy is that of DestinationRule shop/main, which is older`,
    `${fqdn}: subset v1 is that of DestinationRule shop/main, which is older`,
    'no route of this gateway names its subset v2',
  ]);
  assert.equal(without(rule('shop', 'hidden', 'web', ['.']), []), ['exportTo [.] hides it from istio-system']);
  assert.equal(without(rule('shop', 'typo', 'wed'), []), [
    'no route of this gateway leads to wed.shop.svc.cluster.local',
  ]);
  assert.equal(without(rule('shop', 'typo', 'wed'), [], { isAllKnown: false }), []);
  assert.equal(without(rule('else', 'far', fqdn), []), [
    `${fqdn}: it stands in namespace else, and only rules of istio-system and of the Service's namespace shop count`,
  ]);
  const instead = 'DestinationRule shop/main counts in its place';
  assert.equal(without(rule('shop', 'wide', '*.shop.svc.cluster.local'), [main]), [
    `${fqdn}: ${instead}, as its host is the nearer one`,
  ]);
  assert.equal(without(rule('istio-system', 'root', fqdn), [main]), [
    `${fqdn}: ${instead}, as rules of namespace shop go before those of istio-system`,
  ]);
});

test('a rule without a trafficPolicy takes that of the next, and one of a third namespace none', () => {
  const policy = (mode: string): object => ({ trafficPolicy: { tls: { mode } } });
  const [bare, second] = [rule('shop', 'bare', fqdn), withSpec(rule('shop', 'second', fqdn), policy('SIMPLE'))];
  assert.is(rulesOf(fqdn, [bare, second], 'istio-system').tlsOf(80, '').mode, 'SIMPLE');
  assert.is(rulesOf(fqdn, [bare], 'istio-system').tlsOf(80, '').mode, 'none');
});

test.run();
