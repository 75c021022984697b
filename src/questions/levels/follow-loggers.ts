// Follows what the chosen loggers of every pod write.

import { hasAnswered } from '#core/fleet.ts';
import { limits } from '#core/limits.ts';
import type { LogLine } from '#core/pod-logs.ts';
import type { Source } from '#core/source.ts';
import { readProxyLine } from '#dump/proxy-log.ts';

export interface Following {
  readonly isChosen: (logger: string) => boolean;
  /** Resolves when more may be written. */
  readonly write: (lines: readonly LogLine[]) => Promise<void>;
  readonly note: (line: string) => void;
}

/** Starts now. Rejects when the source's signal aborts, and where no pod's log may be read. */
export async function followLoggers(source: Source, { isChosen, write, note }: Following): Promise<void> {
  await tryLogs(source);
  const request = {
    container: 'istio-proxy',
    since: undefined,
    until: undefined,
    tailLines: 0,
    follow: true,
    maxBytes: limits.logBytes,
    note,
  };
  const isShown = chosenLines(isChosen);
  for await (const lines of await source.logs(request)) {
    const shown = lines.filter(isShown);
    if (shown.length > 0) await write(shown);
  }
}

/** A following stream waits for pods that fail, so the user would wait for lines that never come. */
async function tryLogs(source: Source): Promise<void> {
  const once = {
    since: undefined,
    until: undefined,
    tailLines: 1,
    follow: false,
    maxBytes: limits.logBytes,
    note: () => {},
  };
  const stream = await source.logs({ container: 'istio-proxy', ...once });
  for await (const _ of stream);
  const pods = stream.coverage();
  const [first] = pods.flatMap((outcome) => (hasAnswered(outcome) ? [] : [outcome.failed]));
  if (first && !pods.some(hasAnswered)) throw first;
}

/** A message of several lines is shown or left out as a whole. */
export function chosenLines(isChosen: (logger: string) => boolean): (line: Pick<LogLine, 'pod' | 'text'>) => boolean {
  const goesOn = new Set<string>();
  return ({ pod, text }) => {
    const line = readProxyLine(text);
    if (line.kind === 'more') return goesOn.has(pod);
    const isShown = line.kind === 'logger' && isChosen(line.logger);
    if (isShown) goesOn.add(pod);
    else goesOn.delete(pod);
    return isShown;
  };
}
