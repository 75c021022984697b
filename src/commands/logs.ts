// `logs`: the access logs of every gateway pod as one stream: who gets errors, since when, and why.

import { type Context, defineCommand } from '#command/command.ts';
import { type LogsFlags, logsFlags } from '#command/log-flags.ts';
import { ToolError } from '#core/error.ts';
import { type ExitCode, exitCode } from '#core/exit-code.ts';
import { limits } from '#core/limits.ts';
import { readMoment } from '#core/moment.ts';
import type { Source } from '#core/source.ts';
import type { AccessLogFormat } from '#model/access-log.ts';
import type { LogFile } from '#questions/logs/feed.ts';
import type { LogsAnswer, LogsQuestion } from '#questions/logs/logs.ts';

export default defineCommand({
  name: 'logs',
  group: 'ask',
  summary: 'The access logs of every gateway pod as one stream: who gets errors, since when, and why',
  details: `Lines stand in the order of the kubelet's time, which is when the request ended. The format is found in the live configuration.
A line that cannot be parsed is shown as it is. Where a pod's current log file does not reach back to --since, a note says so and the exit
code is 3. An error is a 5xx, a flag that means failure (UF, UC, URX…), a gRPC failure, a gRPC request that the gateway refused (both have code 200),
or a request or connection without a response code that has a flag. 4xx that the gateway itself answers are counted beside the errors.
--fail-on with nothing to judge (no access log, no line in the window) is exit code 3, not 0.`,
  examples: [
    { args: 'logs --status 5xx --explain', describe: 'the errors of the last five minutes, and what they mean' },
    { args: 'logs -f --host svc1.discovery.wmnet', describe: 'follow the requests for a host on all pods' },
    { args: 'logs --summary --since 1h', describe: 'how many errors, where, since when' },
    {
      args: "logs --summary --for svc1 --fail-on 'errors>1%'",
      describe: 'for a deployment script: exit code 1 if the errors are too many',
    },
    { args: 'logs --from incident.tgz --errors', describe: 'the same questions of a snapshot, as of then' },
    { args: 'logs --from export.json.gz --flag UF', describe: 'and of exported logs' },
  ],
  flags: logsFlags,
  outputs: ['table', 'wide', 'json'],
  needsLive: true,
  run: async (context, flags) => {
    const opened = await openFrom(flags, context);
    checkTogether(flags, opened.isExported);
    // Loads the parsers only now: no other command pays for them.
    const { askLogs, askLogFormats } = await import('#questions/logs/logs.ts');
    if (flags['show-format']) return { text: { document: formatsText(await askLogFormats(await context.source())) } };
    const [{ logsText }, { explainEntry }, { isError }] = await Promise.all([
      import('#render/views/logs.ts'),
      import('#accesslog/causes.ts'),
      import('#accesslog/failure.ts'),
    ]);
    const { from, now } = opened;
    const asking = { ...context, now };
    const question = await questionOf(flags, now, opened.isExported);
    const text = logsText(flags, asking, { isError, explain: flags.explain ? explainEntry : undefined });
    const logs = await askLogs(await from(), question, { ...text, write: writerOf(context, flags) }, asking);
    for (const line of text.notes(logs)) context.warn(line);
    const shown = logs.summary ? text.summary({ ...logs, ...logs.summary }) : [];
    return { text: shown, exitCode: codeOf(logs.judgement, text.isComplete(logs)) };
  },
});

interface From {
  readonly from: () => Promise<Source | LogFile>;
  /** A file of exported logs, or stdin. */
  readonly isExported: boolean;
  /** Of a snapshot, when it was made. */
  readonly now: Date;
}

/** --from is a snapshot, or exported logs: what is in the file tells. */
async function openFrom({ from: name }: LogsFlags, context: Context): Promise<From> {
  const isSaved = name === undefined || (await isSavedGateway(name));
  if (!isSaved) return { from: async () => ({ name, stdin: context.openStdin() }), isExported: true, now: context.now };
  const { source } = context;
  return {
    from: source,
    isExported: false,
    now: (name === undefined ? undefined : (await source()).asOf) ?? context.now,
  };
}

