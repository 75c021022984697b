import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rootObject } from '#core/json.ts';
import { doesSomething, typeOfSettings } from '#dump/filter-settings.ts';
import { filtersOf, noFilters, readFilterLevels } from '#dump/route-filters.ts';
import { any } from '../support/dump.ts';

const type = 'extensions.filters.http.local_ratelimit.v3.LocalRateLimit';
const always = { default_value: { numerator: 100 } };
const limiting = { token_bucket: { max_tokens: 1 }, filter_enabled: always, filter_enforced: always };
const struct = (value: object): object => ({
  '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct',
  type_url: `type.googleapis.com/envoy.${type}`,
  value,
});

for (const [what, settings, expected] of [
  ['with a bucket and both fractions', limiting, true],
  ['with descriptors alone', { ...limiting, token_bucket: undefined, descriptors: [{}] }, true],
  ['that the runtime can switch on', { ...limiting, filter_enforced: { runtime_key: 'enforced' } }, true],
  ['without a bucket', { ...limiting, token_bucket: undefined }, false],
  ['that is not enabled', { ...limiting, filter_enabled: undefined }, false],
  ['that is enforced for nobody', { ...limiting, filter_enforced: { default_value: {} } }, false],
] as const) {
  test(`a local rate limit ${what} ${expected ? 'may refuse' : 'does nothing'}`, () => {
    for (const config of [any(type, settings), struct(settings)]) {
      // What is undefined is not in JSON.
      const object = rootObject(JSON.parse(JSON.stringify(config)), 'the test');
      assert.equal([typeOfSettings(object), doesSomething(object)], ['LocalRateLimit', expected]);
    }
  });
}

test('of other filters, settings do something and none do nothing', () => {
  const of = (settings: object): boolean => doesSomething(rootObject(any('a.v3.Other', settings), 'the test'));
  assert.equal([of({ a: 1 }), of({})], [true, false]);
});

test('a route that tells a local rate limit how switches it on, one that tells nothing switches it off', () => {
  const told = (settings: object) => {
    const route = { typed_per_filter_config: { limit: any(type, settings) } };
    return filtersOf(readFilterLevels(rootObject(route, 'the test'), noFilters));
  };
  assert.equal(told(limiting), { configuredFilters: ['limit'] });
  assert.equal(told({ stat_prefix: 'off' }), { disabledFilters: ['limit'] });
});

test.run();
