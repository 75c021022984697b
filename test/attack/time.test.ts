// Patterns and lines that somebody made to be slow: time grows with the length, not with its square. CPU time of this
// process, so that a busy machine changes nothing. test/core/glob.test.ts counts steps.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ExportReader } from '#accesslog/export-reader.ts';
import { lineParser } from '#accesslog/line-parser.ts';
import { globMatcher } from '#core/glob.ts';
import type { Random } from '../faults/random.ts';
import { generated } from './attack.ts';

function cpuMs(run: () => unknown): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Eight times the length may take this many times as long: a square would take 64. */
const mostGrowth = 24;
/** Below this a measurement says nothing. */
const leastMs = 40;

function assertLinear(run: (length: number) => unknown, length: number, what: string): void {
  run(length);
  const short = Math.max(
    leastMs,
    cpuMs(() => run(length)),
  );
  const long = cpuMs(() => run(8 * length));
  assert.ok(
    long <= mostGrowth * short,
    `${what}: ${Math.round(short)} ms, eight times as long: ${Math.round(long)} ms`,
  );
}

const repeated = (unit: string, length: number): string =>
  unit.repeat(Math.ceil(length / unit.length)).slice(0, length);

generated('time', [99], 'globs against what clients send', (random) => {
  const letters = ['a', '?', 'b', '*', '*', '*a', 'ab*'];
  const glob = `*${Array.from({ length: 2 + random.number(6) }, () => random.pick(letters)).join('')}*c`;
  const unit = random.pick(['a', 'ab', 'aab', '/a', 'aaaaaaab']);
  const matches = globMatcher(glob);
  assertLinear((length) => matches(repeated(unit, length)), 20_000, `${glob} over ${unit}`);
});

const units = [
  'a "',
  '"',
  '" "',
  '\\"',
  ' ',
  '- ',
  '[',
  '] ',
  '{',
  '{"a":',
  '"a":"',
  '%',
  '%22',
  ':',
  ',',
  '\u001b[',
  'é ',
  '=',
  '[pod/',
];

/** What a line begins with, so that one or another format takes it for its own. */
const heads = [
  '[2026-11-20T12:00:00.000Z] "GET ',
  '[2026-11-20T12:00:00.000Z] "GET / HTTP/2" 503 UF ',
  '2026-11-20T12:00:00.000000000Z ',
  '{"log":"',
  '[pod/gw/istio-proxy] ',
  '',
];

const readers: readonly (() => (line: string) => unknown)[] = [
  () => {
    const parser = lineParser([]);
    return (line) => parser.parse(line);
  },
  () => (line) => {
    const reader = new ExportReader(lineParser([]));
    reader.read(line);
    return reader.end();
  },
];

const hostileUnit = (random: Random): string =>
  Array.from({ length: 1 + random.number(3) }, () => random.pick(units)).join('');

generated('time', [2, 100, 101, 102], 'lines that fit no format', (random) => {
  const head = random.pick(heads);
  const unit = hostileUnit(random);
  for (const reader of readers) {
    const read = reader();
    assertLinear((length) => read(head + repeated(unit, length)), 6_000, JSON.stringify(head + unit));
  }
});

test.run();
