// Lines of many pods in one order: by the kubelet's time. A line is delivered once no other pod can still have an
// earlier one: each other pod has its next line ready, or its log has ended. While following, the merge waits for a
// silent pod no longer than the window. Without that order a line goes as it comes, each pod's in their own order.

import { limits } from '#core/limits.ts';
import type { LogLine } from '#core/pod-logs.ts';
import type { LogSpool, SpooledLine } from './log-spool.ts';

export interface MergedLog {
  readonly pod: string;
  readonly spool: LogSpool;
  state: 'opening' | 'open' | 'ended';
  /** By the merge's clock. */
  readonly addedAt: number;
}

interface Ready {
  readonly log: MergedLog;
  readonly head: SpooledLine;
}

const mostLines = 1000;

export class LogMerge {
  readonly #follow: boolean;
  readonly #isInOrder: boolean;
  readonly #clock: () => number;
  /** A binary heap: the earliest head first. */
  readonly #heap: Ready[] = [];
  readonly #ready = new Set<MergedLog>();
  /** Neither ended nor with a line. */
  readonly #silent = new Set<MergedLog>();
  #wake: () => void = () => {};

  constructor(follow: 'follow' | 'history', clock: () => number, order: 'time' | 'arrival' = 'time') {
    this.#follow = follow === 'follow';
    this.#isInOrder = order === 'time';
    this.#clock = clock;
  }

  /** Called whenever a log is new, has lines or changes its state. */
  touch(log: MergedLog): void {
    if (!this.#ready.has(log)) {
      const head = log.spool.peek();
      if (head) this.#insert({ log, head });
      else if (log.state === 'ended') this.#silent.delete(log);
      else this.#silent.add(log);
    }
    this.#wake();
  }

  get isEmpty(): boolean {
    return this.#heap.length === 0 && this.#silent.size === 0;
  }

  /** The lines that may be given out now, some at a time. */
  take(): LogLine[] {
    const lines: LogLine[] = [];
    const now = this.#clock();
    for (
      let top = this.#heap[0];
      top !== undefined && lines.length < mostLines && this.#mayGo(top.head, now);
      top = this.#heap[0]
    ) {
      const { log, head } = top;
      lines.push({ pod: log.pod, time: head.time, text: head.text });
      log.spool.shift();
      this.#replaceTop(log);
    }
    return lines;
  }

  /** Resolves when `take` may have more to give: after a touch, or when the window of the earliest line is over. */
  async more(): Promise<void> {
    const head = this.#heap[0]?.head;
    const due = this.#follow && head ? Math.max(1, head.at + limits.logWindowMs - this.#clock()) : limits.logWindowMs;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, Math.min(due, limits.logWindowMs));
    });
    clearTimeout(timer);
    this.#wake = () => {};
  }

  #mayGo(head: SpooledLine, now: number): boolean {
    if (this.#silent.size === 0 || !this.#isInOrder) return true;
    if (!this.#follow) return false;
    if (now - head.at < limits.logWindowMs) return false;
    for (const log of this.#silent) if (log.state === 'opening' && now - log.addedAt < limits.logOpenMs) return false;
    return true;
  }

  #replaceTop(log: MergedLog): void {
    const head = log.spool.peek();
    if (head) {
      this.#heap[0] = { log, head };
    } else {
      this.#ready.delete(log);
      if (log.state !== 'ended') this.#silent.add(log);
      const last = this.#heap.pop() as Ready;
      if (this.#heap.length === 0) return;
      this.#heap[0] = last;
    }
    this.#sink();
  }

  #insert(ready: Ready): void {
    this.#ready.add(ready.log);
    this.#silent.delete(ready.log);
    const heap = this.#heap;
    let at = heap.push(ready) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(ready, heap[parent] as Ready)) break;
      heap[at] = heap[parent] as Ready;
      at = parent;
    }
    heap[at] = ready;
  }

  #sink(): void {
    const heap = this.#heap;
    const moving = heap[0] as Ready;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = right < heap.length && isBefore(heap[right] as Ready, heap[left] as Ready) ? right : left;
      if (child >= heap.length || !isBefore(heap[child] as Ready, moving)) break;
      heap[at] = heap[child] as Ready;
      at = child;
    }
    heap[at] = moving;
  }
}

/** Of equal times the pod's name decides, so that two runs print the same. */
const isBefore = (a: Ready, b: Ready): boolean =>
  a.head.time < b.head.time || (a.head.time === b.head.time && a.log.pod < b.log.pod);
