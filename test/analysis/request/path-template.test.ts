import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fillTemplate, matchTemplate } from '#analysis/request/path-template.ts';

for (const [template, path, variables] of [
  ['/items/{id}', '/items/7', { id: '7' }],
  ['/items/{id}', '/items/7/8', undefined],
  ['/items/{id}', '/items/', undefined],
  ['/*/v1/**', '/a/v1/b/c', {}],
  ['/*/v1/**', '/a/v1/', {}],
  ['/*/v1/**', '/a/v1', undefined],
  ['/{first}/{rest=**}', '/a/b/c', { first: 'a', rest: 'b/c' }],
  ['/{one=a/*}/b', '/a/x/b', { one: 'a/x' }],
  ['/a.b', '/axb', undefined],
  ['/*', '/a%20b', {}],
  ['/*', '/a[b', undefined],
] as const) {
  test(`${template} ${variables ? 'takes' : 'does not take'} ${path}`, () => {
    const matched = matchTemplate(template, path);
    assert.equal(matched && Object.fromEntries(matched), variables);
  });
}

test('fills a template with the variables', () => {
  assert.is(
    fillTemplate(
      '/of/{b}/{a}',
      new Map([
        ['a', '1'],
        ['b', '2/3'],
      ]),
    ),
    '/of/2/3/1',
  );
});

test.run();
