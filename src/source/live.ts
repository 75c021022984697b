// The live cluster: gateways found by the API server, pods asked through it.

import { type Connection, connect, withoutUser } from '#cluster/access/connection.ts';
import { openRest } from '#cluster/access/rest.ts';
import { servedVersions, versionsOfTheDay } from '#cluster/access/served-versions.ts';
import { findGateway, findIstiods } from '#cluster/find/gateways.ts';
import { ByteBudget } from '#cluster/stream/byte-budget.ts';
import { wayIn } from '#cluster/stream/forward-or-exec.ts';
import { shakeHands } from '#cluster/stream/handshake.ts';
import { podHttp } from '#cluster/stream/pod-http.ts';
import { portForwarder } from '#cluster/stream/port-forward.ts';
import type { Admin } from '#core/admin.ts';
import { withDeadline } from '#core/concurrency.ts';
import { ToolError } from '#core/error.ts';
import { type Gateway, type Pod, type PodOutcome, type PodRef, podsOf } from '#core/fleet.ts';
import { limits } from '#core/limits.ts';
import type { FanOutOptions, Source, Teller } from '#core/source.ts';
import type { SourceOptions } from '#core/source-options.ts';
import type { Dial, PodHttp } from '#core/stream.ts';
import { adminOf, adminPort } from '#envoy/admin.ts';
import { askEvery } from '#envoy/fan-out.ts';
import { memoryGuard } from '#envoy/whole-dump.ts';
import { debugOf, debugPort } from '#istiod/debug.ts';

/** Nothing is asked of the cluster before a method needs it. Throws ToolError `kubeconfig` or `credentials`. */
export async function openLive(
  options: SourceOptions,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
  { progress, note }: Teller = { progress: () => {}, note: () => {} },
): Promise<Source> {
  const connection = await connect(options.kube, env, signal);
  const requestMs = options.kube.requestTimeoutMs ?? limits.requestMs;
  const versions = servedVersions(versionsOfTheDay(env, connection.identity));
  const rest = openRest(connection, requestMs, signal, versions);
  const dial = portForwarder(connection);
  const fanOut = { parallel: options.parallel, podTimeoutMs: options.podTimeoutMs, signal };
  const counted = {
    ...fanOut,
    onSettled: (done: number, of: number): void => progress(`${done} of ${of} pods have answered`),
  };
  const guarded = memoryGuard(note);
  const reach = podReacher(connection, dial, options, () => note(execNote));
  const askPods = <T>(pods: readonly Pod[], own: FanOutOptions, ask: (admin: Admin) => Promise<T>) =>
    askEvery(
      pods,
      { ...counted, ...own, parallel: Math.min(options.parallel, own.parallel ?? Infinity) },
      (pod, inner) => reach(pod, adminPort, inner, (http) => ask(guarded(adminOf(pod, http, inner)))),
    );
  let gateway: Promise<Gateway> | undefined;
  const { istioNamespace } = options.gateway;
  const istiods = async (): Promise<Pick<Gateway, 'namespace' | 'pods'>> => ({
    namespace: istioNamespace,
    pods: await findIstiods(rest, istioNamespace),
  });
  const source: Source = {
    origin: `context ${connection.context}`,
    // It is shown, and goes into snapshots and reports.
    server: withoutUser(connection.server.href),
    gateway: () => (gateway ??= findGateway(rest, options.gateway)),
    everyPod: async (ask, only = () => true, { withOthers = false, ...own } = {}) =>
      askPods(podsOf(await source.gateway(), withOthers).filter(only), own, ask),
    onePod: async <T>(pod: Pod, ask: (admin: Admin) => Promise<T>) =>
      (await askPods([pod], {}, ask))[0] as PodOutcome<T>,
    everyIstiod: async (ask) =>
      askEvery((await istiods()).pods, fanOut, (pod, inner) =>
        reach(pod, debugPort, inner, (http) => ask(debugOf(pod, http))),
      ),
    handshake: (pod, port, hello) =>
      withDeadline(
        signal,
        limits.podTlsMs,
        lateWith(pod, port, 'open TLS', 'nothing came for', limits.podTlsMs),
        (inner) => shakeHands(dial, pod, port, hello, inner),
      ),
    send: (pod, port, request, { ms = limits.sentMs, signal: own = signal, onTaken } = {}) =>
      withDeadline(AbortSignal.any([signal, own]), ms, lateWith(pod, port, 'send', 'no answer in', ms), async (inner) =>
        (await import('#cluster/stream/exchange.ts')).exchange(dial, pod, port, request, inner, onTaken),
      ),
    dial,
    logs: async (request) => {
      const { openLogs } = await import('./live-logs.ts');
      const gateway = request.of === 'istiod' ? istiods : source.gateway;
      return openLogs({ connection, rest, gateway, gatewayOptions: options.gateway, signal, progress }, request);
    },
    list: (resource, list = {}) => rest.list(resource, list),
    read: (resource, namespace, name) => rest.read(resource, namespace, name),
    access: async () =>
      (await import('#cluster/access/cluster-access.ts')).clusterAccess(connection, requestMs, signal),
    close: async () => connection.close(),
  };
  return source;
}

/** Asks one port of a pod over HTTP, and closes the stream after it: port-forward, or exec where RBAC forbids that. */
function podReacher(connection: Connection, dial: Dial, options: SourceOptions, onExec: () => void) {
  const budget = new ByteBudget(limits.bytesInFlight);
  const way = wayIn(onExec);
  const open = (pod: Pod, port: number, inner: AbortSignal): PodHttp => {
    const common = { pod, maxAnswerBytes: options.maxAnswerBytes, signal: inner };
    const container = port === debugPort ? 'discovery' : 'istio-proxy';
    const forward = podHttp(dial, { ...common, port, budget: budget.share() });
    return way.over(pod, forward, async () =>
      (await import('#cluster/stream/exec-http.ts')).execHttp(connection, {
        ...common,
        container,
        mayDump: options.dumpsThroughExec,
      }),
    );
  };
  return async <T>(pod: Pod, port: number, inner: AbortSignal, ask: (http: PodHttp) => Promise<T>): Promise<T> => {
    const http = open(pod, port, inner);
    try {
      return await ask(http);
    } finally {
      http.close();
    }
  };
}

const lateWith = (pod: PodRef, port: number, what: string, why: string, ms: number) => (): ToolError =>
  new ToolError('timeout', `cannot ${what} to ${pod.namespace}/${pod.name}:${port}: ${why} ${ms / 1000} s`);

const execNote =
  'port-forward is forbidden: the answers come through exec, which starts a process in the gateway pod for each';
