import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { matchesRegex } from '#analysis/request/path-match.ts';
import { compiledRegex } from '#core/regex.ts';

test('a regex is compiled once, whatever it is asked for, and one that RE2 refuses is none', () => {
  assert.is(compiledRegex('/a.*'), compiledRegex('/a.*'));
  for (let times = 0; times < 2; times++) {
    assert.equal([matchesRegex('/a.*', '/abc'), matchesRegex('/a.*', '/b')], [true, false]);
    assert.is(compiledRegex('(['), undefined);
  }
});

test.run();
