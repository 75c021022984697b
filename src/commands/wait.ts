// `wait`: until something holds on every pod, or the time is over.

import { syncOfPod } from '#analysis/fleet/pod-status.ts';
import {
  readCondition,
  settle,
  whyNoRoute,
  whyNotServed,
  whyNotSynced,
  whyNotVersion,
} from '#analysis/fleet/wait-condition.ts';
import { entryFor, servicePortsFor } from '#analysis/request/entry.ts';
import { answer, type Context, defineCommand } from '#command/command.ts';
import type { Admin } from '#core/admin.ts';
import { pause, withDeadline } from '#core/concurrency.ts';
import { ToolError } from '#core/error.ts';
import { type Gateway, hasAnswered, type Pod, type PodOutcome } from '#core/fleet.ts';
import { limits } from '#core/limits.ts';
import type { Source } from '#core/source.ts';
import { readServerInfo } from '#dump/server-info.ts';
import { fetchJson } from '#envoy/admin.ts';
import type { Condition, PodProgress } from '#model/waiting.ts';
import { waitView } from '#render/views/wait.ts';
import { describeWaiting } from '#render/words/describe-waiting.ts';
import { askIstiods, fetchSync } from '#source/istiod-answers.ts';
import { tryHandshakes } from '#source/pod-certificates.ts';
import { fetchRoutes } from '#source/pod-configuration.ts';

export default defineCommand({
  name: 'wait',
  group: 'ask',
  summary: 'Wait until every pod is in sync, has a route, serves a certificate or runs a version',
  details: `Pods are listed anew and asked once every five seconds or more, each for as little as tells. Several --for have to hold together.
A route for every path (prefix /) counts for route=HOST/ alone. A certificate is what a real TLS handshake through the pod gets; without
SERIAL any that is for the host and valid. absent:CONDITION waits until no pod has it. Exit code 1 when the time is over, with what is
missing and where.`,
  examples: [
    { args: 'wait --for synced', describe: 'after a change, before a test' },
    { args: 'wait --for route=svc1.discovery.wmnet/new --timeout 5m', describe: 'a new route is on every pod' },
    { args: 'wait --for cert=svc1.discovery.wmnet=1001', describe: 'a renewed certificate is served by every pod' },
    { args: 'wait --for absent:route=svc1.discovery.wmnet/old', describe: 'a route is gone from every pod' },
    { args: 'wait --for version=1.31 --for synced', describe: 'an upgrade has come through' },
  ],
  needsLive: true,
  flags: {
    for: {
      type: 'strings',
      raw: true,
      value: 'CONDITION',
      describe: 'synced, route=HOST/PATH, cert=HOST[:PORT][=SERIAL], version=V, absent:…; may be repeated',
    },
    timeout: { type: 'duration', default: '2m', value: 'TIME', describe: 'how long to wait' },
  },
  run: async (context, flags) => {
    if (flags.for.length === 0)
      throw new ToolError('usage', 'wait needs --for', { hint: 'e.g. kubectl istio-ingress wait --for synced' });
    const conditions = flags.for.map(readCondition);
    const { round, elapsedMs } = await rounds(context, conditions, flags.timeout);
    const holds = isDone(round);
    const lacking = lackingPods(round);
    return answer({
      view: waitView,
      gateway: round.gateway,
      pods: round.pods,
      items: round.progress,
      extra: { conditions: flags.for, holds, waitedSeconds: Math.round(elapsedMs / 1000) },
      findings: lacking > 0,
      incomplete: !holds,
      notes:
        holds || lacking > 0 ? [] : ['--for cannot be judged, so the exit code is 3: not every pod told how far it is'],
    });
  },
});

interface Round {
  readonly gateway: Gateway;
  readonly pods: readonly PodOutcome<unknown>[];
  readonly progress: readonly PodProgress[];
}

const isDone = ({ progress }: Round): boolean =>
  progress.length > 0 && progress.every(({ missing }) => missing.length === 0);

/** Pods that said that something is not so yet; one that says nothing may have it. */
const lackingPods = ({ pods, progress }: Round): number => {
  const silent = new Set(pods.filter((outcome) => !hasAnswered(outcome)).map(({ pod }) => pod.name));
  return progress.filter(({ pod, missing }) => missing.length > 0 && !silent.has(pod)).length;
};

