// Access-log lines of requests that are looked for: by the id that Envoy gave them, or by a User-Agent that nobody else
// has.

import { isLoopback } from '#accesslog/address.ts';
import { explainedCauses } from '#accesslog/causes.ts';
import { answererOf, tellsWho } from '#accesslog/failure.ts';
import { lineParser } from '#accesslog/line-parser.ts';
import { compareText } from '#core/compare.ts';
import { ToolError } from '#core/error.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { failureOf } from '#core/known.ts';
import { limits } from '#core/limits.ts';
import { count } from '#core/phrase.ts';
import type { LogCoverage, LogRequest, LogStream } from '#core/pod-logs.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { type AccessEntry, type AccessField, isOfWhole } from '#model/access-log.ts';
import type { Logged, Sent } from '#model/explanation.ts';
import type { ClosedWatch } from '#questions/explain/send-request.ts';
import { formatsOf } from './formats.ts';

/**
 * How long a line may take: Envoy's own buffer is flushed once a second, and the runtime and the kubelet come after it.
 */
const waitMs = 4_000;

/** A node's clock may be behind: the User-Agent of the search is nobody else's, so that earlier lines do no harm. */
const earlierMs = 60_000;

/** By pod, in the order of their lines. Whatever keeps the logs from being read is said, and costs no more than them. */
export async function loggedBy(
  asking: Asking,
  source: Source,
  userAgent: string,
  sent: number,
): Promise<ReadonlyMap<string, readonly Logged[]>> {
  try {
    const since = new Date(Date.now() - earlierMs);
    const { requests, isLogged } = await findLogged(asking, source, {
      field: 'userAgent',
      value: userAgent,
      since,
      most: sent,
      waitMs,
    });
    if (!isLogged)
      asking.warn('the access log has no User-Agent, so this tool cannot find the lines of the requests that it sent');
    else if (requests.length < sent)
      asking.warn(
        `the access logs had no line of ${sent - requests.length} of the ${count(sent, 'request')} within ${waitMs / 1000} s`,
      );
    const byPod = Map.groupBy(requests, ({ pod }) => pod);
    return new Map([...byPod].map(([pod, own]) => [pod, own.map(loggedOf)]));
  } catch (error) {
    asking.warn(`cannot find the request in the access logs: ${failureOf(error).message}`);
    return new Map();
  }
}

/** The kubelet's time of a line may be a little before ours. */
const skewMs = 2_000;

/**
 * Connections for a server name that the gateways close because no filter chain takes them, from `began` on, as they are
 * written; of those that came through a port-forward, which come from the pod itself. Undefined where the logs cannot
 * tell, or cannot be read.
 */
export async function watchClosed(
  asking: Asking,
  source: Source,
  serverName: string | undefined,
  began: Date,
): Promise<ClosedWatch | undefined> {
  try {
    const parser = lineParser(await formatsOf(asking, {}, source));
    const fields = ['responseCodeDetails', 'downstreamRemoteAddress'] as const;
    if (!parser.formats.some((format) => fields.every((field) => format.slotOf(field) >= 0))) return undefined;
    const since = new Date(began.getTime() - skewMs);
    const stream = await source.logs(logRequest({ since, follow: true }));
    return closedWatch(stream, (text) => {
      const entry = text.includes(noChain) ? entryIn(parser.parse(text)) : undefined;
      return entry && isClosed(entry, serverName) ? entry : undefined;
    });
  } catch (error) {
    asking.warn(`cannot find the request in the access logs: ${failureOf(error).message}`);
    return undefined;
  }
}

/** Source: envoy source/common/listener_manager/active_stream_listener_base.cc, StreamInfo FilterChainNotFound. */
const noChain = 'filter_chain_not_found';

const isClosed = (entry: AccessEntry, serverName: string | undefined): boolean =>
  entry.responseCodeDetails === noChain &&
  entry.serverName === serverName &&
  isLoopback(entry.downstreamRemoteAddress ?? '');

function closedWatch(stream: LogStream, closedIn: (text: string) => AccessEntry | undefined): ClosedWatch {
  const found = new Map<string, Logged>();
  const waiting = new Map<string, (logged: Logged) => void>();
  const follow = async (): Promise<void> => {
    for await (const lines of stream) {
      for (const { pod, time, text } of lines) {
        const entry = found.has(pod) ? undefined : closedIn(text);
        if (!entry) continue;
        const logged = loggedOf({ pod, time, entry });
        found.set(pod, logged);
        waiting.get(pod)?.(logged);
      }
    }
  };
  // A log that breaks off tells nothing more: the deadline of the request decides.
  follow().catch(() => {});
  return {
    of: (pod) =>
      new Promise((resolve) => {
        const logged = found.get(pod);
        if (logged) resolve(logged);
        else waiting.set(pod, resolve);
      }),
    close: () => stream.close(),
  };
}

