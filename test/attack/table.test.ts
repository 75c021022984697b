// The table names tests that are there: `npm run attack` finds a test by its file and the beginning of its title.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { elsewhere } from './table.ts';

test('every test that the table names is there', () => {
  for (const { file, title = '' } of elsewhere) {
    const path = join(import.meta.dirname, '..', file);
    assert.ok(existsSync(path) && readFileSync(path, 'utf8').includes(title), `${file}: ${title}`);
  }
});

test.run();
