// Does something hold on every pod: at once, or before the time is over?

import { syncOfPod } from '#analysis/fleet/pod-status.ts';
import {
  hasKeptRejection,
  settle,
  type Why,
  whyNoRoute,
  whyNotServed,
  whyNotSynced,
  whyNotVersion,
} from '#analysis/fleet/wait-condition.ts';
import type { Admin } from '#core/admin.ts';
import { pause, withDeadline } from '#core/concurrency.ts';
import { ToolError } from '#core/error.ts';
import { type Gateway, hasAnswered, type Pod, type PodOutcome } from '#core/fleet.ts';
import { triedTo } from '#core/known.ts';
import { limits } from '#core/limits.ts';
import { onceEach } from '#core/once-each.ts';
import type { Asking, QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { readServerInfo } from '#dump/server-info.ts';
import { fetchJson } from '#envoy/admin.ts';
import type { PodSync } from '#model/sync.ts';
import type { Condition, PodProgress } from '#model/waiting.ts';
import { tryHandshakes } from '#questions/certs/pod-certificates.ts';
import { gatewayPorts } from '#questions/gateway-ports.ts';
import { askIstiods, fetchSync } from '#questions/istiod-answers.ts';
import { fetchRoutes } from '#questions/pod-configuration.ts';
import type { JudgeKept } from './kept-rejections.ts';

export interface WaitQuestion {
  readonly conditions: readonly Condition[];
  readonly timeoutMs: number;
}

/** A source that finds the gateway anew and hears this signal. */
export type OpenSource = (signal: AbortSignal) => Promise<Source>;

/**
 * `describe`: what is missing, in a line that is warned of whenever it changes. Findings where the time is over and a pod
 * said that something is not so yet; incomplete where that is not known.
 */
export async function askWait(
  open: OpenSource,
  { conditions, timeoutMs }: WaitQuestion,
  asking: Asking,
  describe: (progress: readonly PodProgress[]) => string,
): Promise<QuestionAnswer<PodProgress>> {
  // Each round would repeat the same warning about an assumed port.
  const warn = onceEach(asking.warn);
  const round = (signal: AbortSignal): Promise<Round> => oneRound(open, conditions, { ...asking, warn, signal });
  const start = performance.now();
  const elapsed = (): number => performance.now() - start;
  const left = (): number => Math.max(1, timeoutMs - elapsed());
  let longestMs = 0;
  let judge: JudgeKept | undefined;
  const timed = async (before: Round | undefined): Promise<Round> => {
    const began = elapsed();
    const found = await next(before);
    longestMs = Math.max(longestMs, elapsed() - began);
    return found;
  };
  const next = async (before: Round | undefined): Promise<Round> => {
    const found = await tryRound(round, asking.signal, left(), before);
    if (found.kept.size === 0) return found;
    // It loads what checks need.
    judge ??= (await import('./kept-rejections.ts')).keptRejections(open, asking);
    return { ...found, progress: await judge(found.progress, found.kept, left()) };
  };
  let last = await timed(undefined);
  let line = '';
  while (!isDone(last)) {
    // The last round begins as late as it may and still end in time, if it takes twice as long as the others.
    const pauseMs = Math.min(limits.betweenRoundsMs, timeoutMs - elapsed() - 2 * longestMs);
    if (pauseMs <= 0) break;
    const before = line;
    line = describe(last.progress);
    if (line !== before) asking.warn(line);
    await pause(pauseMs, asking.signal);
    last = await timed(last);
  }
  const holds = isDone(last);
  return {
    gateway: last.gateway,
    pods: last.pods,
    items: last.progress,
    tellsOfNoPod: true,
    extra: {
      conditions: conditions.map(({ text }) => text),
      holds,
      waitedSeconds: Math.round(elapsed() / 1000),
    },
    findings: lacksSomewhere(last, conditions),
    incomplete: !holds,
  };
}

interface Round {
  readonly gateway: Gateway;
  readonly pods: readonly PodOutcome<unknown>[];
  readonly progress: readonly PodProgress[];
  /** Pods of which no istiod could say whether they are in sync. */
  readonly syncUnknown: ReadonlySet<string>;
  /** Pods that are in sync but for the rejection of a secret, which may be over. */
  readonly kept: ReadonlySet<string>;
}

const isDone = ({ progress }: Round): boolean =>
  progress.length > 0 && progress.every(({ missing }) => missing.length === 0);

/**
 * True where a pod surely lacks a condition. A silent pod may have everything, and a pod that no istiod answered for
 * may be in sync.
 */
function lacksSomewhere({ pods, progress, syncUnknown }: Round, conditions: readonly Condition[]): boolean {
  const silent = new Set(pods.filter((outcome) => !hasAnswered(outcome)).map(({ pod }) => pod.name));
  const ofIstiod = new Set(conditions.filter(isSynced).map(({ text }) => text));
  const isCertain = (pod: string, condition: string): boolean =>
    ofIstiod.has(condition) ? !syncUnknown.has(pod) : !silent.has(pod);
  return progress.some(({ pod, missing }) =>
    missing.some(({ condition, isUnsure }) => isUnsure !== true && isCertain(pod, condition)),
  );
}

/** A failed round is ignored once one has succeeded; until then its error is thrown. */
async function tryRound(
  round: (signal: AbortSignal) => Promise<Round>,
  signal: AbortSignal,
  leftMs: number,
  last: Round | undefined,
): Promise<Round> {
  const late = new ToolError('timeout', 'cannot tell how far the pods are: the time was over before they answered', {
    hint: 'to wait longer, give a longer --timeout',
  });
  const tried = await triedTo(withDeadline(signal, leftMs, () => late, round));
  if ('ok' in tried) return tried.ok;
  if (last === undefined) throw tried.failed;
  return last;
}

/** Finds the pods anew in each round: they come and go meanwhile. */
async function oneRound(open: OpenSource, conditions: readonly Condition[], asking: Asking): Promise<Round> {
  const source = await open(asking.signal);
  try {
    const gateway = await source.gateway();
    const pods = await askPods(source, gateway, conditions, asking);
    return { gateway, pods, ...(await progressOf(source, conditions, pods)) };
  } finally {
    await source.close();
  }
}

type Missing = PodProgress['missing'];

const isSynced = ({ what }: Condition): boolean => what.kind === 'synced';

/** Does not ask pods for what only istiod knows. */
async function askPods(
  source: Source,
  gateway: Gateway,
  conditions: readonly Condition[],
  asking: Asking,
): Promise<readonly PodOutcome<Missing>[]> {
  const staying = new Set(gateway.pods.filter(({ deletedAt }) => deletedAt === undefined).map(({ name }) => name));
  const asked = conditions.filter((condition) => !isSynced(condition));
  if (asked.length === 0) return gateway.pods.filter(({ name }) => staying.has(name)).map((pod) => ({ pod, ok: [] }));
  const listenerPort = await portsFor(source, conditions, asking);
  const ask = (admin: Admin): Promise<Missing> => askPod(admin, asked, { source, listenerPort, now: new Date() });
  return source.everyPod(ask, ({ name }) => staying.has(name));
}

async function progressOf(
  source: Source,
  conditions: readonly Condition[],
  pods: readonly PodOutcome<Missing>[],
): Promise<Pick<Round, 'progress' | 'syncUnknown' | 'kept'>> {
  const synced = conditions.filter(isSynced);
  const sync = synced.length > 0 ? await askIstiods(source, fetchSync) : { missing: '' };
  const ofIstiod = (pod: Pod): Missing =>
    synced.flatMap((condition) => whyMissing(condition, whyNotSynced(syncOfPod(pod, sync))));
  const unanswered = conditions.filter((condition) => !isSynced(condition));
  const podsWhere = (holds: (one: PodSync) => boolean): ReadonlySet<string> =>
    new Set(pods.flatMap(({ pod }) => (holds(syncOfPod(pod, sync)) ? [pod.name] : [])));
  const progress = pods.map((outcome) => {
    const { name, node } = outcome.pod;
    const own =
      'ok' in outcome ? outcome.ok : unanswered.map(({ text }) => ({ condition: text, why: outcome.failed.message }));
    return { pod: name, node, missing: [...ofIstiod(outcome.pod), ...own] };
  });
  return {
    progress,
    syncUnknown: podsWhere(({ state }) => state === 'unknown'),
    kept: podsWhere(hasKeptRejection),
  };
}

interface PodQuestion {
  readonly source: Source;
  readonly listenerPort: (port: number) => number;
  readonly now: Date;
}

async function askPod(admin: Admin, conditions: readonly Condition[], question: PodQuestion): Promise<Missing> {
  const missing: Missing[number][] = [];
  for (const condition of conditions) missing.push(...whyMissing(condition, await whyNot(admin, condition, question)));
  return missing;
}

async function whyNot(admin: Admin, { what }: Condition, { source, listenerPort, now }: PodQuestion): Promise<Why> {
  switch (what.kind) {
    case 'synced':
      return undefined;
    case 'route':
      return whyNoRoute(await fetchRoutes(admin), what);
    case 'version':
      return whyNotVersion(readServerInfo(await fetchJson(admin, { path: 'server_info' })), what.version);
    case 'cert': {
      const place = { host: what.host, port: listenerPort(what.port) };
      const served = (await tryHandshakes(source, admin.pod, [place])).get(place);
      if (served && served.outcome !== 'failed' && served.outcome !== 'silent') return whyNotServed(served, what, now);
      // A handshake that failed does not show that the certificate is absent.
      throw new ToolError('unreachable', served?.why ?? 'no handshake was made');
    }
  }
}

function whyMissing(condition: Condition, why: Why): Missing {
  const settled = settle(condition, why);
  if (settled === undefined) return [];
  const { text } = condition;
  return typeof settled === 'string'
    ? [{ condition: text, why: settled }]
    : [{ condition: text, why: settled.unsure, isUnsure: true }];
}

/**
 * Where Services are forbidden, the usual ports are assumed. Any other failure ends the round: on a guessed port a
 * certificate could seem absent.
 */
async function portsFor(
  source: Source,
  conditions: readonly Condition[],
  asking: Asking,
): Promise<(port: number) => number> {
  if (!conditions.some(({ what }) => what.kind === 'cert')) return (port) => port;
  const { entryFor, failed, note } = await gatewayPorts(source);
  if (failed && failed.code !== 'forbidden') throw failed;
  if (note !== undefined) asking.warn(note);
  return (port) => entryFor(port).listenerPort;
}
