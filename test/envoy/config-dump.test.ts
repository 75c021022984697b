import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { maskFor } from '#envoy/config-dump.ts';

for (const [version, isMasked] of [
  ['1.17.3', false],
  ['1.18.0', false],
  ['1.19.0', true],
  ['1.40.0-dev', true],
  ['2.0.0', true],
  ['1.19-dev', true],
  ['', false],
  ['unknown', false],
] as const) {
  test(`a mask is ${isMasked ? 'sent to' : 'kept from'} Envoy ${version || 'of no version'}`, () => {
    assert.equal(
      maskFor(version, ['name', 'error_state.details']),
      isMasked ? { mask: 'name,error_state.details' } : {},
    );
  });
}

test.run();
