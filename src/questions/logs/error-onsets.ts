// When each kind of error began: host, flags, details and upstream alike are one.

import { checkAnswerable, logFilter, onlyErrors } from '#accesslog/filter.ts';
import { lineParser } from '#accesslog/line-parser.ts';
import { ownedBy } from '#accesslog/owner.ts';
import { LogScan } from '#accesslog/scan.ts';
import { hasAnswered } from '#core/fleet.ts';
import { triedTo } from '#core/known.ts';
import type { LogLine } from '#core/pod-logs.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { AccessEntry } from '#model/access-log.ts';
import type { Moment } from '#model/timeline.ts';
import { formatsOf } from './formats.ts';
import type { RequestsQuestion } from './logs.ts';
import { ownerOf, routesOfOnePod } from './owned-routes.ts';

interface OnsetQuestion extends Omit<RequestsQuestion, 'errorsOnly'> {
  readonly since: Date;
  readonly maxBytes: number;
}

interface Onset {
  readonly entry: AccessEntry;
  readonly first: string;
  last: string;
  count: number;
  readonly pods: Set<string>;
}

/** What could not be read is in the notes. */
export async function askErrorOnsets(
  source: Source,
  { criteria, owner, format, since, maxBytes }: OnsetQuestion,
  asking: Asking,
): Promise<{ readonly moments: readonly Moment[]; readonly notes: readonly string[] }> {
  const parser = lineParser(await formatsOf(asking, { format }, source));
  checkAnswerable(criteria, parser.formats);
  const owned = owner === undefined ? undefined : ownedBy(ownerOf(owner, await routesOfOnePod(source)));
  const outcome = onlyErrors(parser.formats);
  const scan = new LogScan({ parser, filter: logFilter(criteria), also: owned, outcome });
  const request = { container: 'istio-proxy', until: undefined, tailLines: undefined, follow: false, note: () => {} };
  const stream = await triedTo(source.logs({ ...request, since, maxBytes }));
  if ('failed' in stream) return { moments: [], notes: [stream.failed.message] };
  const onsets = new Map<string, Onset>();
  for await (const lines of stream.ok) {
    for (const line of lines) {
      const scanned = scan.read(line.text);
      if (scanned?.kind === 'access') count(scanned.format.entry(scanned.values), line, onsets);
    }
  }
  const failed = stream.ok.coverage().flatMap((one) => (hasAnswered(one) ? [] : [one.failed.message]));
  return { moments: [...onsets.values()].map(momentOf), notes: failed };
}

function count(entry: AccessEntry, { pod, time }: LogLine, onsets: Map<string, Onset>): void {
  const { authority, serverName, responseCode, responseFlags = [], responseCodeDetails, upstreamCluster } = entry;
  const key = JSON.stringify([
    authority ?? serverName,
    responseCode,
    responseFlags,
    responseCodeDetails,
    upstreamCluster,
  ]);
  const known = onsets.get(key) ?? { entry, first: time, last: time, count: 0, pods: new Set<string>() };
  known.last = time;
  known.count++;
  known.pods.add(pod);
  onsets.set(key, known);
}

function momentOf({ entry, first, last, count: times, pods }: Onset): Moment {
  const { authority, serverName, responseCode, responseFlags = [], responseCodeDetails, upstreamCluster } = entry;
  const words = [
    authority ?? serverName ?? 'a connection without a name',
    responseCode === undefined || responseCode === 0 ? '' : String(responseCode),
    responseFlags.join(','),
    responseCodeDetails ?? '',
    upstreamCluster === undefined ? '' : `→ ${upstreamCluster}`,
  ];
  return {
    at: first,
    until: last === first ? undefined : last,
    kind: 'errors',
    what: `first error: ${words.filter((word) => word !== '').join(' ')}`,
    by: undefined,
    pods: [...pods].sort(),
    count: times,
  };
}
