import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hasFix, isBefore, minorOf } from '#core/version.ts';

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

test('a fix comes with a patch of each minor version, and is in every later one', () => {
  const has = (version: string) => hasFix(version, ['1.36.10', '1.38.4']);
  assert.equal(['1.36.10', '1.36.11-dev', '1.38.4', '1.39.0', '2.0.0'].map(has), [true, true, true, true, true]);
  assert.equal(['1.36.9', '1.36-dev', '1.37.9', '1.38.3', '1.17.0'].map(has), [false, false, false, false, false]);
  assert.equal(['', 'unknown'].map(has), [undefined, undefined]);
});

test.run();
