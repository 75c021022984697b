// Lines that somebody made to be slow: each takes time in proportion to its length.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ExportReader } from '#accesslog/export-reader.ts';
import { exportedLines } from '#accesslog/exported.ts';
import { lineParser } from '#accesslog/line-parser.ts';
import { explainDetails } from '#accesslog/response-details.ts';

const length = 50_000;
/** Squares of the length took ten times as long on a fast machine. */
const mostMs = 3_000;

const long = (part: string): string => part.repeat(length / part.length);

const lines: Readonly<Record<string, string>> = {
  'white space': `${long(' ')}x`,
  'a brace and white space': `{${long(' ')}`,
  'quotes in a string that does not end': `{"a":"${long('\\"')}`,
  'labels that do not end': `2026-11-23T06:20:43Z {${long('a="b", ')}`,
  'pods that do not end': long('[pod/'),
  names: long('a '),
  colours: long('\u001b['),
  'quotes of CSV': `"${long('""')}`,
};

const within = (what: () => unknown): void => {
  const began = performance.now();
  what();
  assert.ok(performance.now() - began < mostMs, `${Math.round(performance.now() - began)} ms`);
};

for (const [name, line] of Object.entries(lines)) {
  test(`an export with ${name}`, () =>
    within(() => {
      const reader = new ExportReader(lineParser([]));
      for (const one of ['[', '{', line, line]) reader.read(one);
      reader.end();
      new ExportReader(lineParser([])).read(line);
    }));
}

test('envelopes inside envelopes are looked through once', () => {
  let judged = 0;
  const isOwn = (): boolean => {
    judged++;
    return false;
  };
  const nested = Array.from({ length: 9 }).reduce<object>((body) => ({ body }), { x: 'no line' });
  exportedLines(JSON.stringify(nested), { isOwn, isSplit: () => false, isLine: () => false, isEntry: () => false });
  assert.ok(judged < 40, `${judged} times`);
});

test('details that name no policy', () =>
  within(() => explainDetails(`rbac_access_denied_matched_policy${long('[ns[]-policy[')}`)));

test.run();
