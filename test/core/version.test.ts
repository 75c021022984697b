import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isBefore, minorOf } from '#core/version.ts';

for (const [version, minor] of [
  ['1.31.0', 1031],
  ['1.31-dev', 1031],
  ['1.9.9', 1009],
  ['2.0.0', 2000],
  ['unknown', undefined],
  ['', undefined],
  ['1', undefined],
  [undefined, undefined],
] as const) {
  test(`the minor version of ${version === '' ? 'nothing' : version} is ${minor ?? 'unknown'}`, () =>
    assert.is(minorOf(version), minor));
}

test('a version is before a minor one by number, not by letters; its patches and what is unknown are not', () => {
  assert.equal(
    ['1.9.9', '1.17.5', '1.18.0', '1.18-dev', '1.40.0', '2.0.0', 'unknown'].map((version) => isBefore(version, '1.18')),
    [true, true, false, false, false, false, undefined],
  );
});

test.run();
