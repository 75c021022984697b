// What the requests of all pods amount to, every few seconds, from their logs.

import { checkAnswerable, logFilter, onlyErrors } from '#accesslog/filter.ts';
import { lineParser } from '#accesslog/line-parser.ts';
import { isOwnConnection } from '#accesslog/own-connection.ts';
import { ownedBy } from '#accesslog/owner.ts';
import { LogScan } from '#accesslog/scan.ts';
import { TopWindow, topKeyReader } from '#accesslog/top-window.ts';
import { loggedRouteFinder } from '#analysis/select/logged-route.ts';
import { pause, raceAbort } from '#core/concurrency.ts';
import type { ToolError } from '#core/error.ts';
import { limits } from '#core/limits.ts';
import type { LogStream } from '#core/pod-logs.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { isOfWhole } from '#model/access-log.ts';
import type { TopKey, TopSnapshot } from '#model/top.ts';
import { failuresOf } from './coverage.ts';
import { formatsOf } from './formats.ts';
import type { RequestsQuestion } from './logs.ts';
import { ownerOf, routesOfOnePod } from './owned-routes.ts';

export interface TopQuestion extends RequestsQuestion {
  readonly by: TopKey;
  readonly intervalMs: number;
  /** Snapshots after which it ends; undefined: it goes on until the signal aborts. */
  readonly count: number | undefined;
  /** Rows of a snapshot. */
  readonly most: number;
}

export interface TopAnswer {
  /** Why some pods did not give their logs. */
  readonly failures: readonly ToolError[];
}

/** `show` is given each snapshot, and waited for. Throws where no pod gives its log. */
export async function askTop(
  source: Source,
  question: TopQuestion,
  show: (snapshot: TopSnapshot) => Promise<void>,
  asking: Asking,
): Promise<TopAnswer> {
  const { by, owner, criteria, errorsOnly } = question;
  const parser = lineParser(await formatsOf(asking, question, source));
  checkAnswerable(criteria, parser.formats);
  const configurations = owner !== undefined || by === 'route' ? await routesOfOnePod(source) : [];
  const owned = owner === undefined ? undefined : ownedBy(ownerOf(owner, configurations));
  const live = new LiveWindow(
    new LogScan({
      parser,
      filter: logFilter(criteria),
      also: owned,
      outcome: errorsOnly ? onlyErrors(parser.formats) : undefined,
    }),
    topKeyReader(by, loggedRouteFinder(configurations)),
  );
  if (source.asOf !== undefined) return showLast(source, source.asOf, question, live, show);
  const stream = await openNewLines(source, asking);
  const reading = live.read(stream);
  try {
    await Promise.race([reading, showEach(question, live, show, asking)]);
  } finally {
    stream.close();
  }
  await reading;
  return { failures: failuresOf(stream.coverage()) };
}

/** The interval before what is saved ends. */
async function showLast(
  source: Source,
  until: Date,
  question: TopQuestion,
  live: LiveWindow,
  show: (snapshot: TopSnapshot) => Promise<void>,
): Promise<TopAnswer> {
  const { intervalMs } = question;
  const stream = await source.logs({
    container: 'istio-proxy',
    since: new Date(until.getTime() - intervalMs),
    until,
    tailLines: undefined,
    follow: false,
    maxBytes: limits.logBytes,
    note: () => {},
  });
  await live.read(stream);
  await show(snapshotOf(live.take(), question, intervalMs, until));
  return { failures: failuresOf(stream.coverage()) };
}

/** No line of before: what is shown is what happens. */
const openNewLines = (source: Source, { warn }: Asking): Promise<LogStream> =>
  source.logs({
    container: 'istio-proxy',
    since: undefined,
    until: undefined,
    tailLines: 0,
    follow: true,
    maxBytes: limits.logBytes,
    note: warn,
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
        if (!isOwnConnection(entry) && isOfWhole(entry)) this.#window.add(this.#keyOf(entry, pod), entry);
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

async function showEach(
  question: TopQuestion,
  live: LiveWindow,
  show: (snapshot: TopSnapshot) => Promise<void>,
  { now: asked, signal }: Asking,
): Promise<void> {
  const began = performance.now();
  let last = began;
  for (let n = 0; question.count === undefined || n < question.count; n++) {
    await raceAbort(pause(question.intervalMs, signal), signal);
    const now = performance.now();
    const snapshot = snapshotOf(live.take(), question, now - last, new Date(asked.getTime() + now - began));
    last = now;
    await show(snapshot);
  }
}

function snapshotOf(window: TopWindow, { by, most }: TopQuestion, intervalMs: number, at: Date): TopSnapshot {
  const rows = window.rows(intervalMs);
  const shown = rows.slice(0, most);
  return {
    at: at.toISOString(),
    intervalMs: Math.round(intervalMs),
    by,
    total: window.total(intervalMs),
    rows: shown,
    hidden: rows.length - shown.length,
  };
}
