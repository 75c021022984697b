import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Owner } from '#analysis/check/facts.ts';
import { concerning } from '#analysis/check/owner.ts';
import type { CheckResult, Finding } from '#model/finding.ts';

const owner: Owner = {
  has: ({ namespace }) => namespace === 'shop',
  hosts: ['a.example.test'],
  secrets: new Set(['kubernetes://web']),
  hasServiceOf: (cluster) => cluster.includes('.shop.'),
};

const finding = (changes: Partial<Finding>): Finding => ({
  severity: 'error',
  text: 'x',
  pods: [],
  concerns: [{ kind: 'Gateway', namespace: 'istio-system', name: 'shared' }],
  next: [],
  ...changes,
});

const result = (findings: readonly Finding[]): CheckResult => ({
  id: 'KII999',
  name: 'x',
  section: 'certificates',
  severity: 'error',
  title: 'x',
  reason: 'x',
  avoid: undefined,
  outcome: 'found',
  notEvaluated: [],
  findings,
  others: 0,
});

const kept = (changes: Partial<Finding>): readonly (readonly [string | undefined, readonly string[] | undefined])[] =>
  concerning(result([finding(changes)]), owner).findings.map(({ inHandsOf, hosts }) => [inHandsOf, hosts]);

test("what another one's object does to a host of the owner names whose hands it is in", () => {
  const hands = 'Gateway istio-system/shared';
  for (const host of ['a.example.test', '*.example.test', '*.test', '*'])
    assert.equal(kept({ hosts: [host] }), [[hands, ['a.example.test']]], host);
  assert.equal(kept({ secrets: ['kubernetes://web'] }), [[hands, undefined]]);
  assert.equal(kept({ clusters: ['outbound|5432||db.shop.svc.cluster.local'] }), [[hands, undefined]]);
  assert.equal(kept({ clusters: ['outbound|5432||db.other.svc.cluster.local'] }), []);
  assert.equal(kept({ hosts: ['*'], concerns: [] }), [['those who run the gateway', ['a.example.test']]]);
});

test("the owner's own object is in nobody else's hands", () => {
  assert.equal(kept({ concerns: [{ namespace: 'shop', name: 'web' }] }), [[undefined, undefined]]);
});

test('what hurts others only is counted, and does not fail', () => {
  for (const hosts of [['b.example.test'], ['*.other.test'], ['example.test'], []]) assert.equal(kept({ hosts }), []);
  const { outcome, others } = concerning(result([finding({ hosts: ['b.example.test'] })]), owner);
  assert.equal([outcome, others], ['passed', 1]);
});

test.run();
