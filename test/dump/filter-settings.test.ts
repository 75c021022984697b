import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rootObject } from '#core/json.ts';
import { doesSomething, limitStage, typeOfSettings } from '#dump/filter-settings.ts';
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

const never = { default_value: {} };
for (const [what, settings, expected] of [
  ['at stage 0 for what routes limit', {}, [false, 0]],
  ['at the stage that it names', { stage: 2 }, [false, 2]],
  ['for limits of its own', { rate_limits: [{ actions: [{}] }] }, [true, 0]],
  ['for nothing of its own before the answer', { rate_limits: [{ apply_on_stream_done: true }] }, [false, 0]],
  ['for nothing where it is enabled for nobody', { rate_limits: [{}], filter_enabled: never }, [false, undefined]],
  ['where the runtime can enable it', { filter_enabled: { runtime_key: 'on' } }, [false, 0]],
  ['for nothing where it is enforced for nobody', { filter_enforced: never }, [false, undefined]],
  ['where it refuses when the service fails', { filter_enforced: never, failure_mode_deny: true }, [false, 0]],
] as const) {
  test(`a global rate limit asks ${what}`, () => {
    const config = rootObject(any('extensions.filters.http.ratelimit.v3.RateLimit', settings), 'the test');
    assert.equal([doesSomething(config), limitStage(config)], expected);
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
