// A table of the attacks, made by running them:  npm run attack -- [PART OF A PATH...]  A line, as soon as it is known, for
// each test that tries rows of the first table, or inputs that are generated: its class, its rows, what was tried, OK or
// FAIL. It takes more than an hour. test/attack itself, in its long form, is part of `npm run test:long`.

import { globSync } from 'node:fs';
import { join } from 'node:path';
import { elsewhere, failedOnce } from '../test/attack/table.ts';
import { writeSources } from './gen.ts';
import { type FileResult, runFile } from './test/run-file.ts';

const root = join(import.meta.dirname, '..');
const timeoutMs = 1_800_000;
const parts = process.argv.slice(2);
const isAsked = (file: string): boolean => parts.length === 0 || parts.some((part) => file.includes(part));

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

async function* ownLines(): AsyncGenerator<Line> {
  for (const file of globSync('attack/*.test.ts', { cwd: join(root, 'test') })
    .sort()
    .filter(isAsked))
    for (const [title, verdict] of titlesOf(await run(file, true))) yield ownLine(title, verdict);
}

/** A test that is not there any more is a failure. */
async function* linesElsewhere(): AsyncGenerator<Line> {
  const results = new Map<string, FileResult>();
  for (const { rows, kind, file, title = '' } of elsewhere.filter((one) => isAsked(one.file))) {
    const result = results.get(file) ?? (await run(file, false));
    results.set(file, result);
    const counting = titlesOf(result).filter(([one]) => one.startsWith(title));
    const has = (wanted: Line['verdict']): boolean => counting.some(([, one]) => one === wanted);
    const verdict = counting.length === 0 || has('FAIL') ? 'FAIL' : has('not judged') ? 'not judged' : 'OK';
    yield { kind, rows, what: `test/${file}: ${title || 'all'}`, verdict };
  }
}

const print = ({ kind, rows, what, verdict }: Line): void =>
  void process.stdout.write(`${verdict.padEnd(10)} ${kind.padEnd(12)} ${rows.join(',').padEnd(26)} ${what}\n`);

/** Rows that nobody tried count where all were to be tried. */
function sumUp(lines: readonly Line[]): void {
  const tried = new Set(lines.flatMap(({ rows }) => rows));
  const untried = parts.length > 0 ? [] : failedOnce.filter((row) => !tried.has(row));
  const counted = (wanted: Line['verdict']): number => lines.filter(({ verdict }) => verdict === wanted).length;
  const failed = counted('FAIL');
  process.stdout.write(`${counted('OK')} OK, ${failed} FAIL, ${counted('not judged')} not judged`);
  process.stdout.write(
    parts.length > 0 ? '\n' : `; rows that once failed and are not tried: ${untried.join(', ') || 'none'}\n`,
  );
  process.exitCode = failed + untried.length > 0 || lines.length === 0 ? 1 : 0;
}

writeSources();
const lines: Line[] = [];
for (const made of [ownLines(), linesElsewhere()])
  for await (const line of made) {
    print(line);
    lines.push(line);
  }
sumUp(lines);
