import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HttpMatch, HttpRoute } from '#analysis/istio/virtual-service.ts';
import { delegated } from '#analysis/translate/delegation.ts';

const root: HttpRoute = { name: 'root', delegate: { name: 'd' }, timeout: '3s', match: [{ uri: { prefix: '/a' } }] };
const matchesOf = (own: readonly HttpMatch[], outer: readonly HttpMatch[] = root.match ?? []): unknown =>
  delegated({ ...root, match: outer }, [{ match: own }]).map(({ match }) => match?.map(({ uri, name }) => uri ?? name));

test('names are joined, and what the delegate does not say is the root’s', () => {
  const [first] = delegated(root, [{ name: 'own', match: [{ uri: { prefix: '/a/b' } }], retries: { attempts: 1 } }]);
  assert.equal(
    [first?.name, first?.timeout, first?.retries, first?.delegate],
    ['root-own', '3s', { attempts: 1 }, undefined],
  );
  assert.is(delegated({ ...root, name: '' }, [{ name: 'own' }])[0]?.name, 'own');
});

const cases: readonly (readonly [string, readonly HttpMatch[], unknown])[] = [
  ['a longer prefix', [{ uri: { prefix: '/a/b' } }], [[{ prefix: '/a/b' }]]],
  ['a path below the prefix', [{ uri: { exact: '/a/b' } }], [[{ exact: '/a/b' }]]],
  ['no path: the root’s', [{ headers: { h: { exact: '1' } } }], [[{ prefix: '/a' }]]],
  ['another prefix is a conflict', [{ uri: { prefix: '/b' } }], []],
  ['a regular expression is always one', [{ uri: { regex: '/a.*' } }], []],
  ['one match in conflict takes the route out', [{ uri: { prefix: '/a/b' } }, { uri: { prefix: '/c' } }], []],
];
for (const [name, own, expected] of cases) test(name, () => assert.equal(matchesOf(own), expected));

test('without a match of its own the delegate has the root’s, and the other way round', () => {
  assert.equal(matchesOf([]), [[{ prefix: '/a' }]]);
  assert.equal(matchesOf([{ uri: { prefix: '/x' } }], []), [[{ prefix: '/x' }]]);
});

test('conditions on the source must go together', () => {
  const goes = (outer: HttpMatch, own: HttpMatch): boolean => JSON.stringify(matchesOf([own], [outer])) !== '[]';
  assert.is(goes({ port: 443 }, { port: 80 }), false);
  assert.is(goes({ ignoreUriCase: true }, {}), false);
  assert.is(goes({ gateways: ['a/b'] }, { gateways: ['a/b', 'a/c'] }), false);
  assert.is(goes({ gateways: ['a/b', 'a/c'] }, { gateways: ['a/c'] }), true);
  assert.is(goes({ sourceLabels: { a: '1' } }, { sourceLabels: { a: '2' } }), false);
});

test.run();