/** The last whole round counts; before there was one, what goes wrong is an error. */
async function rounds(
  context: Context,
  conditions: readonly Condition[],
  timeoutMs: number,
): Promise<{ readonly round: Round; readonly elapsedMs: number }> {
  const start = performance.now();
  const elapsed = (): number => performance.now() - start;
  let last: Round | undefined;
  let said = '';
  for (;;) {
    last = await tryRound(context, conditions, Math.max(1, timeoutMs - elapsed()), last);
    if (isDone(last) || elapsed() + limits.betweenRoundsMs > timeoutMs) return { round: last, elapsedMs: elapsed() };
    const line = describeWaiting(last.progress);
    if (line !== said) context.warn(line);
    said = line;
    await pause(limits.betweenRoundsMs, context.signal);
  }
}

async function tryRound(
  context: Context,
  conditions: readonly Condition[],
  leftMs: number,
  last: Round | undefined,
): Promise<Round> {
  const late = new ToolError('timeout', 'cannot tell how far the pods are: no answer before the time was over', {
    hint: '--timeout waits longer',
  });
  try {
    return await withDeadline(
      context.signal,
      leftMs,
      () => late,
      (signal) => oneRound(context, conditions, signal),
    );
  } catch (error) {
    if (!(error instanceof ToolError) || error.code === 'interrupted' || last === undefined) throw error;
    return last;
  }
}

/** Pods come and go meanwhile: each round finds them anew. */
async function oneRound(context: Context, conditions: readonly Condition[], signal: AbortSignal): Promise<Round> {
  const source = await context.freshSource(signal);
  try {
    const gateway = await source.gateway();
    const staying = new Set(gateway.pods.filter(({ deletedAt }) => deletedAt === undefined).map(({ name }) => name));
    const sync = conditions.some(({ what }) => what.kind === 'synced')
      ? await askIstiods(source, fetchSync)
      : { missing: '' };
    const listenerPort = await portsFor(source, gateway, conditions);
    const asked = conditions.filter(({ what }) => what.kind !== 'synced');
    const ask = (admin: Admin): Promise<PodProgress['missing']> =>
      askPod(admin, asked, { source, listenerPort, now: new Date() });
    const pods: readonly PodOutcome<PodProgress['missing']>[] =
      asked.length > 0
        ? await source.everyPod(ask, ({ name }) => staying.has(name))
        : gateway.pods.filter(({ name }) => staying.has(name)).map((pod) => ({ pod, ok: [] }));
    const syncMissing = (pod: Pod): PodProgress['missing'] =>
      conditions.flatMap((condition) =>
        condition.what.kind === 'synced' ? whyMissing(condition, whyNotSynced(syncOfPod(pod, sync))) : [],
      );
    const progress = pods.map((outcome): PodProgress => {
      const { name, node } = outcome.pod;
      const own =
        'ok' in outcome ? outcome.ok : asked.map(({ text }) => ({ condition: text, why: outcome.failed.message }));
      return { pod: name, node, missing: [...syncMissing(outcome.pod), ...own] };
    });
    return { gateway, pods, progress };
  } finally {
    await source.close();
  }
}

interface Asking {
  readonly source: Source;
  readonly listenerPort: (port: number) => number;
  readonly now: Date;
}

async function askPod(admin: Admin, conditions: readonly Condition[], asking: Asking): Promise<PodProgress['missing']> {
  const missing: PodProgress['missing'][number][] = [];
  for (const condition of conditions) missing.push(...whyMissing(condition, await whyNot(admin, condition, asking)));
  return missing;
}

async function whyNot(
  admin: Admin,
  { what }: Condition,
  { source, listenerPort, now }: Asking,
): Promise<string | undefined> {
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
      if (served && served.outcome !== 'failed') return whyNotServed(served, what, now);
      // What could not be tried is not absent either.
      throw new ToolError('unreachable', served?.why ?? 'no handshake was made');
    }
  }
}

function whyMissing(condition: Condition, why: string | undefined): PodProgress['missing'] {
  const settled = settle(condition, why);
  return settled === undefined ? [] : [{ condition: condition.text, why: settled }];
}

/** Services may be forbidden: then the usual ports are taken. */
async function portsFor(
  source: Source,
  gateway: Gateway,
  conditions: readonly Condition[],
): Promise<(port: number) => number> {
  const { namespace, pods } = gateway;
  if (!conditions.some(({ what }) => what.kind === 'cert')) return (port) => port;
  const services = await source.list('services', { namespace }).catch((error: unknown) => {
    if (error instanceof ToolError && error.code === 'forbidden') return [];
    throw error;
  });
  const ports = servicePortsFor(services, pods[0]?.labels ?? {}, new Map([['https', 8443]]));
  return (port) => entryFor(port, ports).listenerPort;
}
