import { mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { asToolError } from '#core/error.ts';
import { whyRefused } from '#core/node-environment.ts';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

for (const [work, message] of [
  [() => writeSync(openSync('/dev/full', 'w'), 'x'), 'cannot write: no space is left on the disk (ENOSPC: write)'],
  [() => readFileSync('/nonexistent/x'), 'cannot write: it does not exist (ENOENT: open /nonexistent/x)'],
  [() => mkdirSync('/dev/null/x'), 'cannot write: a part of the path is no directory (ENOTDIR: mkdir /dev/null/x)'],
] as const) {
  test(`what the operating system refuses is no defect: ${message}`, () => {
    const error = asToolError(thrownBy(work), 'write');
    assert.equal([error.code, error.message, error.hint], ['machine', message, undefined]);
  });
}

test('what it is not known for is a defect', () =>
  assert.is(asToolError(new TypeError('x'), 'write').code, 'internal'));

test('an environment in which Node prints tokens is refused', () => {
  assert.match(whyRefused({ NODE_DEBUG: 'https' }) ?? '', /^error: cannot run with NODE_DEBUG set/);
  assert.is(whyRefused({ NODE_DEBUG: '', NODE_OPTIONS: '--inspect' }), undefined);
});

test.run();
