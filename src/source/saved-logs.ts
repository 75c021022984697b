// The lines of a snapshot: of all pods in the order of time, as they were merged when it was made.

import { logTime } from '#cluster/stream/log-lines.ts';
import { ToolError } from '#core/error.ts';
import type { Pod, PodOutcome } from '#core/fleet.ts';
import type { LogCoverage, LoggedWorkload, LogLine, LogRequest, LogStream } from '#core/pod-logs.ts';
import type { SavedFiles } from './saved-files.ts';
import { logFile, type SavedLogs, savedFailure } from './saved-format.ts';

/** Throws ToolError `unsupported` for what only a cluster can give. */
export function openSavedLogs(
  files: SavedFiles,
  saved: SavedLogs,
  pods: readonly Pod[],
  request: LogRequest,
): LogStream {
  if (saved.failure) throw savedFailure(saved.failure);
  if (request.follow)
    throw new ToolError('unsupported', `cannot follow the logs of ${files.origin}: they have ended`, {
      hint: 'leave --follow out, or to ask the cluster, leave --from out',
    });
  const lines = new Map<string, { count: number; first: string | undefined }>();
  let isClosed = false;
  async function* given(): AsyncGenerator<readonly LogLine[]> {
    const wanted = new Set(pods.map(({ name }) => name));
    const isWanted = wantedLines(request, wanted);
    const skipped =
      request.tailLines === undefined ? undefined : await linesBeforeTail(files, saved, request, isWanted);
    for (let number = 0; number < saved.files && !isClosed; number++) {
      const chosen = (await readLines(files, request.of ?? 'gateway', number)).filter(isWanted).filter((line) => {
        const left = skipped?.get(line.pod) ?? 0;
        if (left > 0) skipped?.set(line.pod, left - 1);
        return left === 0;
      });
      for (const { pod, time } of chosen) {
        const known = lines.get(pod);
        lines.set(pod, { count: (known?.count ?? 0) + 1, first: known?.first ?? time });
      }
      if (chosen.length > 0) yield chosen;
    }
  }
  return {
    [Symbol.asyncIterator]: given,
    coverage: () => pods.map((pod) => coverageOf(pod, saved, request, lines.get(pod.name))),
    close: () => {
      isClosed = true;
    },
  };
}

function wantedLines({ since, until }: LogRequest, pods: ReadonlySet<string>): (line: LogLine) => boolean {
  const from = since === undefined ? '' : logTime(since);
  const to = until && logTime(until);
  return ({ pod, time }) => pods.has(pod) && time >= from && (to === undefined || time <= to);
}

/** By pod, how many of its lines come before the last `tailLines`. */
async function linesBeforeTail(
  files: SavedFiles,
  saved: SavedLogs,
  { tailLines = 0, of = 'gateway' }: LogRequest,
  isWanted: (line: LogLine) => boolean,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (let number = 0; number < saved.files; number++) {
    for (const { pod } of (await readLines(files, of, number)).filter(isWanted))
      counts.set(pod, (counts.get(pod) ?? 0) + 1);
  }
  return new Map([...counts].map(([pod, count]) => [pod, Math.max(0, count - tailLines)]));
}

async function readLines(files: SavedFiles, of: LoggedWorkload, number: number): Promise<LogLine[]> {
  const text = (await files.read(logFile(of, number))).toString('utf8');
  return text.split('\n').flatMap((line) => {
    const [, time, pod, rest] = /^(\S+) (\S+) (.*)$/s.exec(line) ?? [];
    return time === undefined || pod === undefined ? [] : [{ time, pod, text: rest ?? '' }];
  });
}

function coverageOf(
  pod: Pod,
  saved: SavedLogs,
  { since, until, tailLines }: LogRequest,
  read: { readonly count: number; readonly first: string | undefined } | undefined,
): PodOutcome<LogCoverage> {
  const failure = saved.failedPods[pod.name];
  const known = saved.coverage[pod.name];
  if (failure || known === undefined)
    return {
      pod,
      failed: failure
        ? savedFailure(failure)
        : new ToolError('not-found', `cannot read the log of ${pod.name}: the snapshot does not have it`),
    };
  const lines = read?.count ?? 0;
  const late = lateGap(saved, until) ?? cutGap(known, until);
  if (since === undefined || tailLines !== undefined) return { pod, ok: { from: read?.first, gap: late, lines } };
  const isLate = known.from !== undefined && known.from > logTime(since);
  return { pod, ok: { from: isLate ? known.from : read?.first, gap: late ?? gapOf(known, saved, since), lines } };
}

/** Where later lines had no room. */
const lateGap = (saved: SavedLogs, until: Date | undefined): string | undefined =>
  saved.until === undefined || (until && logTime(until) <= saved.until)
    ? undefined
    : `the snapshot has its log until ${saved.until.slice(0, 19)}Z, and no room for the rest`;

/** Where the pod's own log was cut off, or lines of it were dropped. */
const cutGap = ({ gap, wholeUntil }: LogCoverage, until: Date | undefined): string | undefined =>
  wholeUntil === undefined || (until && logTime(until) <= wholeUntil) ? undefined : gap;

/** What the log lacked, where that is asked for, or what was not asked for then. */
function gapOf({ from, gap, wholeUntil }: LogCoverage, saved: SavedLogs, since: Date): string | undefined {
  if (gap !== undefined && wholeUntil === undefined && (from === undefined || logTime(since) < from)) return gap;
  return since.getTime() < Date.parse(saved.since)
    ? `the snapshot has its log from ${saved.since.slice(0, 19)}Z on`
    : undefined;
}
