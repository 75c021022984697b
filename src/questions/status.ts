// Is every gateway pod alive, in sync with istiod and serving the same?

import { statusOf } from '#analysis/fleet/pod-status.ts';
import { statusProblems } from '#analysis/fleet/status-problems.ts';
import type { Admin } from '#core/admin.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import type { QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { LargeAnswers } from '#dump/pod-report.ts';
import { mapOutcomes } from '#model/merge-pods.ts';
import type { ProxyInfo } from '#model/proxy.ts';
import {
  comparedAlways,
  comparedInFull,
  type PodReport,
  type PodStatus,
  pluralOf,
  type StatusProblem,
} from '#model/status.ts';
import type { ProxySync } from '#model/sync.ts';
import {
  comparableReports,
  fetchAssigned,
  fetchLarge,
  fetchSmall,
  gently,
  notCompared,
} from './compared-configuration.ts';
import { askIstiods, fetchSync } from './istiod-answers.ts';
import { fetchComparedEndpoints, fetchRouteOutlines } from './pod-configuration.ts';
import { fetchPodReport } from './pod-report.ts';

export interface StatusAnswer extends QuestionAnswer<PodStatus> {
  /** What differs and what to do, the worst first. */
  readonly problems: readonly StatusProblem[];
}

/** `full`: everything is compared, and few pods are asked at a time. */
export async function askStatus(source: Source, { full = false } = {}): Promise<StatusAnswer> {
  const contents = new Map<string, PodReport>();
  const gateway = await source.gateway();
  const [answered, sync] = await Promise.all([
    source.everyPod(
      async (admin) =>
        withSharedContents(
          (await fetchPodReport(admin, fetchRouteOutlines, full ? fetchEverything : undefined)).report,
          contents,
        ),
      undefined,
      full ? gently(gateway) : {},
    ),
    askIstiods(source, fetchSync),
  ]);
  const { outcomes, notGiven } = comparableReports(mapOutcomes(answered, (report) => ({ report })));
  const reports = mapOutcomes(outcomes, ({ report }) => report);
  const compared = (full ? comparedInFull : comparedAlways).filter((thing) => !notGiven.includes(thing));
  const answers = 'known' in sync ? sync.known : [];
  const istiods = answers.map(describeIstiod);
  const items = statusOf(reports, sync);
  return {
    gateway,
    pods: reports,
    items,
    tellsOfNoPod: true,
    problems: statusProblems(items, gateway, istiods),
    extra: { istiods, compared: compared.map(pluralOf) },
    notes: [
      ...(notGiven.length === 0 ? [] : [notCompared(notGiven.map(pluralOf))]),
      ...('known' in sync
        ? silentIstiods(answers)
        : [`cannot tell whether the pods are in sync with istiod: ${sync.missing}`]),
    ],
    incomplete:
      'missing' in sync ||
      answers.some((outcome) => !hasAnswered(outcome)) ||
      items.some((item) => item.sync.state === 'unknown'),
  };
}

async function fetchEverything(admin: Admin, { envoyVersion }: ProxyInfo): Promise<Partial<LargeAnswers>> {
  const [small, large, endpoints, assigned] = await Promise.all([
    fetchSmall(admin, envoyVersion),
    fetchLarge(admin),
    fetchComparedEndpoints(admin),
    fetchAssigned(admin),
  ]);
  return {
    ...small,
    listeners: [small, large].flatMap(({ listeners = [] }) => listeners),
    clusters: [small, large].flatMap(({ clusters = [] }) => clusters),
    endpoints,
    others: [small, assigned].flatMap(({ others = [] }) => others),
    notGiven: [small, assigned].flatMap(({ notGiven = [] }) => notGiven),
  };
}

/** Pods with the same hash hold the keys of thousands of elements once. */
function withSharedContents(report: PodReport, known: Map<string, PodReport>): PodReport {
  const { contents } = known.get(report.fingerprint) ?? report;
  const shared = contents.size === report.contents.size ? { ...report, contents } : report;
  known.set(report.fingerprint, shared);
  return shared;
}

const silentIstiods = (istiods: readonly PodOutcome<readonly ProxySync[]>[]): string[] =>
  istiods.flatMap((outcome) => ('failed' in outcome ? [outcome.failed.message] : []));

const describeIstiod = (outcome: PodOutcome<unknown>): { name: string; failed?: string } =>
  'failed' in outcome ? { name: outcome.pod.name, failed: outcome.failed.message } : { name: outcome.pod.name };
