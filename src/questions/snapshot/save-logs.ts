// The logs of a workload's pods, as files of a snapshot: in the order of time, so that they are read as they stand.

import { hasAnswered } from '#core/fleet.ts';
import { limits } from '#core/limits.ts';
import { type LoggedWorkload, type LogLine, type LogStream, loggedContainer, upToNow } from '#core/pod-logs.ts';
import type { Source } from '#core/source.ts';
import { answerOrFailure, failuresOf, indexName, type Saving } from '#questions/dump/save-answers.ts';
import { logFile, type SavedLogs } from '#source/saved-format.ts';
import { type LineRedaction, lineRedaction } from './redacted-lines.ts';

interface LogSpan {
  readonly since: Date;
  /** Of one pod. */
  readonly maxBytes: number;
}

/** What cannot be had is in the result; `parser` knows the formats of the access log. */
export async function saveLogs(
  source: Source,
  of: LoggedWorkload,
  { since, maxBytes }: LogSpan,
  { write }: Pick<Saving, 'write'>,
  redaction: LineRedaction,
): Promise<SavedLogs> {
  const request = { ...upToNow, of, container: loggedContainer[of], since, maxBytes };
  const stream = await answerOrFailure(source.logs(request));
  const none = { since: since.toISOString(), files: 0, coverage: {}, failedPods: {} };
  if ('code' in stream) return { ...none, failure: stream };
  const files = await writeLines(stream, of, write, lineRedaction(redaction));
  const coverage = stream.coverage();
  return {
    ...none,
    files,
    coverage: Object.fromEntries(coverage.filter(hasAnswered).map(({ pod, ok }) => [indexName(pod.name), ok])),
    failedPods: failuresOf(coverage),
  };
}

/** How many files there are. */
async function writeLines(
  stream: LogStream,
  of: LoggedWorkload,
  write: Saving['write'],
  redact: (line: string, pod: string) => string,
): Promise<number> {
  let files = 0;
  let text = '';
  const flush = async (): Promise<void> => {
    if (text === '') return;
    await write(logFile(of, files++), text);
    text = '';
  };
  for await (const lines of stream) {
    for (const line of lines) text += lineText(line, redact);
    if (text.length > limits.snapshotLogBytes) await flush();
  }
  await flush();
  return files;
}

const lineText = ({ time, pod, text }: LogLine, redact: (line: string, pod: string) => string): string =>
  `${time} ${indexName(pod)} ${redact(text, pod)}\n`;
