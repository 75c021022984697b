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
  /** Of all that is written. */
  readonly mostBytes?: number;
}

/** What cannot be had is in the result; `parser` knows the formats of the access log. */
export async function saveLogs(
  source: Source,
  of: LoggedWorkload,
  { since, maxBytes, mostBytes = limits.snapshotLogsBytes }: LogSpan,
  { write }: Pick<Saving, 'write'>,
  redaction: LineRedaction,
): Promise<SavedLogs> {
  const request = { ...upToNow, of, container: loggedContainer[of], since, maxBytes };
  const stream = await answerOrFailure(source.logs(request));
  const none = { since: since.toISOString(), files: 0, coverage: {}, failedPods: {} };
  if ('code' in stream) return { ...none, failure: stream };
  const written = await writeLines(stream, of, write, { redact: lineRedaction(redaction), mostBytes });
  const coverage = stream.coverage();
  return {
    ...none,
    ...written,
    coverage: Object.fromEntries(coverage.filter(hasAnswered).map(({ pod, ok }) => [indexName(pod.name), ok])),
    failedPods: failuresOf(coverage),
  };
}

/** As many lines as there is room for. */
async function writeLines(
  stream: LogStream,
  of: LoggedWorkload,
  write: Saving['write'],
  { redact, mostBytes }: { readonly redact: (line: string, pod: string) => string; readonly mostBytes: number },
): Promise<Pick<SavedLogs, 'files' | 'until'>> {
  let [files, text, bytes] = [0, '', 0];
  let last: LogLine | undefined;
  const flush = async (): Promise<void> => {
    if (text === '') return;
    bytes += Buffer.byteLength(text);
    await write(logFile(of, files++), text);
    text = '';
  };
  for await (const lines of stream) {
    if (bytes + text.length >= mostBytes) {
      stream.close();
      await flush();
      return { files, until: last?.time };
    }
    for (const line of lines) text += lineText(line, redact);
    last = lines.at(-1);
    if (text.length > limits.snapshotLogBytes) await flush();
  }
  await flush();
  return { files, until: undefined };
}

const lineText = ({ time, pod, text }: LogLine, redact: (line: string, pod: string) => string): string =>
  `${time} ${indexName(pod)} ${redact(text, pod)}\n`;
