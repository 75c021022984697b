// One pod's report for `status`, from what its Envoy answered.

import type { LogLevel } from '#core/admin.ts';
import { memoizeByIdentity } from '#core/memoize.ts';
import type { Secret } from '#model/certificate.ts';
import { isOwnIdentity, secretRowKey } from '#model/certificate.ts';
import { isMoreVerbose, startLevel } from '#model/log-level.ts';
import type { ProxyInfo } from '#model/proxy.ts';
import { type RouteConfiguration, type RouteRow, routeRowKey, rowsOfRoutes } from '#model/route.ts';
import type { PodReport, RejectedResource } from '#model/status.ts';
import { contentKey, fingerprint } from './fingerprint.ts';

export interface Answers {
  readonly proxy: ProxyInfo;
  readonly routes: readonly RouteConfiguration[];
  readonly secrets: readonly Secret[];
  readonly rejectedListeners: readonly RejectedResource[];
  readonly logLevels: readonly LogLevel[];
}

export function reportOf(answers: Answers): PodReport {
  const { proxy, routes, secrets } = answers;
  const active = secrets.filter((secret) => secret.state !== 'warming' && !isOwnIdentity(secret));
  const rows = rowsOfRoutes(routes);
  const contents = new Map<string, 'route' | 'certificate'>([
    ...rows.map((row) => [routeKey(row), 'route'] as const),
    ...active.map((secret) => [contentKey(secretRowKey({ secret, hosts: [] })), 'certificate'] as const),
  ]);
  return {
    proxy,
    contents,
    fingerprint: fingerprint([...contents.keys()]),
    routes: rows.filter((row) => row.route !== undefined).length,
    certificates: active.filter((secret) => secret.kind === 'certificate').length,
    warmingSecrets: secrets.filter((secret) => secret.state === 'warming').map((secret) => secret.name),
    rejections: [
      ...answers.rejectedListeners,
      ...rejectedOf('route configuration', routes),
      ...rejectedOf('secret', secrets),
    ],
    raisedLogLevels: raisedLevels(proxy, answers.logLevels),
    lastUpdated: [...routes, ...secrets]
      .flatMap(({ lastUpdated }) => lastUpdated ?? [])
      .sort()
      .at(-1),
  };
}

const routeKey = memoizeByIdentity(
  (row: RouteRow) => row,
  (row) => contentKey(routeRowKey(row)),
);

function rejectedOf(
  kind: RejectedResource['kind'],
  resources: readonly { readonly name: string; readonly rejected: RejectedResource | RouteConfiguration['rejected'] }[],
): RejectedResource[] {
  return resources.flatMap(({ name, rejected }) => (rejected ? [{ kind, name, ...rejected }] : []));
}

/** `logger:level` of those that say more than Envoy was started with. */
export function raisedLevels(proxy: ProxyInfo, current: readonly LogLevel[]): string[] {
  const raised = current.filter(({ logger, level }) => isMoreVerbose(level, startLevel(proxy, logger)));
  const [first] = raised;
  if (first && raised.length === current.length && raised.every(({ level }) => level === first.level))
    return [`all:${first.level}`];
  return raised.map(({ logger, level }) => `${logger}:${level}`);
}
