// What reading a large log costs, next to what wc, grep and jq take for the same file.

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LogKind, writeLogFile } from './log-file.ts';
import { type Cost, type Meter, medianCost } from './measure.ts';

export interface LogCost {
  readonly what: string;
  readonly cost: Cost;
  readonly megabytesPerSecond: number;
  /** Wall time of jq's filter on the same file, divided by this one's. */
  readonly timesJq: number;
}

interface Subject {
  readonly what: string;
  readonly words: (file: string) => readonly string[];
}

/** The fields of a line as far as the status. */
const captured =
  '^\\\\[(?<time>[^]]+)\\\\] \\"(?<method>\\\\S+) (?<path>\\\\S+) (?<protocol>[^\\"]+)\\" (?<code>\\\\d+) (?<flags>\\\\S+) ';

/** The first is what the others are held against. */
const jqFilters: Readonly<Record<LogKind, readonly Subject[]>> = {
  json: [
    {
      what: "`jq -c 'select(.response_code>=500)'`",
      words: (file) => ['jq', '-c', 'select(.response_code>=500)', file],
    },
  ],
  text: [
    {
      what: '`jq -R`, a regular expression for the first six fields',
      words: (file) => ['jq', '-R', '-c', `capture("${captured}")|select(.code|tonumber >=500)`, file],
    },
    {
      what: '`jq -R`, split at spaces, the fifth word from 500 on',
      words: (file) => ['jq', '-R', '-c', 'split(" ")|select(.[4]|tonumber? >=500)', file],
    },
  ],
};

const subjects = (binary: string, kind: LogKind): readonly Subject[] => [
  ...jqFilters[kind],
  { what: '`wc -l`', words: (file) => ['wc', '-l', file] },
  // With its output to a file grep reads on after the first line.
  {
    what: '`grep -c`, lines with a 5xx',
    words: (file) => [
      'sh',
      '-c',
      `LC_ALL=C grep -c '${kind === 'json' ? '"response_code":5' : '" 5[0-9][0-9] '}' "$0" | cat`,
      file,
    ],
  },
  { what: '`logs --status 5xx`', words: (file) => [binary, 'logs', '--from', file, '--status', '5xx'] },
  { what: '`logs --status 5xx --raw`', words: (file) => [binary, 'logs', '--from', file, '--status', '5xx', '--raw'] },
  { what: '`logs --summary`', words: (file) => [binary, 'logs', '--from', file, '--summary'] },
  { what: '`logs`, every line', words: (file) => [binary, 'logs', '--from', file] },
];

export interface LogBench {
  readonly meter: Meter;
  readonly binary: string;
  readonly rounds: number;
  readonly bytes: number;
}

/** Of Istio's JSON and of its text. The files are written to the temporary directory, and removed. */
export async function measureLogs({ meter, binary, rounds, bytes }: LogBench): Promise<readonly LogCost[]> {
  const directory = mkdtempSync(join(tmpdir(), 'kii-bench-logs-'));
  const costs: LogCost[] = [];
  try {
    for (const kind of ['json', 'text'] as const) {
      const file = join(directory, kind);
      writeLogFile(file, kind, bytes);
      costs.push(...(await measureKind(subjects(binary, kind), { meter, rounds, kind, file })));
      rmSync(file);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  return costs;
}

interface OneFile {
  readonly meter: Meter;
  readonly rounds: number;
  readonly kind: LogKind;
  readonly file: string;
}

/** In turns; the first round fills the cache of the disk, and does not count. */
async function measureKind(all: readonly Subject[], { meter, rounds, kind, file }: OneFile): Promise<LogCost[]> {
  const megabytes = statSync(file).size / 1e6;
  const measured = all.map(({ what, words }) => ({ what, words: words(file), costs: [] as Cost[] }));
  for (let round = 0; round <= rounds; round++)
    for (const { words, costs } of measured) costs.push(await meter.measure(words));
  const medians = measured.map(({ what, costs }) => ({ what, cost: medianCost(costs.slice(1)) }));
  const jq = medians[0]?.cost.wallMs ?? Number.NaN;
  return medians.map(({ what, cost }) => ({
    what: `${kind}: ${what}`,
    cost,
    megabytesPerSecond: megabytes / (cost.wallMs / 1000),
    timesJq: jq / cost.wallMs,
  }));
}
