// The incident as one document, of a snapshot: everything that the page shows. What could not be told is in it as a gap.

import { checks } from '#analysis/checks/all.gen.ts';
import { compareText } from '#core/compare.ts';
import { hasAnswered } from '#core/fleet.ts';
import { triedTo } from '#core/known.ts';
import type { Asking, QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { comparedKinds } from '#model/difference.ts';
import type { ErrorVerdict } from '#model/log-summary.ts';
import type { Bounded, Contents, Gap, Part, Report, ReportLink, Traffic } from '#model/report.ts';
import type { PodStatus } from '#model/status.ts';
import { askHostCertificates } from '#questions/certs/host-certificates.ts';
import { askCheck } from '#questions/check/check.ts';
import { askDiff, type DiffQuestion } from '#questions/diff.ts';
import { askDoctor } from '#questions/doctor.ts';
import type { GroupConfiguration } from '#questions/explain/explain.ts';
import { fetchWholeConfiguration } from '#questions/explain/explain-on-pod.ts';
import { askOneOfEach } from '#questions/one-of-each.ts';
import { askRoutes } from '#questions/routes.ts';
import { askStatus, type StatusAnswer } from '#questions/status.ts';
import { askTimeline } from '#questions/timeline.ts';
import { askVersions } from '#questions/version.ts';
import { fleetOf, groupsOf } from './fleet.ts';
import { type HostWords, reportHosts } from './hosts.ts';
import { rememberingLists } from './remembered.ts';
import { askRequests, type LoggedRequests } from './requests.ts';
import { worstOf } from './worst.ts';

export interface ReportQuestion {
  /** Of the tool. */
  readonly version: string;
  /** What the source was read from. */
  readonly contents: Contents;
  /** What that was made of. */
  readonly origin: string;
  /** Nothing older. */
  readonly since: Date;
  /** Of one pod's log. */
  readonly maxBytes: number;
  readonly istioNamespace: string;
  readonly links: readonly ReportLink[];
  readonly words: ReportWords;
}

/** What things are called is the renderers' to say. */
export interface ReportWords extends HostWords {
  readonly elements: DiffQuestion['describe'];
  verdict(verdict: ErrorVerdict): string;
}

/** Of the differences between pods, and of the errors that are alike. */
const mostShown = 200;

/** Throws where not even the gateway is known. */
export async function askReport(
  given: Source,
  question: ReportQuestion,
  asking: Asking,
): Promise<QuestionAnswer<Report>> {
  const source = rememberingLists(given);
  const gaps: Gap[] = [];
  const ask = asker(gaps, asking);
  const gateway = await source.gateway();
  const requests = await ask('logs', 'the logs', (quiet) => askRequests(source, question, quiet));
  for (const why of requests?.gaps ?? []) gaps.push({ part: 'logs', why });
  const timeline = await ask('timeline', 'the timeline', (quiet) =>
    askTimeline(source, { ...question, criteria: [], format: undefined, owner: undefined }, quiet),
  );
  const status = await ask('fleet', 'the pods', () => askStatus(source, { full: true }));
  const checked = await ask('findings', 'the checks', (quiet) => askCheck(source, { checks: evaluated }, quiet));
  const drift = await ask('drift', 'what differs', () =>
    askDiff(source, { kinds: comparedKinds, describe: question.words.elements }),
  );
  const hosts = await ask('hosts', 'the hosts', (quiet) => hostsOf(source, { requests, status }, question, quiet));
  const versions = await ask('versions', 'the versions', () => askVersions(source));
  const rights = await ask('rights', 'the rights', () => askRights(source, question.istioNamespace));
  const takenAt = asking.now.toISOString();
  const report: Report = {
    tool: question.version,
    takenAt,
    origin: question.origin,
    server: source.server,
    user: rights?.user,
    gateway: { namespace: gateway.namespace, name: gateway.name, kind: gateway.kind },
    window: { from: question.since.toISOString(), to: takenAt },
    worst: worstOf({
      requests: requests && {
        ...requests,
        requests: subjectsOf(requests),
        errors: requests.summary.errors,
        hosts: requests.hosts.counts,
      },
      checks: checked?.items,
      pods: gateway.pods.length,
    }),
    traffic: requests && trafficOf(requests, question.words),
    moments: timeline?.items ?? [],
    fleet: fleetOf(status?.items ?? [], gateway),
    checks: checked?.items ?? [],
    hosts: hosts ?? [],
    drift: bounded((drift?.items ?? []).map(({ value, pods }) => ({ ...value, pods }))),
    signatures: bounded((requests?.signatures ?? []).toSorted((a, b) => b.count - a.count)),
    versions: versions?.items ?? [],
    rights: rights?.missing ?? [],
    contents: question.contents,
    gaps: once(gaps),
    links: question.links,
  };
  const pods = status?.pods ?? [];
  const { missing } = question.contents;
  const failures = new Set(pods.flatMap((outcome) => (hasAnswered(outcome) ? [] : [outcome.failed.message])));
  return {
    gateway,
    pods,
    items: [report],
    // As `snapshot` says of itself: what is not in it counts, whether or not something on the page needs it.
    notes: [...new Set([...report.gaps.map(({ why }) => why), ...missing])].filter((why) => !failures.has(why)),
    incomplete: gaps.length > 0 || missing.length > 0 || checked?.incomplete === true,
  };
}

/** Without that of the file of known findings. */
const evaluated = checks
  .filter(({ needs }) => !needs.includes('knownFindings'))
  .toSorted((a, b) => compareText(a.id, b.id));

type Ask = <T>(part: Part, what: string, question: (quiet: Asking) => Promise<T>) => Promise<T | undefined>;

/** What could not be told becomes a gap of that part of the report, as do the notes of an answer. */
function asker(gaps: Gap[], asking: Asking): Ask {
  return async (part, what, question) => {
    asking.progress(`report: ${what}`);
    const note = (why: string): void => void gaps.push({ part, why });
    const tried = await triedTo(question({ ...asking, warn: note }));
    if ('failed' in tried) {
      note(tried.failed.message);
      return undefined;
    }
    const { notes = [], pods = [], incomplete = false } = tried.ok as Partial<QuestionAnswer>;
    // What a check could not look at stands with the checks; other notes of a whole answer are no gaps, but those about
    // what was not compared.
    const areGaps = part === 'drift' || part === 'fleet' || (incomplete && part !== 'findings');
    if (areGaps) for (const why of notes) note(why);
    for (const outcome of pods) if (!hasAnswered(outcome)) note(outcome.failed.message);
    return tried.ok;
  };
}

const once = (gaps: readonly Gap[]): Gap[] => [
  ...new Map(gaps.map((gap) => [`${gap.part}\n${gap.why}`, gap])).values(),
];

const bounded = <T>(all: readonly T[]): Bounded<T> => ({ of: all.length, shown: all.slice(0, mostShown) });

const subjectsOf = ({ summary }: LoggedRequests): number => summary.requests + summary.connections;

function trafficOf({ summary }: LoggedRequests, words: ReportWords): Traffic {
  const { requests, connections, errors, refused, from, to, verdict, timeline } = summary;
  return {
    ...{ requests, connections, errors, refused, from, to },
    verdict: verdict && words.verdict(verdict),
    ...timeline,
  };
}

async function hostsOf(
  source: Source,
  { requests, status }: { readonly requests: LoggedRequests | undefined; readonly status: StatusAnswer | undefined },
  { words }: ReportQuestion,
  asking: Asking,
) {
  const certificates = await askHostCertificates(source, everyHost, asking);
  const routes = await askRoutes(source, { filter: {} });
  const groups = await configurationsOf(source, status?.items ?? []);
  if (certificates.incomplete) for (const why of certificates.notes ?? []) asking.warn(why);
  const facts = {
    certificates: certificates.items,
    routes: routes.items,
    groups,
    requests: requests?.hosts,
    answer: status ?? certificates,
    now: asking.now,
  };
  return reportHosts(source, facts, words);
}

const everyHost = { asked: undefined, part: 'certificate', served: false, failWithin: undefined } as const;

async function configurationsOf(source: Source, statuses: readonly PodStatus[]): Promise<GroupConfiguration[]> {
  const groups = groupsOf(statuses).map((group) => group.map(({ pod }) => pod.name));
  const outcomes = await askOneOfEach(source, groups, fetchWholeConfiguration);
  return outcomes.flatMap((outcome, index) =>
    outcome && hasAnswered(outcome) ? [{ pods: groups[index] ?? [], configuration: outcome.ok }] : [],
  );
}

interface Rights {
  readonly user: string | undefined;
  readonly missing: Report['rights'];
}

async function askRights(source: Source, istioNamespace: string): Promise<Rights> {
  const { namespace } = await source.gateway();
  const { items, extra } = await askDoctor({
    opened: Promise.resolve(source),
    gateway: { namespace, istioNamespace },
  });
  return {
    user: extra?.['user'] as string | undefined,
    missing: items.flatMap(({ name, state, says, hint = '' }) =>
      state === 'ok' || name === 'clock' ? [] : [{ says, lost: [hint].flat().join('; ') }],
    ),
  };
}
