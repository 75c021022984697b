import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { delegatesAmong } from '#analysis/istio/delegates.ts';
import { describeObject } from '#model/resource.ts';
import { object } from '../../support/builders/facts.ts';

const virtualService = (id: string, ...http: readonly object[]) => object('VirtualService', id, { http });
const to = (name: string, more: object = {}) => ({ delegate: { name, namespace: 'team' }, ...more });

const delegateOf = (name: string, http: readonly object[], ...others: ReturnType<typeof virtualService>[]) => {
  const from = { kind: 'VirtualService', namespace: 'edge', name: 'root' };
  const found = delegatesAmong([virtualService('edge/root', ...http), ...others])({ from, name });
  return found && describeObject(found);
};

const a = virtualService('team/a', { name: 'list' }, { match: [{ name: 'get' }, {}] });
const b = virtualService('team/b', {});

test('a route is its delegate’s where its name is nobody else’s', () => {
  assert.is(delegateOf('list', [to('a'), {}], a), 'VirtualService team/a');
  assert.is(delegateOf('shop-list', [to('a', { name: 'shop' }), {}], a), 'VirtualService team/a');
  assert.is(delegateOf('shop', [to('a', { name: 'shop' }), {}], a), 'VirtualService team/a');
  assert.is(delegateOf('.get', [to('a'), {}], a), 'VirtualService team/a');
  assert.is(delegateOf('.all-get', [to('a', { match: [{ name: 'all' }] }), {}], a), 'VirtualService team/a');
  assert.is(delegateOf('', [to('b')], b), 'VirtualService team/b');
  assert.is(delegateOf('', [{ delegate: { name: 'b' } }], virtualService('edge/b', {})), 'VirtualService edge/b');
});

test('a name that the root or another delegate has too tells nothing', () => {
  assert.is(delegateOf('', [to('b'), {}], b), undefined);
  assert.is(delegateOf('', [to('a'), to('b')], a, b), undefined);
  assert.is(delegateOf('list', [to('a'), { name: 'list' }], a), undefined);
});

test('routes of the root, of roots without delegates and of delegates that are not there have none', () => {
  assert.is(delegateOf('own', [to('a'), { name: 'own' }], a), undefined);
  assert.is(delegateOf('list', [{ name: 'list' }], a), undefined);
  assert.is(delegateOf('list', [to('a')]), undefined);
  const gateway = { kind: 'HTTPRoute', namespace: 'edge', name: 'root' };
  assert.is(delegatesAmong([virtualService('edge/root', to('b')), b])({ from: gateway, name: '' }), undefined);
});

test.run();
