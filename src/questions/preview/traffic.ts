// The requests of the access logs, live or exported, judged as the gateway answers them now and as it would.

import { logFilter } from '#accesslog/filter.ts';
import { type CompiledFormat, fieldsReader, lineParser } from '#accesslog/line-parser.ts';
import { LogScan } from '#accesslog/scan.ts';
import type { ReadValue } from '#accesslog/text-parser.ts';
import { TrafficJudge } from '#analysis/select/judged-traffic.ts';
import { answerFields } from '#analysis/select/logged-answer.ts';
import { headerOperations } from '#analysis/translate/header-difference.ts';
import type { Translation } from '#analysis/translate/translate.ts';
import { ToolError } from '#core/error.ts';
import { limits } from '#core/limits.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { isOfWhole } from '#model/access-log.ts';
import type { Gathered, SharedConfiguration } from '#model/gathered.ts';
import type { TrafficChange, TrafficTotals } from '#model/preview.ts';
import { failuresOf, gapsOf } from '#questions/logs/coverage.ts';
import { fileFeed, type LogFile, liveFeed } from '#questions/logs/feed.ts';
import { formatsOf } from '#questions/logs/formats.ts';

/** A moment from which on the pods' logs are read, or a file. */
export type TrafficQuestion = { readonly since: Date } | LogFile;

export interface JudgedTraffic {
  readonly changes: readonly TrafficChange[];
  readonly totals: TrafficTotals;
  readonly notes: readonly string[];
}

interface Worlds {
  readonly before: Gathered;
  readonly after: Gathered;
  /** What the objects make of it then. */
  readonly translation: Translation;
}

/** By what most of the pods serve. Throws where no request can be read. */
export async function judgeTraffic(
  source: Source,
  question: TrafficQuestion,
  { before, after, translation }: Worlds,
  asking: Asking,
): Promise<JudgedTraffic> {
  const [now, then] = [mostServed(before, before), mostServed(before, after)];
  const judge = new TrafficJudge(now, then, headerOperations(translation));
  const parser = lineParser(await formatsOf(asking, {}, source));
  const scan = new LogScan({ parser, filter: logFilter([]) });
  const fieldsOf = fieldsReader([...answerFields, 'logType']);
  const take = (format: CompiledFormat, read: ReadValue): string => {
    const request = fieldsOf(format, read);
    // A connection that brought no request has no path.
    if (request.authority !== undefined && request.path !== undefined && isOfWhole(request)) judge.add(request);
    return '';
  };
  const feed =
    'since' in question
      ? await liveFeed(source, { ...wholeLog, since: question.since }, asking)
      : fileFeed(question, asking, parser, (block) => scan.sift(block, take));
  for await (const lines of feed.blocks) {
    for (const line of lines) {
      const scanned = typeof line === 'string' ? undefined : scan.read(line.text);
      if (scanned?.kind === 'access') take(scanned.format, (slot) => scanned.values[slot]);
    }
  }
  const coverage = feed.coverage();
  const failures = failuresOf(coverage);
  const totals = { ...judge.totals(), unread: scan.counts.unparsed };
  if (totals.requests === 0 && 'name' in question)
    throw new ToolError(
      'bad-answer',
      `cannot judge the requests of ${question.name}: there is no line of an access log in it`,
    );
  return {
    changes: judge.changes(),
    totals,
    notes: [
      ...failures.map(({ message }) => `not judged: requests of a pod: ${message}`),
      ...gapsOf(coverage).map((gap) => `not judged: a part of the requests of ${gap}`),
    ],
  };
}

const wholeLog = { until: undefined, tailLines: undefined, follow: false, maxBytes: limits.logBytes } as const;

/** `of`: how it would be. */
function mostServed({ configurations }: Gathered, of: Gathered): ConstructorParameters<typeof TrafficJudge>[0] {
  const whole = configurations.filter(({ large }) => large !== undefined);
  const most = whole.toSorted((a, b) => b.pods.length - a.pods.length)[0] as SharedConfiguration;
  const { routes, large } = of.configurations[configurations.indexOf(most)] as SharedConfiguration;
  const { listeners = [], clusters = [] } = large ?? {};
  return { routes, listeners, clusters: new Set(clusters.map(({ name }) => name)) };
}
