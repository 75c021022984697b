import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { istioJson, istioText } from '#accesslog/known-formats.ts';
import { lineParser } from '#accesslog/line-parser.ts';
import { writeLogFile } from '../../scripts/bench/log-file.ts';

test('the logs that the bench reads are access log, the same each time, with one in fifty failed', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kii-log-file-'));
  try {
    for (const [kind, format] of [
      ['text', istioText],
      ['json', istioJson],
    ] as const) {
      const [file, again] = [join(directory, kind), join(directory, `${kind}-again`)];
      writeLogFile(file, kind, 100_000);
      writeLogFile(again, kind, 100_000);
      const text = readFileSync(file, 'utf8');
      assert.ok(text === readFileSync(again, 'utf8') && text.endsWith('\n'));
      const lines = text.slice(0, -1).split('\n');
      const parser = lineParser([format]);
      const entries = lines
        .map((line) => parser.parse(line))
        .flatMap((parsed) => (parsed.kind === 'access' ? [parsed.format.entry(parsed.values)] : []));
      assert.is(entries.length, lines.length);
      const share = entries.filter(({ responseCode = 0 }) => responseCode >= 500).length / lines.length;
      assert.ok(share > 0.015 && share < 0.025, `${share}`);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.run();
