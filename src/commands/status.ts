// `status`: is every gateway pod alive, in sync with istiod and serving the same? Which one is not, and since when?

import { consensusOf, differenceFrom } from '#analysis/consensus.ts';
import { answer, defineCommand } from '#core/command.ts';
import { ToolError } from '#core/error.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { parseJson } from '#core/json.ts';
import type { Admin, Source } from '#core/source.ts';
import { readRejectedListeners } from '#dump/listener-state.ts';
import { readLogLevels } from '#dump/logging.ts';
import { reportOf } from '#dump/pod-report.ts';
import { readRoutes } from '#dump/routes.ts';
import { readSecrets } from '#dump/secrets.ts';
import { readServerInfo } from '#dump/server-info.ts';
import { fetchJson } from '#envoy/admin.ts';
import { type DumpQuery, fetchConfigDump } from '#envoy/config-dump.ts';
import { mergeSync, readSyncz } from '#istiod/syncz.ts';
import type { PodReport, PodStatus } from '#model/status.ts';
import type { ProxySync } from '#model/sync.ts';
import { statusView } from '#render/status.ts';

export default defineCommand({
  name: 'status',
  aliases: ['ps'],
  group: 'ask',
  summary: 'Is every gateway pod alive, in sync with istiod and serving the same?',
  details: `CONFIG is a hash of the routes and certificates that a pod serves: pods with the same serve the same. SYNCED is
istiod's word: the pod acknowledged the last update. NOT CONNECTED means that every istiod answered and none knows the pod.`,
  examples: [
    { args: 'status', describe: 'alike pods on one line, then those that differ, and what to do' },
    { args: 'status --every-pod', describe: 'a line for every pod' },
    { args: 'status -o json', describe: 'for scripts' },
  ],
  flags: { 'every-pod': { type: 'boolean', describe: 'a line for every pod, also for those that are alike' } },
  run: async (context, flags) => {
    const source = await context.source();
    const [gateway, reports, sync] = await Promise.all([source.gateway(), source.everyPod(fetchReport), askIstiods(source)]);
    const { istiods } = sync;
    const consensus = consensusOf(reports.filter(hasAnswered).map(({ ok }) => ok));
    return answer({
      view: statusView({ everyPod: flags['every-pod'] }),
      gateway,
      pods: reports,
      items: reports.map((outcome) => statusOf(outcome, sync, consensus)),
      extra: { istiods: istiods.map(describeIstiod) },
      notes: sync.unlisted === undefined ? silentIstiods(istiods) : [`nothing is known of the connection to istiod: ${sync.unlisted}`],
      incomplete: sync.unlisted !== undefined || istiods.some((outcome) => !hasAnswered(outcome)),
    });
  },
});

interface Sync {
  readonly istiods: readonly PodOutcome<readonly ProxySync[]>[];
  /** Why istiods could not even be listed: the pods' own answers are shown all the same. */
  readonly unlisted: string | undefined;
}

async function askIstiods(source: Source): Promise<Sync> {
  try {
    const istiods = await source.everyIstiod(async (debug) => readSyncz(parseJson(await debug.get('debug/syncz'), `debug/syncz of ${debug.pod.name}`)));
    return { istiods, unlisted: undefined };
  } catch (error) {
    if (!(error instanceof ToolError) || error.code === 'interrupted') throw error;
    return { istiods: [], unlisted: error.message };
  }
}

async function fetchReport(admin: Admin): Promise<PodReport> {
  const proxy = readServerInfo(await fetchJson(admin, { path: 'server_info' }));
  return reportOf({
    proxy,
    routes: readRoutes(await fetchConfigDump(admin, { resource: 'dynamic_route_configs' })),
    secrets: [
      ...readSecrets(await fetchConfigDump(admin, { resource: 'dynamic_active_secrets' })),
      ...readSecrets(await fetchConfigDump(admin, { resource: 'dynamic_warming_secrets' })),
    ],
    rejectedListeners: readRejectedListeners(await fetchConfigDump(admin, listenerState(proxy.envoyVersion))),
    logLevels: readLogLevels(await admin.logging()),
  });
}

/** From Envoy 1.19 on a mask is safe, and keeps the megabytes of filter chains out of the answer. */
function listenerState(envoyVersion: string): DumpQuery {
  const [major = 0, minor = 0] = envoyVersion.split('.').map(Number);
  const isMaskSafe = major > 1 || minor >= 19;
  const mask = 'name,error_state.details,error_state.last_update_attempt,error_state.version_info';
  return { resource: 'dynamic_listeners', ...(isMaskSafe ? { mask } : {}) };
}

function statusOf(outcome: PodOutcome<PodReport>, { istiods, unlisted }: Sync, consensus: PodReport | undefined): PodStatus {
  const report = hasAnswered(outcome) ? outcome.ok : undefined;
  return {
    pod: outcome.pod,
    report,
    failure: 'failed' in outcome ? outcome.failed.message : undefined,
    sync: unlisted === undefined ? mergeSync(outcome.pod, istiods) : { state: 'unknown', why: unlisted },
    difference: differenceFrom(consensus, report),
  };
}

const silentIstiods = (istiods: Sync['istiods']): string[] => istiods.flatMap((outcome) => ('failed' in outcome ? [outcome.failed.message] : []));

const describeIstiod = (outcome: PodOutcome<unknown>): { name: string; failed?: string } =>
  'failed' in outcome ? { name: outcome.pod.name, failed: outcome.failed.message } : { name: outcome.pod.name };
