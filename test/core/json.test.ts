// Documents of other programs, as they come.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseJson } from '#core/json.ts';

test('a byte order mark that an editor has put before a document is passed over, once', () => {
  assert.equal(parseJson('\ufeff{"a":1}', 'x'), { a: 1 });
  assert.equal(parseJson(Buffer.from('\ufeff[]\n'), 'x'), []);
  assert.throws(() => parseJson('\ufeff{"a":', 'x'), /cannot read x: it ends in the middle/);
  assert.throws(() => parseJson('{\ufeff}', 'x'), /cannot read x: it is not valid JSON/);
});

test.run();
