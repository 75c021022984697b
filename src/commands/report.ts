// `report`: the incident as one page that asks for nothing from anywhere, with its snapshot inside.

import { basename, join } from 'node:path';
import { answer, type Context, defineCommand, type Outcome } from '#command/command.ts';
import type { FlagValues } from '#command/flag.ts';
import { againFor, nextStepsAgain } from '#command/next-step.ts';
import { sourceOptions } from '#command/source-options.ts';
import { ToolError } from '#core/error.ts';
import { exitCode } from '#core/exit-code.ts';
import { hasAnswered } from '#core/fleet.ts';
import { limits } from '#core/limits.ts';
import type { QuestionAnswer } from '#core/question.ts';
import { step, stepText } from '#core/shell.ts';
import type { Source } from '#core/source.ts';
import { defaultNamespace } from '#core/source-options.ts';
import type { CheckResult } from '#model/finding.ts';
import type { Report, ReportLink } from '#model/report.ts';
import { errorLines } from '#render/format/error.ts';

const flags = {
  since: {
    type: 'duration',
    value: 'TIME',
    describe: 'how far the logs reach back (15m, or as far as the snapshot has them)',
  },
  link: {
    type: 'strings',
    raw: true,
    value: 'NAME=URL',
    describe: 'a link on the page, e.g. to a dashboard; may be repeated',
  },
  anonymous: {
    type: 'boolean',
    describe:
      'names, hosts and addresses become others, as with snapshot --anonymous; FILE.key.json has what stands for what',
  },
  force: { type: 'boolean', describe: 'replace the file where it exists' },
} as const;

type ReportFlags = FlagValues<typeof flags>;

export default defineCommand({
  name: 'report',
  group: 'look',
  summary: 'The incident as one HTML page for the post-mortem, its data inside: of a snapshot, or now',
  details: `On the page are: the worst in one sentence, requests and errors over time with what changed on the same axis, the fleet by configuration, what check
finds and what it could not evaluate, each host with its certificate, routes, endpoints, requests and what explain says of the commonest ones, what
differs between pods, errors that are alike with lines of the log, versions, rights that were missing. It asks for nothing from anywhere, and the
snapshot is inside: --from takes the page as well. What a snapshot leaves out is left out here. Without FILE the page goes to stdout.`,
  examples: [
    { args: 'report incident.html', describe: 'of now: the page, with a snapshot inside' },
    { args: 'report postmortem.html --from incident.tgz', describe: 'of a snapshot that was made before' },
    {
      args: "report incident.html --link 'Ingress=https://grafana.example.org/d/ingress'",
      describe: 'with a link to a dashboard',
    },
    { args: 'report -o json --from incident.tgz', describe: 'what the page shows, for scripts' },
  ],
  arguments: [{ name: 'FILE', describe: 'the page to write', optional: true }],
  flags,
  outputs: ['json', 'yaml', 'jsonpath'],
  run: async (context, given, [path]) => {
    const links = given.link.map(readLink);
    const { from } = sourceOptions(given, context.env);
    checkTogether(given, { path, from }, context);
    const { expectWritable } = await import('#files/private-file.ts');
    if (path !== undefined) await expectWritable(path, given.force);
    return withSnapshot(given, { path, from }, context, async (file, source) => {
      const asked = await askAbout(file, source, { since: given.since, links, path }, context);
      return context.output === 'table'
        ? writePage(asked, { file, path, mayReplace: given.force }, context)
        : answer({ ...asked, view: (await import('#render/views/report.ts')).reportView });
    });
  },
});

