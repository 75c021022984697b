// What would happen to a request that a client had sent, and what came of it? It is taken from its line in the pods'
// access logs.

import type { Expectation } from '#analysis/request/expectation.ts';
import { typedRequest } from '#analysis/request/logged-request.ts';
import { readRequest } from '#analysis/request/request.ts';
import { ToolError } from '#core/error.ts';
import { withoutPort } from '#core/host.ts';
import { someOf } from '#core/phrase.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { AccessEntry } from '#model/access-log.ts';
import type { ExplanationItem, Outcome } from '#model/explanation.ts';
import type { OnPods } from '#model/merge-pods.ts';
import type { Mismatch } from '#model/mismatch.ts';
import type { LoggedRequest } from '#questions/logs/logged-requests.ts';
import { answerOf, type ExplainAnswer, explainOnPods, hasDeviations, withSent } from './explain.ts';

export interface LoggedExplainQuestion {
  /** Its X-Request-Id. */
  readonly id: string;
  readonly since: Date;
  /** `Name: value`: headers that the client sent and the access log does not have, or has otherwise. */
  readonly headers: readonly string[];
  readonly expectations: readonly Expectation[];
}

type Items = readonly OnPods<ExplanationItem>[];

/** Throws `usage` where the source is a directory. */
export async function askLoggedExplain(
  source: Source,
  { id, since, headers, expectations }: LoggedExplainQuestion,
  asking: Asking,
): Promise<ExplainAnswer> {
  // A directory of config-dump has no logs, a snapshot has.
  if (source.asOf && source.chosenBy === undefined)
    throw new ToolError('usage', '--request-id needs the logs of the pods, and the directory of --from has none');
  const { requestById, sentByClient } = await import('#questions/logs/logged-requests.ts');
  const logged = await requestById(asking, source, id, since);
  const { entry } = logged;
  const explainWith = async (given: readonly string[]): Promise<ExplainAnswer> => {
    const typed = typedRequest(entry, given);
    const question = { ...readRequest(typed), url: typed.url, toSend: undefined, expectations };
    const explained = await explainOnPods(source, question, asking);
    const items = withSent(explained.items, new Map([[logged.pod, [sentByClient(logged)]]]));
    const answer = answerOf(question, { ...explained, items });
    if (!items.some(({ pods }) => pods.includes(logged.pod))) asking.warn(unheldNote(logged));
    return withNotes(answer, [...(hasDeviations(items) ? headersNote(items) : []), ...queryNote(entry, items)]);
  };
  const asLogged = await explainWith(headers);
  const { authority = '', serverName = authority, upstreamCluster } = entry;
  const isHostGiven = headers.some((one) => /^host\s*:/i.test(one));
  if (isHostGiven || upstreamCluster === undefined || !hasDeviations(asLogged.items)) return asLogged;
  // A route had taken the request, and the log has the host as that one has rewritten it.
  const asNamed =
    serverName === withoutPort(authority) ? asLogged : await explainWith([`Host: ${serverName}`, ...headers]);
  if (!hasDeviations(asNamed.items) && outcomesOf(asNamed.items).some(writes(authority)))
    return withNotes(asNamed, [
      `the access log has the host that the route writes, ${authority}: the client asked for its server name, ${serverName}`,
    ]);
  return outcomesOf(asLogged.items).some(({ route }) => route !== undefined)
    ? asLogged
    : withNotes(asLogged, [
        `the access log may have a host that a route has written (${authority}). If the client asked for another one, add it with -H 'Host: NAME'`,
      ]);
}

const withNotes = (answer: ExplainAnswer, notes: readonly string[]): ExplainAnswer => ({
  ...answer,
  notes: [...(answer.notes ?? []), ...notes],
});

const outcomesOf = (items: Items): Outcome[] => items.flatMap(({ value }) => value.outcomes);

const writes =
  (host: string) =>
  (outcome: Outcome): boolean =>
    outcome.kind === 'forward' && (outcome.host === undefined || outcome.host === host);

/** The pod of the line has not answered: no way is its own, under which what came of the request could stand. */
function unheldNote({ pod, entry: { responseCode, responseFlags = [], responseCodeDetails } }: LoggedRequest): string {
  const came = [responseCode || 'no answer', ...responseFlags, ...(responseCodeDetails ? [responseCodeDetails] : [])];
  return `the request came to ${pod}, which tells this tool nothing of its configuration. Its log has what came of it: ${came.join(', ')}`;
}

/** Routes may match headers that the client sent and the access log does not have. */
function headersNote(items: Items): string[] {
  const names = missing('header', items);
  if (names.length === 0) return [];
  return [`routes ask for ${someOf(names)}, which the access log does not have. If the client sent it, add it with -H`];
}

/** Snapshots have something else behind the `?` of a path. */
function queryNote({ path = '' }: AccessEntry, items: Items): string[] {
  const names = /\?query-[0-9a-f]{10}$/.test(path) ? missing('query', items) : [];
  if (names.length === 0) return [];
  return [
    `routes ask for ${someOf(names)} in the query, which the snapshot does not have: which route was taken is not known from it`,
  ];
}

const isUnlogged = ({ condition }: Mismatch): boolean => condition === 'header' || condition === 'query';

/** Of routes that everything else fits. */
function missing(condition: 'header' | 'query', items: Items): string[] {
  const misses = items.flatMap(({ value }) => value.misses.map(({ mismatches }) => mismatches));
  const wanted = misses.filter((all) => all.every(isUnlogged)).flat();
  return [
    ...new Set(wanted.flatMap((one) => (one.condition === condition && one.actual === undefined ? [one.name] : []))),
  ];
}
