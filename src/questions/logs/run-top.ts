// What `top` does: follow the logs of all pods, and say every few seconds what they amount to.

import { readCriteria } from '#accesslog/criteria.ts';
import { checkAnswerable, logFilter, onlyErrors } from '#accesslog/filter.ts';
import { lineParser } from '#accesslog/line-parser.ts';
import { ownedBy } from '#accesslog/owner.ts';
import { LogScan } from '#accesslog/scan.ts';
import { TopWindow, topKeyReader } from '#accesslog/top-window.ts';
import { loggedRouteFinder } from '#analysis/select/logged-route.ts';
import type { Context, Outcome, Style } from '#command/command.ts';
import type { TopFlags } from '#command/log-flags.ts';
import { pause, raceAbort } from '#core/concurrency.ts';
import { ToolError } from '#core/error.ts';
import { exitCode } from '#core/exit-code.ts';
import { limits } from '#core/limits.ts';
import type { LogStream } from '#core/pod-logs.ts';
import type { Source } from '#core/source.ts';
import type { TopKey, TopSnapshot } from '#model/top.ts';
import { eraseLines, renderTop, topJson } from '#render/views/top.ts';
import { failuresOf } from './coverage.ts';
import { formatsOf } from './formats.ts';
import { ownerOf, routesFor } from './owned-routes.ts';

const shortestIntervalMs = 1000;

export async function runTop(context: Context, given: TopFlags): Promise<Outcome> {
  if (given.interval < shortestIntervalMs) throw new ToolError('usage', '--interval is at least 1s');
  const criteria = readCriteria(given);
  const source = await context.source();
  const parser = lineParser(await formatsOf(context, given, source));
  checkAnswerable(criteria, parser.formats);
  const by = given.by as TopKey;
  const configurations = await routesFor({ for: given.for, 'with-route': by === 'route' }, source);
  const owned = given.for === undefined ? undefined : ownedBy(ownerOf(given.for, configurations));
  const live = new LiveWindow(
    new LogScan({
      parser,
      filter: logFilter(criteria),
      also: owned,
      outcome: given.errors ? onlyErrors(parser.formats) : undefined,
    }),
    topKeyReader(by, loggedRouteFinder(configurations)),
  );
  const stream = await openNewLines(context, source);
  const reading = live.read(stream);
  try {
    await Promise.race([reading, show(context, given, live)]);
  } finally {
    stream.close();
  }
  await reading;
  return { text: '', exitCode: failuresOf(stream.coverage()).length === 0 ? exitCode.ok : exitCode.partial };
}

/** No line of before: what is shown is what happens. */
const openNewLines = (context: Context, source: Source): Promise<LogStream> =>
  source.logs({
    container: 'istio-proxy',
    since: undefined,
    until: undefined,
    tailLines: 0,
    follow: true,
    maxBytes: limits.logBytes,
    note: context.warn,
  });

/** The interval that is going on. */
class LiveWindow {
  readonly #scan: LogScan;
  readonly #keyOf: ReturnType<typeof topKeyReader>;
  #window = new TopWindow();

  constructor(scan: LogScan, keyOf: ReturnType<typeof topKeyReader>) {
    this.#scan = scan;
    this.#keyOf = keyOf;
  }

  async read(stream: LogStream): Promise<void> {
    for await (const lines of stream) {
      for (const { text, pod } of lines) {
        const scanned = this.#scan.read(text);
        if (scanned?.kind !== 'access') continue;
        const entry = scanned.format.entry(scanned.values);
        this.#window.add(this.#keyOf(entry, pod), entry);
      }
    }
  }

  /** Of the interval that ends now; the next begins. */
  take(): TopWindow {
    const window = this.#window;
    this.#window = new TopWindow();
    return window;
  }
}

async function show(context: Context, given: TopFlags, live: LiveWindow): Promise<void> {
  const began = performance.now();
  let last = began;
  let printed = 0;
  for (let n = 0; given.count === undefined || n < given.count; n++) {
    await raceAbort(pause(given.interval, context.signal), context.signal);
    const now = performance.now();
    const snapshot = snapshotOf(live.take(), given, now - last, new Date(context.now.getTime() + now - began));
    last = now;
    const text = context.output === 'json' ? topJson(snapshot) : renderTop(snapshot, styleOf(context));
    const isInPlace = context.terminal.isTTY && context.output !== 'json';
    await context.write(`${isInPlace ? eraseLines(printed) : n > 0 && context.output !== 'json' ? '\n' : ''}${text}`);
    printed = text.split('\n').length - 1;
  }
}

function snapshotOf(window: TopWindow, given: TopFlags, intervalMs: number, at: Date): TopSnapshot {
  const rows = window.rows(intervalMs);
  const shown = rows.slice(0, given.most);
  return {
    at: at.toISOString(),
    intervalMs: Math.round(intervalMs),
    by: given.by as TopKey,
    total: window.total(intervalMs),
    rows: shown,
    hidden: rows.length - shown.length,
  };
}

const styleOf = ({ terminal, output, now }: Context): Style => ({
  color: terminal.color,
  columns: terminal.isTTY ? terminal.columns : Number.POSITIVE_INFINITY,
  wide: output === 'wide',
  now,
});
