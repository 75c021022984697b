// Files of expected output, compared byte for byte. UPDATE_GOLDEN=1 writes them; refused in CI.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';

const root = join(import.meta.dirname, '..', 'golden');

export function golden(name: string, text: string): void {
  const path = join(root, name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    if (process.env['CI']) throw new Error('golden files are not written in CI');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    assert.ok(existsSync(path));
    return;
  }
  if (!existsSync(path)) throw new Error(`no golden file ${name}; the text is:\n${text}`);
  const expected = readFileSync(path, 'utf8');
  if (expected !== text) assert.fixture(text, expected, `differs from test/golden/${name}`);
  assert.ok(expected === text, `differs from test/golden/${name} in spaces or line ends`);
}
