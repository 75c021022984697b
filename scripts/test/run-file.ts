// One test file in a process of its own, and what became of each of its tests.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type Event, reportDescriptor } from './report.ts';

export interface Failure {
  /** Of the test; undefined for the file as a whole. */
  readonly title: string | undefined;
  readonly text: string;
}

export interface FileResult {
  /** Titles. */
  readonly passed: readonly string[];
  /** Of those that passed without having been tried. */
  readonly notJudged: readonly string[];
  readonly failures: readonly Failure[];
}

export async function runFile(
  file: string,
  timeoutMs: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<FileResult> {
  const preload = new URL('./preload.ts', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', preload, file], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { ...env, NO_COLOR: '1' },
    detached: true,
  });
  // What a test has started and not ended goes with it.
  const end = (): void => killGroup(child.pid);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, timeoutMs);
  process.once('exit', end);
  const [stderr, events, [code, signal]] = await Promise.all([
    text(child.stderr as Readable),
    readEvents(child.stdio[reportDescriptor] as Readable),
    once(child, 'exit').finally(end) as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  clearTimeout(timer);
  process.off('exit', end);
  return judge(
    events,
    stderr,
    isLate ? `no end after ${timeoutMs / 1000} s` : signal === null ? `exit code ${code}` : `killed by ${signal}`,
    code === 0,
  );
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/** Not by node:readline, for which U+2028 ends a line too: texts of tests have it. */
async function readEvents(stream: Readable): Promise<Event[]> {
  const lines = (await text(stream)).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Event);
}

function judge(events: readonly Event[], stderr: string, ending: string, isCleanEnd: boolean): FileResult {
  const ids = (kind: Event['kind']): Set<number> =>
    new Set(events.flatMap((event) => (event.kind === kind && 'id' in event ? [event.id] : [])));
  const [started, passed, failed] = [ids('started'), ids('passed'), ids('failed')];
  const failures = events.flatMap((event): Failure[] => {
    if (event.kind === 'problem') return [{ title: undefined, text: event.text }];
    if (event.kind === 'failed') return [event];
    if (event.kind !== 'planned' || passed.has(event.id) || failed.has(event.id)) return [];
    return [
      { title: event.title, text: started.has(event.id) ? `did not end (${ending})` : `did not run (${ending})` },
    ];
  });
  if (!events.some(({ kind }) => kind === 'planned'))
    failures.push({ title: undefined, text: `has no tests (${ending})` });
  else if (!isCleanEnd && failures.length === 0) failures.push({ title: undefined, text: ending });
  const [first, ...others] = failures;
  const titles = (kind: 'passed' | 'not-judged'): string[] =>
    events.flatMap((event) => (event.kind === kind ? [event.title] : []));
  const good = { passed: titles('passed'), notJudged: titles('not-judged') };
  if (first === undefined) return { ...good, failures };
  return {
    ...good,
    failures: [...others, stderr.trim() === '' ? first : { ...first, text: `${first.text}\n${stderr.trim()}` }],
  };
}
