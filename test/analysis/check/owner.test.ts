import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Owner } from '#analysis/check/facts.ts';
import { concerning, ownerOf, partFor } from '#analysis/check/owner.ts';
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

const object = (kind: string, key: string, spec: object) => {
  const [namespace = '', name = ''] = key.split('/');
  return { kind, apiVersion: 'networking.istio.io/v1', metadata: { namespace, name }, spec };
};

test('of wildcards the owner has the hosts that the Gateways let in', () => {
  const open = (hosts: readonly string[]) => ({ servers: [{ port: { number: 443 }, hosts }] });
  const gateways = [
    object('Gateway', 'shop/own', open(['shop.example.test', './own.example.test', 'other/not.example.test'])),
    object('Gateway', 'shop/wide', open(['*.example.test'])),
  ];
  const hostsOf = (hosts: readonly string[], ...names: readonly string[]): readonly string[] =>
    ownerOf('shop', {
      virtualservices: { known: [object('VirtualService', 'shop/web', { hosts, gateways: names })] },
      gateways: { known: gateways },
      configurations: { known: [] },
      certificates: { known: [] },
    }).hosts;
  assert.equal(hostsOf(['*'], 'own'), ['shop.example.test', 'own.example.test']);
  assert.equal(hostsOf(['*.test'], 'wide'), ['*.example.test']);
  assert.equal(hostsOf(['a.example.test'], 'wide'), ['a.example.test']);
  assert.equal(hostsOf(['*.other'], 'own'), ['*.other']);
  assert.equal(hostsOf(['*'], 'own', 'gone'), ['*']);
  assert.equal(hostsOf(['*']), ['*']);
});

test('places in other hands stay apart, and so do those of others', () => {
  const own = { concerns: [{ namespace: 'shop', name: 'web' }] };
  const shared = { hosts: ['a.example.test'] };
  const other = { hosts: ['a.example.test'], concerns: [{ kind: 'Gateway', namespace: 'b', name: 'b' }] };
  const parts = [own, shared, other, { hosts: ['b.example.test'] }].map((one) => partFor(owner, finding(one)));
  assert.is(new Set(parts).size, 4);
});

test.run();