async function isSavedGateway(path: string): Promise<boolean> {
  if (path === '-') return false;
  const { isSaved } = await import('#source/saved-files.ts');
  return isSaved(path);
}

/** A line of the table goes through the gate as a line; --raw and JSON go through as documents. */
const writerOf = ({ output, writeLines, writeDocument }: Context, { raw }: LogsFlags): Context['writeDocument'] =>
  raw || output === 'json' ? writeDocument : writeLines;

function codeOf(judgement: LogsAnswer['judgement'], isComplete: boolean): ExitCode {
  if (judgement === 'beyond') return exitCode.findings;
  return isComplete && (judgement === undefined || judgement === 'within') ? exitCode.ok : exitCode.partial;
}

const formatsText = (formats: readonly AccessLogFormat[]): string =>
  formats
    .map((format) => `${format.kind === 'text' ? format.text.trimEnd() : JSON.stringify(format.json, null, 2)}\n`)
    .join('');

const defaultSinceMs = 5 * 60_000;

async function questionOf(flags: LogsFlags, now: Date, isExported: boolean): Promise<LogsQuestion> {
  const [{ readCriteria }, { readThreshold }, { readMap }] = await Promise.all([
    import('#accesslog/criteria.ts'),
    import('#accesslog/threshold.ts'),
    import('#accesslog/split-line.ts'),
  ]);
  return {
    criteria: readCriteria(flags),
    errorsOnly: flags.errors,
    keys: readMap(flags.map),
    format: flags.format,
    owner: flags.for,
    since: sinceOf(flags, now, isExported),
    until: flags.until === undefined ? undefined : readMoment(flags.until, 'until', now),
    tailLines: flags.tail === -1 ? undefined : flags.tail,
    follow: flags.follow,
    maxBytes: flags['max-log'] === undefined ? limits.logBytes : flags['max-log'] * 1024 * 1024,
    showsAll: flags.all,
    withRoute: flags['with-route'],
    summaryOf: flags.summary ? flags.most : undefined,
    isTooMany: flags['fail-on'] === undefined ? undefined : readThreshold(flags['fail-on']),
  };
}

/** Of exported logs, and with --tail, there is no limit but a given one. */
function sinceOf({ since, 'since-time': moment, tail }: LogsFlags, now: Date, isExported: boolean): Date | undefined {
  if (moment !== undefined) return readMoment(moment, 'since-time', now);
  if (since === undefined && (tail !== undefined || isExported)) return undefined;
  return new Date(now.getTime() - (since ?? defaultSinceMs));
}

const ofClusters = [
  ['tail', 'from'],
  ['with-route', 'from'],
  ['show-format', 'from'],
] as const;

/** Refuses flags that have no meaning together. */
function checkTogether(given: LogsFlags, isExported: boolean): void {
  if (given.map.length > 0 && !isExported)
    throw new ToolError('usage', '--map is for exported logs: it needs --from FILE');
  const name = (one: keyof LogsFlags): string => `--${one}`;
  const isGiven = (one: keyof LogsFlags): boolean => given[one] !== undefined && given[one] !== false;
  const pairs: readonly (readonly [keyof LogsFlags, keyof LogsFlags])[] = [
    ['since', 'since-time'],
    ['follow', 'until'],
    ['follow', 'summary'],
    ['follow', 'fail-on'],
    ['follow', 'from'],
    ['raw', 'summary'],
    ...(isExported ? ofClusters : []),
  ];
  const wrong = pairs.find(([a, b]) => isGiven(a) && isGiven(b));
  if (!wrong) return;
  const hint = wrong.includes('summary') && wrong.includes('follow') ? 'live: kubectl istio-ingress top' : undefined;
  throw new ToolError('usage', `${name(wrong[0])} and ${name(wrong[1])} cannot be used together`, { hint });
}
