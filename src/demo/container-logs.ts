// What the gateways' containers have logged: recorded lines with the times at which a kubelet would have seen them, and
// what is written while the demo runs. A log has a current file, which is all that is served, and the one of the
// container before the last restart.

import type { LoggedLine, LogReader } from '#apiserver/cluster.ts';
import type { Fleet } from './fleet.ts';
import type { RecordedPod } from './recording.ts';

interface ContainerLog {
  current: LoggedLine[];
  previous: readonly LoggedLine[] | undefined;
  readonly readers: Set<LogReader>;
}

export interface ContainerLogs {
  /** Of the current file, or of the container before; undefined where there is none. */
  lines(pod: string, which: 'current' | 'previous'): readonly LoggedLine[] | undefined;
  /** Until the container ends or `stop` is called. */
  follow(pod: string, reader: LogReader): { readonly stop: () => void };
  write(pod: string, text: string, at?: Date): void;
  /** Puts the current file aside, where nobody can read it; a follower goes on. */
  rotate(pod: string): void;
  /** Ends the container; its log stays. */
  end(pod: string): void;
  restart(pod: string): void;
  remove(pod: string): void;
  /** Adds a line of recorded traffic now and then, for as long as somebody follows. */
  keepBusy(): void;
  close(): void;
}

const trafficMs = 200;

/** `now` is the demo's clock. */
export function containerLogs(fleet: Fleet, now: () => Date): ContainerLogs {
  const logs = new Map<string, ContainerLog>();
  let written = 0;
  const logOf = (pod: string): ContainerLog => {
    const known = logs.get(pod);
    if (known) return known;
    const recorded = [...fleet.pods.values()].find(({ name }) => name === pod)?.recorded;
    const made: ContainerLog = {
      current: recorded ? recordedLines(recorded) : [],
      previous: undefined,
      readers: new Set(),
    };
    logs.set(pod, made);
    return made;
  };
  const write = (pod: string, text: string, at = now()): void => {
    const log = logOf(pod);
    // Nine digits, all different: the last ones count.
    const line = { time: at.toISOString().replace('Z', `${String(written++ % 1_000_000).padStart(6, '0')}Z`), text };
    log.current.push(line);
    for (const reader of log.readers) reader.line(line);
  };
  const end = (log: ContainerLog): void => {
    for (const reader of [...log.readers]) reader.end();
    log.readers.clear();
  };
  let isBusy = false;
  let busy: NodeJS.Timeout | undefined;
  let turn = 0;
  const writeTraffic = (): void => {
    for (const [pod, log] of logs) if (log.readers.size > 0) write(pod, traffic(fleet, pod, turn++, now()));
  };
  return {
    lines: (pod, which) => logOf(pod)[which],
    follow: (pod, reader) => {
      logOf(pod).readers.add(reader);
      if (isBusy) busy ??= setInterval(writeTraffic, trafficMs).unref();
      return { stop: () => void logOf(pod).readers.delete(reader) };
    },
    write,
    rotate: (pod) => {
      logOf(pod).current = [];
    },
    end: (pod) => end(logOf(pod)),
    restart: (pod) => {
      const log = logOf(pod);
      log.previous = log.current;
      log.current = [];
      end(log);
    },
    remove: (pod) => {
      end(logOf(pod));
      logs.delete(pod);
    },
    keepBusy: () => {
      isBusy = true;
    },
    close: () => {
      clearInterval(busy);
      for (const log of logs.values()) end(log);
    },
  };
}

const own = (text: string, pod: RecordedPod): string =>
  text.replaceAll('{pod}', pod.name).replaceAll('{ip}', pod.ip).replaceAll('{node}', pod.node);

/**
 * An access-log line is written when the request ends, another at its own time; what has no time follows the line
 * before.
 */
function recordedLines(pod: RecordedPod): LoggedLine[] {
  let last = 0;
  return pod.log.map((text, index) => {
    const at = Math.max(last, timeOf(text) ?? last);
    last = at;
    return {
      time: new Date(at).toISOString().replace('Z', `${String(index).padStart(6, '0')}Z`),
      text: own(text, pod),
    };
  });
}

function timeOf(text: string): number | undefined {
  const [, start] = /^\[?(\d{4}-\d\d-\d\dT[\d:.]+Z)/.exec(text) ?? [];
  const [, duration = '0'] = /" \d+ \d+ (\d+) /.exec(text) ?? [];
  return start === undefined ? undefined : Date.parse(start) + Number(duration);
}

/** One of the recorded requests, as if it had ended now. */
function traffic(fleet: Fleet, name: string, turn: number, now: Date): string {
  const pod = [...fleet.pods.values()].find((one) => one.name === name)?.recorded;
  const lines = pod?.log.filter((line) => line.startsWith('[')) ?? [];
  const line = lines[(turn * 7) % Math.max(1, lines.length)] ?? '';
  const [, duration = '0'] = /" \d+ \d+ (\d+) /.exec(line) ?? [];
  const started = new Date(now.getTime() - Number(duration)).toISOString();
  return pod ? own(line.replace(/^\[[^\]]*\]/, `[${started}]`), pod) : line;
}
