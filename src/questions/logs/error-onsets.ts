// When each kind of error began: host, flags, details and upstream alike are one.

import { checkAnswerable, logFilter, onlyErrors } from '#accesslog/filter.ts';
import { lineParser } from '#accesslog/line-parser.ts';
import { ownedBy } from '#accesslog/owner.ts';
import { LogScan } from '#accesslog/scan.ts';
import { ErrorSignatures } from '#accesslog/signatures.ts';
import { triedTo } from '#core/known.ts';
import { loggedContainer, upToNow } from '#core/pod-logs.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { ErrorSignature } from '#model/report.ts';
import type { Moment } from '#model/timeline.ts';
import { whatIsMissing } from './coverage.ts';
import { formatsOf } from './formats.ts';
import type { RequestsQuestion } from './logs.ts';
import { ownerOf, routesOfOnePod } from './owned-routes.ts';

interface OnsetQuestion extends Omit<RequestsQuestion, 'errorsOnly'> {
  readonly since: Date;
  readonly maxBytes: number;
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
  const request = { ...upToNow, container: loggedContainer.gateway, since, maxBytes };
  const stream = await triedTo(source.logs(request));
  if ('failed' in stream) return { moments: [], notes: [stream.failed.message] };
  const signatures = new ErrorSignatures(0);
  for await (const lines of stream.ok) {
    for (const line of lines) {
      const scanned = scan.read(line.text);
      if (scanned?.kind === 'access') signatures.add(scanned.format.entry(scanned.values), line);
    }
  }
  return { moments: signatures.list().map(momentOf), notes: whatIsMissing(stream.ok.coverage()) };
}

function momentOf({ host, code, flags, details, upstream, first, last, count, pods }: ErrorSignature): Moment {
  const words = [
    host ?? 'a connection without a name',
    code === undefined ? '' : String(code),
    flags.join(','),
    details ?? '',
    upstream === undefined ? '' : `→ ${upstream}`,
  ];
  return {
    at: first,
    until: last === first ? undefined : last,
    kind: 'errors',
    what: `first error: ${words.filter((word) => word !== '').join(' ')}`,
    by: undefined,
    pods,
    count,
  };
}
