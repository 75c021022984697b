import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compiled, matchesRegex } from '#analysis/request/path-match.ts';

test('a regex is compiled once, whatever it is asked for, and one that RE2 refuses is none', () => {
  assert.is(compiled('/a.*'), compiled('/a.*'));
  for (let times = 0; times < 2; times++) {
    assert.equal([matchesRegex('/a.*', '/abc'), matchesRegex('/a.*', '/b')], [true, false]);
    assert.is(compiled('(['), undefined);
  }
});

test.run();
