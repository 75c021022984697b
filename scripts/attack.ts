// A table of the attacks, made by running them:  npm run attack. A line for each test that tries rows of the
// first table, or inputs that are generated: its class, its rows, what was tried, OK or FAIL. test/attack itself, in its long
// form, is part of `npm run test:long`.

import { globSync } from 'node:fs';
import { join } from 'node:path';
import { elsewhere, failedOnce } from '../test/attack/table.ts';
import { writeSources } from './gen.ts';
import { type FileResult, runFile } from './test/run-file.ts';

const root = join(import.meta.dirname, '..');
const timeoutMs = 1_800_000;

interface Line {
  readonly kind: string;
  readonly rows: readonly number[];
  readonly what: string;
  readonly verdict: 'OK' | 'FAIL' | 'not judged';
}

/** Titles of this folder: `kind | rows | what`. */
function ownLine(title: string, verdict: Line['verdict']): Line {
  const [kind = '', rows = '', what = title] = title.split(' | ');
  return { kind, rows: rows.split(' ').filter(Boolean).map(Number), what, verdict };
}

const titlesOf = ({ passed, notJudged, failures }: FileResult): (readonly [string, Line['verdict']])[] => [
  ...passed.map((title) => [title, notJudged.includes(title) ? 'not judged' : 'OK'] as const),
  ...failures.map(({ title }) => [title ?? 'the file as a whole', 'FAIL'] as const),
];

async function run(file: string, isLong: boolean): Promise<FileResult> {
  const env = { ...process.env, ...(isLong ? { TEST_LONG: '1' } : {}) };
  const result = await runFile(join(root, 'test', file), timeoutMs, env);
  for (const { title, text } of result.failures) process.stderr.write(`${file}: ${title ?? ''}\n${text}\n\n`);
  return result;
}

async function ownLines(): Promise<Line[]> {
  const lines: Line[] = [];
  for (const file of globSync('attack/*.test.ts', { cwd: join(root, 'test') }).sort())
    for (const [title, verdict] of titlesOf(await run(file, true))) lines.push(ownLine(title, verdict));
  return lines;
}

/** A test that is not there any more is a failure. */
async function linesElsewhere(): Promise<Line[]> {
  const results = new Map<string, FileResult>();
  const lines: Line[] = [];
  for (const { rows, kind, file, title = '' } of elsewhere) {
    const result = results.get(file) ?? (await run(file, false));
    results.set(file, result);
    const counting = titlesOf(result).filter(([one]) => one.startsWith(title));
    const has = (wanted: Line['verdict']): boolean => counting.some(([, one]) => one === wanted);
    const verdict = counting.length === 0 || has('FAIL') ? 'FAIL' : has('not judged') ? 'not judged' : 'OK';
    lines.push({ kind, rows, what: `test/${file}: ${title || 'all'}`, verdict });
  }
  return lines;
}

function print(lines: readonly Line[]): void {
  for (const { kind, rows, what, verdict } of lines)
    process.stdout.write(`${verdict.padEnd(10)} ${kind.padEnd(12)} ${rows.join(',').padEnd(26)} ${what}\n`);
  const tried = new Set(lines.flatMap(({ rows }) => rows));
  const untried = failedOnce.filter((row) => !tried.has(row));
  const counted = (wanted: Line['verdict']): number => lines.filter(({ verdict }) => verdict === wanted).length;
  const failed = counted('FAIL');
  process.stdout.write(
    `${counted('OK')} OK, ${failed} FAIL, ${counted('not judged')} not judged; rows that once failed and are not tried: ${untried.join(', ') || 'none'}\n`,
  );
  process.exitCode = failed + untried.length > 0 ? 1 : 0;
}

writeSources();
const lines = [...(await ownLines()), ...(await linesElsewhere())];
print(lines.sort((a, b) => a.kind.localeCompare(b.kind) || (a.rows[0] ?? 0) - (b.rows[0] ?? 0)));
