// The logs of all gateway pods as one stream: which pods, read once or followed, buffered, merged by time.

import type { Connection } from '#cluster/access/connection.ts';
import type { Rest } from '#cluster/access/rest.ts';
import { findGateway } from '#cluster/find/gateways.ts';
import { type ContainerRun, containerRun } from '#cluster/stream/container-run.ts';
import { logTime } from '#cluster/stream/log-lines.ts';
import { PodLog } from '#cluster/stream/pod-log.ts';
import { type PodWatch, watchPods } from '#cluster/stream/watch.ts';
import { mapBounded, pause, Turns } from '#core/concurrency.ts';
import { asToolError, type ToolError } from '#core/error.ts';
import type { Gateway, Pod, PodOutcome } from '#core/fleet.ts';
import type { PodObject } from '#core/kube-schema.ts';
import { limits } from '#core/limits.ts';
import type { LogCoverage, LogLine, LogRequest, LogStream } from '#core/pod-logs.ts';
import type { GatewayOptions } from '#core/source-options.ts';
import { LogMerge, type MergedLog } from './log-merge.ts';
import { LogSpool, type SpoolBudget } from './log-spool.ts';

export interface LiveLogOptions {
  readonly connection: Connection;
  readonly rest: Rest;
  readonly gateway: () => Promise<Pick<Gateway, 'namespace' | 'pods'>>;
  readonly gatewayOptions: GatewayOptions;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

interface FollowedPod {
  readonly pod: Pod;
  readonly merged: MergedLog;
  readonly log: PodLog;
  readonly gone: AbortController;
  from: string | undefined;
  gap: string | undefined;
  lines: number;
  failed: ToolError | undefined;
}

const clock = (): number => performance.now();
/** A log that begins this soon after its container's start is whole: nothing was rotated away. */
const startMs = 10_000;
const membershipMs = 2_000;
const goneMs = 1_000;

/** Nothing is opened before the first iteration asks for lines. Throws what finding the pods throws. */
export async function openLogs(options: LiveLogOptions, request: LogRequest): Promise<LogStream> {
  const { pods, namespace } = await options.gateway();
  const fleet = new LogFleet(options, request, namespace);
  await fleet.begin(pods);
  return { [Symbol.asyncIterator]: () => fleet.lines(), coverage: () => fleet.coverage(), close: () => fleet.close() };
}

class LogFleet {
  readonly #options: LiveLogOptions;
  readonly #request: LogRequest;
  readonly #namespace: string;
  readonly #ending = new AbortController();
  readonly #signal: AbortSignal;
  readonly #entries = new Map<string, FollowedPod>();
  readonly #merge: LogMerge;
  readonly #budget: SpoolBudget = { memory: limits.logBufferBytes, disk: limits.logSpillBytes, inMemory: 0, onDisk: 0 };
  #watch: PodWatch | undefined;
  #objects: ReadonlyMap<string, PodObject> = new Map();
  /** Rejects with a failure of all pods; the failure of one pod is data. */
  #work: Promise<unknown> = Promise.resolve();
  #isOver = false;
  /** Pods that were checked and do not belong to the gateway, as `#isSame` writes them. */
  #others = '';

  constructor(options: LiveLogOptions, request: LogRequest, namespace: string) {
    this.#options = options;
    this.#request = request;
    this.#namespace = namespace;
    this.#signal = AbortSignal.any([options.signal, this.#ending.signal]);
    this.#merge = new LogMerge(request.follow ? 'follow' : 'history', clock, request.order);
  }