/** Throws `not-found` where no line has the id, `unsupported` where the format has none. */
export async function requestById(asking: Asking, source: Source, id: string, since: Date): Promise<LoggedRequest> {
  const { requests, isLogged, coverage } = await findLogged(asking, source, {
    field: 'requestId',
    value: id,
    since,
    most: 1,
  });
  const [request] = requests.toSorted((a, b) => compareText(a.time, b.time));
  if (requests.length > 1)
    asking.warn('more than one request has this id, as services pass it on: this is the earliest line that was found');
  if (request !== undefined) return request;
  if (!isLogged) {
    throw new ToolError(
      'unsupported',
      `cannot find request ${id}: the gateway's access log has no %REQ(X-REQUEST-ID)%`,
      {
        hint: 'see the format: kubectl istio-ingress logs --show-format',
      },
    );
  }
  const reach = coverage.map((outcome) =>
    hasAnswered(outcome) ? `${outcome.pod.name} ${describeReach(outcome.ok)}` : outcome.failed.message,
  );
  throw new ToolError(
    'not-found',
    `cannot find request ${id}: no line since ${since.toISOString()} has it; this tool read ${reach.join(', ') || 'no logs'}`,
    {
      hint: 'to look further back, add --since TIME; Envoy writes the line when the request has ended',
    },
  );
}

const describeReach = ({ lines, from }: LogCoverage): string =>
  `${lines} lines${from === undefined ? '' : ` from ${from.slice(0, 19)}Z on`}`;

/** What came of a client's request, as its line has it. */
export function sentByClient(request: LoggedRequest): Omit<Sent, 'differs'> {
  const { responseCode, responseFlags, durationMs } = request.entry;
  return {
    pod: request.pod,
    by: 'client',
    code: responseCode === 0 ? undefined : responseCode,
    location: undefined,
    ms: durationMs,
    serial: undefined,
    isOfService: tellsWho(request.entry) ? answererOf(request.entry) === 'application' : undefined,
    text: undefined,
    ended:
      responseCode === 0
        ? `${responseFlags?.includes('DC') ? 'the client left' : 'the connection ended'} before one`
        : undefined,
    logged: loggedOf(request),
    isDecided: true,
  };
}

function loggedOf({ time, entry }: LoggedRequest): Logged {
  const { responseFlags = [], responseCodeDetails, upstreamCluster, upstreamHost, routeName } = entry;
  return {
    time,
    flags: responseFlags,
    details: responseCodeDetails,
    upstreamCluster,
    upstreamHost,
    routeName,
    causes: explainedCauses(entry),
  };
}

export interface LoggedRequest {
  readonly pod: string;
  /** The kubelet's, RFC 3339; written when the request has ended. */
  readonly time: string;
  readonly entry: AccessEntry;
}

interface Search {
  readonly field: AccessField;
  readonly value: string;
  readonly since: Date;
  /** Lines after which no more are looked for. */
  readonly most: number;
  /** Milliseconds to wait for lines that are not written yet; undefined: only those that are there. */
  readonly waitMs?: number;
}

interface FoundRequests {
  readonly requests: readonly LoggedRequest[];
  /** False where no format of the gateway has the field. */
  readonly isLogged: boolean;
  readonly coverage: readonly PodOutcome<LogCoverage>[];
}

/** Throws what reading the logs throws. */
async function findLogged(asking: Asking, source: Source, search: Search): Promise<FoundRequests> {
  const parser = lineParser(await formatsOf(asking, {}, source));
  const isLogged = parser.formats.some((format) => format.slotOf(search.field) >= 0);
  if (!isLogged) return { requests: [], isLogged, coverage: [] };
  const stream = await source.logs(logRequest({ since: search.since, follow: search.waitMs !== undefined }));
  const timer = search.waitMs === undefined ? undefined : setTimeout(() => stream.close(), search.waitMs);
  try {
    return { requests: await collect(stream, search, parser.parse), isLogged, coverage: stream.coverage() };
  } finally {
    clearTimeout(timer);
    stream.close();
  }
}

const logRequest = ({ since, follow }: Pick<LogRequest, 'since' | 'follow'>): LogRequest => ({
  container: 'istio-proxy',
  since,
  until: undefined,
  tailLines: undefined,
  follow,
  // A kubelet answers for a log only once there is a line: a quiet pod would hold up the line that is waited for.
  order: 'arrival',
  maxBytes: limits.logBytes,
  note: () => {},
});

type Parse = ReturnType<typeof lineParser>['parse'];

async function collect(stream: LogStream, { field, value, most }: Search, parse: Parse): Promise<LoggedRequest[]> {
  const requests: LoggedRequest[] = [];
  for await (const lines of stream) {
    for (const { pod, time, text } of lines) {
      // Lines are many, and most do not have it anywhere.
      if (!text.includes(value)) continue;
      const entry = entryIn(parse(text));
      if (entry?.[field] === value && isOfWhole(entry)) requests.push({ pod, time, entry });
    }
    if (requests.length >= most) break;
  }
  return requests;
}

const entryIn = (parsed: ReturnType<Parse>): AccessEntry | undefined =>
  parsed.kind === 'access' ? parsed.format.entry(parsed.values) : undefined;
