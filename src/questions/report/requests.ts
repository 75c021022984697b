// What the logs of an incident say, in one pass: traffic over time, requests of each host, errors that are alike.

import { isError } from '#accesslog/failure.ts';
import { HostRequests } from '#accesslog/host-requests.ts';
import { lineParser } from '#accesslog/line-parser.ts';
import { ErrorSignatures } from '#accesslog/signatures.ts';
import { LogSummaries } from '#accesslog/summary.ts';
import { loggedContainer, upToNow } from '#core/pod-logs.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { LogSummary } from '#model/log-summary.ts';
import type { ErrorSignature } from '#model/report.ts';
import { failuresOf, gapsOf } from '#questions/logs/coverage.ts';
import { formatsOf } from '#questions/logs/formats.ts';

export interface LoggedRequests {
  readonly summary: LogSummary;
  readonly hosts: HostRequests;
  readonly signatures: readonly ErrorSignature[];
  /** What the logs do not tell. */
  readonly gaps: readonly string[];
}

/** Of each kind of error. */
const sampleLines = 3;

const columns = 240;

/** Throws where no pod's log can be read. */
export async function askRequests(
  source: Source,
  { since, maxBytes }: { readonly since: Date; readonly maxBytes: number },
  asking: Asking,
): Promise<LoggedRequests> {
  const parser = lineParser(await formatsOf(asking, {}, source));
  const [summaries, hosts, signatures] = [new LogSummaries(), new HostRequests(), new ErrorSignatures(sampleLines)];
  const stream = await source.logs({ ...upToNow, container: loggedContainer.gateway, since, maxBytes });
  let unparsed = 0;
  for await (const lines of stream) {
    for (const line of lines) {
      const parsed = parser.parse(line.text);
      if (parsed.kind === 'unparsed') unparsed++;
      if (parsed.kind !== 'access') continue;
      const entry = parsed.format.entry(parsed.values);
      summaries.add(entry, line);
      hosts.add(entry);
      if (isError(entry)) signatures.add(entry, line);
    }
  }
  const coverage = stream.coverage();
  const failures = failuresOf(coverage).map(({ message }) => message);
  return {
    summary: summaries.result(10, columns),
    hosts,
    signatures: signatures.list(),
    gaps: [
      ...failures,
      ...gapsOf(coverage),
      ...(unparsed === 0 ? [] : [`${unparsed} lines look like access log and could not be read`]),
      ...(hosts.uncounted === 0 ? [] : [`${hosts.uncounted} requests are for hosts beyond the first 5000`]),
    ],
  };
}
