// What every pod is asked for by `status` and `check`: small answers, asked for together.

import type { Admin } from '#core/admin.ts';
import { readRejectedListeners } from '#dump/listener-state.ts';
import { readListeners } from '#dump/listeners.ts';
import { readLogLevels } from '#dump/logging.ts';
import { type LargeAnswers, reportOf, withLarge } from '#dump/pod-report.ts';
import { readServerInfo } from '#dump/server-info.ts';
import { fetchJson } from '#envoy/admin.ts';
import { type DumpQuery, fetchConfigDump, maskFor } from '#envoy/config-dump.ts';
import type { Secret } from '#model/certificate.ts';
import type { ProxyInfo } from '#model/proxy.ts';
import type { RouteConfiguration, RoutesOutline } from '#model/route.ts';
import type { PodReport } from '#model/status.ts';
import { fetchSecrets } from './pod-configuration.ts';

export interface PodAnswers<Routes extends RoutesOutline = RouteConfiguration> {
  readonly report: PodReport;
  readonly routes: readonly Routes[];
  readonly secrets: readonly Secret[];
  /** Names. */
  readonly warmingListeners: readonly string[];
}

/**
 * `fetchRoutes`: the routes themselves, or what they are compared by. `fetchMore`: what is compared besides routes and
 * certificates.
 */
export async function fetchPodReport<Routes extends RoutesOutline>(
  admin: Admin,
  fetchRoutes: (admin: Admin) => Promise<readonly Routes[]>,
  fetchMore: (admin: Admin, proxy: ProxyInfo) => Promise<Partial<LargeAnswers> | undefined> = async () => undefined,
): Promise<PodAnswers<Routes>> {
  const proxy = readServerInfo(await fetchJson(admin, { path: 'server_info' }));
  // The larger ones last: after them, Envoy may be left alone for as long as they took.
  const [logging, listeners, more, secrets, routes] = await Promise.all([
    admin.logging(),
    fetchConfigDump(admin, listenerState(proxy.envoyVersion)),
    fetchMore(admin, proxy),
    fetchSecrets(admin),
    fetchRoutes(admin),
  ]);
  const report = reportOf({
    proxy,
    routes,
    secrets,
    rejectedListeners: readRejectedListeners(listeners),
    logLevels: readLogLevels(logging),
  });
  return {
    report: more ? withLarge(report, more) : report,
    routes,
    secrets,
    warmingListeners: readListeners(listeners).flatMap(({ name, state, rejected }) =>
      state === 'warming' && !rejected ? [name] : [],
    ),
  };
}

/** Without the megabytes of filter chains. */
const listenerState = (envoyVersion: string): DumpQuery => ({
  resource: 'dynamic_listeners',
  ...maskFor(envoyVersion, [
    'name',
    'error_state.details',
    'error_state.last_update_attempt',
    'error_state.version_info',
    'active_state.last_updated',
    'warming_state.last_updated',
  ]),
});