function readLink(text: string): ReportLink {
  const [, name = '', address = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  const url = URL.parse(address);
  if (name.trim() === '' || url === null || !['http:', 'https:'].includes(url.protocol))
    throw new ToolError('usage', `--link takes NAME=URL with an http or https URL, not "${text}"`);
  return { name: name.trim(), url: url.href };
}

interface Files {
  /** The page; undefined: stdout. */
  readonly path: string | undefined;
  /** What is saved already. */
  readonly from: string | undefined;
}

function checkTogether({ anonymous, force }: ReportFlags, { path, from }: Files, { output, terminal }: Context): void {
  const wrong = (message: string, hint?: string): ToolError => new ToolError('usage', message, { hint });
  if (output !== 'table' && path !== undefined) throw wrong('-o prints to stdout, and FILE is for the page');
  if (anonymous && from !== undefined)
    throw wrong('--anonymous is for what is read now', 'or: kubectl istio-ingress snapshot --anonymous');
  if (path !== undefined) return;
  if (anonymous) throw wrong('--anonymous needs FILE: the key is written beside it');
  if (force) throw wrong('--force replaces FILE, and none is named');
  if (output === 'table' && terminal.isTTY)
    throw wrong('a page is not for a terminal', 'name a file: kubectl istio-ingress report incident.html');
}

/** What is said live is said of a snapshot that is made now: the page says what it has inside, and is redacted as that. */
async function withSnapshot<T>(
  given: ReportFlags,
  { path, from }: Files,
  context: Context,
  use: (file: string, source: Source) => Promise<T>,
): Promise<T> {
  if (from !== undefined) return use(from, await context.source());
  const [{ rm }, { temporaryDirectory }, { openSaved }] = await Promise.all([
    import('node:fs/promises'),
    import('#files/private-directory.ts'),
    import('#source/saved.ts'),
  ]);
  const directory = await temporaryDirectory('report');
  try {
    const file = join(directory, 'incident.tgz');
    await makeSnapshot(file, path, given, context);
    const { namespace, istioNamespace } = sourceOptions(given, context.env).gateway;
    return await use(file, await openSaved(file, { gateway: { namespace, istioNamespace } }, context.signal));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function makeSnapshot(
  file: string,
  path: string | undefined,
  given: ReportFlags,
  context: Context,
): Promise<void> {
  const [{ askSnapshot }, { snapshotQuestion }] = await Promise.all([
    import('#questions/snapshot/snapshot.ts'),
    import('#questions/snapshot/making.ts'),
  ]);
  const question = snapshotQuestion(sourceOptions(given, context.env).gateway, context.version, {
    sinceMs: given.since,
    anonymous: given.anonymous,
  });
  const keyPath = `${path}.key.json`;
  await askSnapshot(await context.source(), question, { path: file, keyPath, mayReplace: given.force }, context);
  context.signal.throwIfAborted();
  if (given.anonymous) context.warn(`the key is in ${keyPath}: do not give it away with the page`);
}

interface Asked {
  readonly since: number | undefined;
  readonly links: readonly ReportLink[];
  readonly path: string | undefined;
}

async function askAbout(
  file: string,
  source: Source,
  { since, links, path }: Asked,
  context: Context,
): Promise<QuestionAnswer<Report>> {
  const [{ askReport }, { readContents }, { reportWords }] = await Promise.all([
    import('#questions/report/report.ts'),
    import('#questions/report/contents.ts'),
    import('#render/views/report.ts'),
  ]);
  const saved = await readContents(file, context.signal);
  const now = source.asOf ?? context.now;
  const question = {
    version: context.version,
    contents: saved.contents,
    origin: saved.origin,
    since: since === undefined && saved.since ? saved.since : new Date(now.getTime() - (since ?? limits.logSpanMs)),
    maxBytes: limits.logBytes,
    istioNamespace: source.chosenBy?.istioNamespace ?? defaultNamespace,
    links,
    words: reportWords,
  };
  const { items, ...asked } = await askReport(source, question, { ...context, now });
  // Whoever has the page has the snapshot: next steps ask that.
  const again = againFor({ from: basename(path ?? 'incident.html') }, {});
  const withSteps = (check: CheckResult): CheckResult => ({
    ...check,
    findings: nextStepsAgain(check.findings, again),
  });
  return { ...asked, items: items.map((report) => ({ ...report, checks: report.checks.map(withSteps) })) };
}

interface Page {
  /** The snapshot. */
  readonly file: string;
  readonly path: string | undefined;
  readonly mayReplace: boolean;
}

async function writePage(
  { items, pods, notes = [], incomplete }: QuestionAnswer<Report>,
  { file, path, mayReplace }: Page,
  { warn, signal }: Context,
): Promise<Outcome> {
  const [{ renderPage }, { archiveStart, pageStart }, { readArchive }, { writePrivateFile }] = await Promise.all([
    import('#render/page/html.ts'),
    import('#files/page-archive.ts'),
    import('#files/tgz.ts'),
    import('#files/private-file.ts'),
  ]);
  const report = items[0] as Report;
  const isArchive = report.contents.files !== undefined;
  const archive = isArchive ? (await readArchive(file, limits.pageArchiveBytes, signal)).toString('base64') : undefined;
  const page = renderPage({ report, archive, start: pageStart, archiveStart });
  const failures = pods.flatMap((outcome) => (hasAnswered(outcome) ? [] : [outcome.failed]));
  for (const line of [...failures.flatMap((failure) => errorLines(failure, false)), ...notes]) warn(line);
  const code = incomplete === true || failures.length > 0 ? exitCode.partial : exitCode.ok;
  if (path === undefined) return { text: { document: page }, exitCode: code };
  await writePrivateFile(path, page, mayReplace);
  const size = `${(Buffer.byteLength(page) / 1024 / 1024).toFixed(1)} MiB`;
  return {
    text: [
      `wrote ${path}, ${size}: open it in a browser`,
      ...(isArchive
        ? [`ask it: ${stepText(step`kubectl istio-ingress check --from ${path}`)}`]
        : ['what it was made of is not inside: a directory of config-dump is no snapshot']),
    ],
    exitCode: code,
  };
}
