import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Selection, selectionSum } from '#model/selection.ts';
import { describeSelection } from '#render/words/describe-selection.ts';
import { failure, ok, pod } from '../../support/builders/fleet.ts';

const svc = (name: string): string => `outbound|80||${name}.svc1.svc.cluster.local`;
function say(items: number, ...pods: readonly Partial<Selection>[]): readonly string[] {
  const sum = selectionSum();
  for (const selection of pods) sum.add({ routed: [], unrouted: [], unknown: [], ...selection });
  return describeSelection('cluster', { items: Array(items), pods: [] }, false, sum.sum);
}

test('says nothing where something was found and nothing is left out', () => {
  assert.equal(say(1, { routed: [svc('a')] }), []);
});

test('says what exists and is not routed to', () => {
  assert.equal(say(1, { unrouted: [svc('a')] }), [
    'svc1/a:80 exists, but the ingress does not route to it. To see it, add --whole-mesh',
  ]);
  assert.equal(say(0, { unrouted: [svc('b')] }, { unrouted: [svc('b'), svc('a')] }), [
    'svc1/a:80, svc1/b:80 exist, but the ingress does not route to them. To see them, add --whole-mesh',
  ]);
});

test('what one pod routes to is routed to', () => {
  assert.equal(say(1, { unrouted: [svc('a')] }, { routed: [svc('a')] }), []);
});

test('says where nobody has asked what is routed to', () => {
  const note = 'to see what the ingress routes to, and what of that is missing, add -o wide';
  assert.equal(say(1, { routed: undefined }, { routed: [svc('a')] }), [note]);
});

test('says why more may be routed to', () => {
  assert.equal(say(1, { unknown: ['a route takes the cluster named by header x'] }), [
    'routes may lead to more than is shown: a route takes the cluster named by header x. To see everything, add --whole-mesh',
  ]);
});

test('says what there is where nothing matches', () => {
  assert.equal(say(0, { routed: [svc('b'), svc('a')] }), [
    'no cluster matches; services that the ingress routes to: svc1/a:80, svc1/b:80',
  ]);
  assert.equal(say(0, {}), ['no cluster: the ingress routes to no service']);
  assert.equal(say(0, { routed: undefined }), ['no cluster matches']);
});

test('says where not every pod could tell what is routed to, unless everything is shown', () => {
  const { sum } = selectionSum();
  const pods = [ok(pod('a')), failure(pod('b'))];
  assert.equal(describeSelection('endpoint', { items: [1], pods }, false, sum), [
    'what the ingress routes to goes by 1 of 2 pods: there may be more. To see everything, add --whole-mesh',
  ]);
  assert.equal(describeSelection('endpoint', { items: [1], pods }, true, sum), []);
  assert.equal(describeSelection('endpoint', { items: [1], pods: pods.slice(0, 1) }, false, sum), []);
});

test.run();