  async begin(pods: readonly Pod[]): Promise<void> {
    const { rest, connection } = this.#options;
    if (this.#request.follow) {
      this.#watch = await watchPods(connection, rest, {
        namespace: this.#namespace,
        signal: this.#signal,
        note: this.#request.note,
      });
      this.#objects = this.#watch.pods;
    } else {
      const listed = (await rest.list('pods', { namespace: this.#namespace })) as readonly PodObject[];
      this.#objects = new Map(listed.map((pod) => [pod.metadata.name, pod]));
    }
    for (const pod of pods) this.#add(pod);
    this.#work = this.#request.follow ? this.#followAll() : this.#readAll();
    this.#work.then(
      () => this.#finish(),
      () => this.#finish(),
    );
  }

  coverage(): PodOutcome<LogCoverage>[] {
    const entries = [...this.#entries.values()].sort((a, b) => (a.pod.name < b.pod.name ? -1 : 1));
    return entries.map((entry) => {
      const { pod, failed, from, lines } = entry;
      return failed ? { pod, failed } : { pod, ok: { from, lines, ...gapOf(entry) } };
    });
  }

  async *lines(): AsyncGenerator<readonly LogLine[]> {
    try {
      for (;;) {
        this.#options.signal.throwIfAborted();
        if (this.#ending.signal.aborted) return;
        const lines = this.#merge.take();
        if (lines.length > 0) yield lines;
        else if (this.#isOver && this.#merge.isEmpty) break;
        else await this.#merge.more();
      }
      await this.#work;
    } finally {
      this.#ending.abort();
      for (const { merged } of this.#entries.values()) merged.spool.close();
    }
  }

  close(): void {
    this.#ending.abort();
  }

  #finish(): void {
    this.#isOver = true;
    for (const { merged } of this.#entries.values()) this.#end(merged);
  }

  #end(merged: MergedLog): void {
    merged.state = 'ended';
    this.#merge.touch(merged);
  }

  #add(pod: Pod, request = this.#request): FollowedPod {
    const spool = new LogSpool(this.#budget);
    const merged: MergedLog = { pod: pod.name, spool, state: 'opening', addedAt: clock() };
    const gone = new AbortController();
    const entry: FollowedPod = {
      pod,
      gone,
      merged,
      from: undefined,
      gap: undefined,
      lines: 0,
      failed: undefined,
      log: new PodLog({
        connection: this.#options.connection,
        pod,
        request,
        signal: this.#signal,
        gone: gone.signal,
        opened: () => {
          merged.state = 'open';
          this.#merge.touch(merged);
        },
        push: (lines) => {
          entry.lines += lines.length;
          entry.from ??= lines[0]?.time;
          const before = { dropped: spool.dropped, spilled: spool.spilled };
          spool.push(lines, clock());
          this.#noteLag(entry, before);
          this.#merge.touch(merged);
        },
      }),
    };
    this.#entries.set(pod.name, entry);
    this.#merge.touch(merged);
    return entry;
  }

  #noteLag({ pod, merged }: FollowedPod, before: { readonly dropped: number; readonly spilled: boolean }): void {
    const { spool } = merged;
    if (spool.dropped > 0 && before.dropped === 0) {
      this.#request.note(
        `lines of ${pod.name} are dropped: what was read and not printed is more than ${limits.logSpillBytes / 1024 / 1024} MiB`,
      );
    } else if (this.#request.follow && spool.spilled && !before.spilled) {
      this.#request.note(`${pod.name} logs faster than its lines are printed: they wait in a file`);
    }
  }

  #runOf(name: string): ContainerRun | undefined {
    const object = this.#objects.get(name);
    if (!object) return undefined;
    return (
      containerRun(object, this.#request.container) ?? { id: '', state: 'waiting', startedAt: undefined, restarts: 0 }
    );
  }

  async #readAll(): Promise<void> {
    let done = 0;
    await mapBounded([...this.#entries.values()], limits.logOpenings, async (entry) => {
      await this.#settled(entry, async () => {
        await this.#lookBack(entry);
        await entry.log.readOnce();
      });
      this.#options.progress(`read the logs of ${++done} of ${this.#entries.size} pods`);
    });
  }

  /** Never rejects for what a pod did. */
  async #settled(entry: FollowedPod, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      if (!this.#signal.aborted)
        entry.failed = asToolError(thrown, `read the log of ${this.#namespace}/${entry.pod.name}`);
    } finally {
      this.#end(entry.merged);
    }
  }

  /** Finds how far the current file reaches back, and reads the log of the run before. */
  async #lookBack(entry: FollowedPod): Promise<void> {
    const { since, tailLines } = this.#request;
    if (since === undefined || tailLines !== undefined) return;
    const oldest = await entry.log.oldest();
    const run = this.#runOf(entry.pod.name);
    if (oldest === undefined || oldest <= logTime(since)) return;
    entry.from = oldest;
    const isFromStart = run?.startedAt !== undefined && Date.parse(oldest) - Date.parse(run.startedAt) < startMs;
    if (!isFromStart) entry.gap = `its current log file begins at ${oldest.slice(0, 19)}Z`;
    if (run === undefined || run.restarts === 0 || Date.parse(run.startedAt ?? '') <= since.getTime()) return;
    entry.from = undefined;
    await entry.log.readPrevious();
    if (entry.from === undefined) entry.gap ??= `what it logged before its restart at ${run.startedAt} is gone`;
    entry.from ??= oldest;
  }

  /** Follows every pod of the gateway until that pod is gone. */
  async #followAll(): Promise<void> {
    const opening = new Turns(limits.logOpenings);
    const watch = this.#watch as PodWatch;
    for (const entry of this.#entries.values()) void this.#follow(entry, opening);
    void this.#leaveGone(watch);
    while (!this.#signal.aborted) {
      if (this.#isSame()) await watch.changed(60_000);
      else await this.#lookForPods(opening);
    }
  }

  /** Leaves pods that are gone, a moment later, so that their last lines are read. */
  async #leaveGone(watch: PodWatch): Promise<void> {
    while (!this.#signal.aborted) {
      await watch.changed(60_000);
      for (const { pod, gone, merged } of this.#entries.values()) {
        if (merged.state === 'ended' || this.#objects.has(pod.name)) continue;
        setTimeout(() => this.#objects.has(pod.name) || gone.abort(), goneMs).unref();
      }
    }
  }

  async #lookForPods(opening: Turns): Promise<void> {
    const found = await findGateway(this.#options.rest, this.#options.gatewayOptions).catch(() => undefined);
    for (const pod of found?.pods.filter(({ name }) => !this.#entries.has(name)) ?? []) {
      this.#request.note(`${pod.name} is new, on ${pod.node}`);
      // A pod that appears now is read from its beginning.
      void this.#follow(this.#add(pod, { ...this.#request, since: undefined, tailLines: undefined }), opening);
    }
    if (!found) this.#others = '';
    await pause(membershipMs, this.#signal);
  }

  /** True when every pod is followed or is known not to belong to the gateway. */
  #isSame(): boolean {
    const others = [...this.#objects.values()].filter(({ metadata }) => !this.#entries.has(metadata.name));
    // A pod belongs nowhere before it has a node.
    const names = others.map(({ metadata, spec }) => `${metadata.name} ${spec?.nodeName ?? ''}`).join('\n');
    const isSame = names === this.#others;
    this.#others = names;
    return isSame;
  }
  async #follow(entry: FollowedPod, opening: Turns): Promise<void> {
    const { name } = entry.pod;
    await this.#settled(entry, async () => {
      // A failure to find how far the log reaches back is ignored: if it lasts, following reports it.
      await opening.take(() => this.#lookBack(entry).catch(() => {}));
      await entry.log.follow(
        () => this.#runOf(name),
        (ms) => (this.#watch as PodWatch).changed(ms),
      );
    });
    if (this.#signal.aborted) return;
    this.#request.note(entry.failed ? entry.failed.message : `${name} is gone`);
  }
}

function gapOf({ merged, gap, log }: FollowedPod): Pick<LogCoverage, 'gap' | 'wholeUntil'> {
  if (merged.spool.dropped > 0) return { gap: `${merged.spool.dropped} lines were dropped`, wholeUntil: '' };
  return log.gap === undefined ? { gap } : { gap: log.gap, wholeUntil: log.wholeUntil };
}
