// The state of each pod from its own answers and those of all istiods.

import { mergeSync } from '#analysis/istio/sync.ts';
import { hasAnswered, type PodOutcome, type PodRef } from '#core/fleet.ts';
import type { Known } from '#core/known.ts';
import type { PodReport, PodStatus } from '#model/status.ts';
import type { PodSync, ProxySync } from '#model/sync.ts';
import { consensusOf, differenceFrom } from './consensus.ts';

export type SyncAnswers = Known<readonly PodOutcome<readonly ProxySync[]>[]>;

/** In the order of the pods. */
export function statusOf(reports: readonly PodOutcome<PodReport>[], sync: SyncAnswers): PodStatus[] {
  const consensus = consensusOf(reports.filter(hasAnswered).map(({ ok }) => ok));
  return reports.map((outcome) => {
    const report = hasAnswered(outcome) ? outcome.ok : undefined;
    return {
      pod: outcome.pod,
      report,
      failure: 'failed' in outcome ? outcome.failed.message : undefined,
      sync: syncOfProxy(report, outcome.pod, sync),
      difference: differenceFrom(consensus, report),
    };
  });
}

/** Of a proxy that asks an istiod of another namespace, or outside, those that were asked know nothing. */
function syncOfProxy(report: PodReport | undefined, pod: PodRef, answers: SyncAnswers): PodSync {
  const sync = syncOfPod(pod, answers);
  const [asked] = 'known' in answers ? answers.known : [];
  const address = report?.proxy.istiodAddress;
  if (sync.state !== 'not-connected' || asked === undefined || address === undefined) return sync;
  const { namespace } = asked.pod;
  if (namespaceIn(address) === namespace) return sync;
  return {
    state: 'unknown',
    why: `its istiod is ${address}, and not in namespace ${namespace}: see --istio-namespace`,
  };
}

/** Of `istiod.istio-system.svc:15012`; undefined where it is no Service's name. */
const namespaceIn = (address: string): string | undefined =>
  /^[^.:]+\.([^.:]+)(?:\.svc(?:\.[^:]+)?)?(?::\d+)?$/.exec(address)?.[1];

export const syncOfPod = (pod: PodRef, sync: SyncAnswers): PodSync =>
  'missing' in sync ? { state: 'unknown', why: sync.missing } : mergeSync(pod, sync.known);
