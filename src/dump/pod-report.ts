// One pod's report for `status`, from what its Envoy answered.

import type { LogLevel } from '#core/admin.ts';
import { contentKey } from '#core/content-key.ts';
import { memoizeByIdentity } from '#core/memoize.ts';
import type { Secret } from '#model/certificate.ts';
import { isOwnIdentity, secretRowKey } from '#model/certificate.ts';
import type { Cluster, Endpoint } from '#model/cluster.ts';
import { keyOfContent, raw } from '#model/content.ts';
import { exactKeys, type KeyOf } from '#model/content-keys.ts';
import type { OtherElement } from '#model/difference.ts';
import type { Listener } from '#model/listener.ts';
import { isMoreVerbose, startLevel } from '#model/log-level.ts';
import type { ProxyInfo } from '#model/proxy.ts';
import { type RoutesOutline, routeKey } from '#model/route.ts';
import type { ComparedThing, PodReport, RejectedResource } from '#model/status.ts';
import { fingerprint } from './fingerprint.ts';

export interface Answers {
  readonly proxy: ProxyInfo;
  readonly routes: readonly RoutesOutline[];
  readonly secrets: readonly Secret[];
  readonly rejectedListeners: readonly RejectedResource[];
  readonly logLevels: readonly LogLevel[];
}

/** What is compared besides routes and certificates. */
export interface LargeAnswers {
  readonly listeners: readonly Listener[];
  readonly clusters: readonly Cluster[];
  readonly endpoints?: readonly Endpoint[];
  /** Of the bootstrap, and those that stand in listeners. */
  readonly staticRoutes?: readonly RoutesOutline[];
  readonly staticSecrets?: readonly Secret[];
  readonly others?: readonly OtherElement[];
  readonly notGiven?: readonly ComparedThing[];
}

export function withLarge(report: PodReport, large: Partial<LargeAnswers>, keyOf: KeyOf = exactKeys): PodReport {
  const contents = new Map([...report.contents, ...largeContents(large, keyOf)]);
  return {
    ...report,
    contents,
    fingerprint: fingerprint([...contents.keys()]),
    notGiven: [...report.notGiven, ...(large.notGiven ?? [])],
  };
}

/** The report as if these had not been asked for. */
export function withoutThings(report: PodReport, things: ReadonlySet<ComparedThing>): PodReport {
  const contents = new Map([...report.contents].filter(([, thing]) => !things.has(thing)));
  return { ...report, contents, fingerprint: fingerprint([...contents.keys()]) };
}

export function reportOf(answers: Answers): PodReport {
  const { proxy, routes, secrets } = answers;
  const active = secrets.filter((secret) => secret.state !== 'warming' && !isOwnIdentity(secret));
  const contents = new Map<string, ComparedThing>([...routeContents(routes), ...secretContents(active)]);
  return {
    proxy,
    contents,
    fingerprint: fingerprint([...contents.keys()]),
    routes: sumOf(routes.flatMap(({ virtualHosts }) => virtualHosts.map((host) => host.routes.length))),
    certificates: active.filter((secret) => secret.kind === 'certificate').length,
    warmingSecrets: secrets.filter((secret) => secret.state === 'warming').map((secret) => secret.name),
    rejections: [
      ...answers.rejectedListeners,
      ...rejectedOf('route configuration', routes),
      ...rejectedOf('secret', secrets),
    ],
    notGiven: [],
    raisedLogLevels: raisedLevels(proxy, answers.logLevels),
    lastUpdated: [...routes, ...secrets]
      .flatMap(({ lastUpdated }) => lastUpdated ?? [])
      .sort()
      .at(-1),
  };
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

/** Computed once for configurations that several pods share. */
const keysOfRoutes = memoizeByIdentity(
  (configuration: RoutesOutline): object => configuration[raw] ?? configuration,
  (configuration) =>
    configuration.virtualHosts.flatMap((host) =>
      (host.routes.length === 0 ? [undefined] : host.routes).map((route) =>
        contentKey(routeKey(configuration, host, route)),
      ),
    ),
);

const emptyKey = (configuration: RoutesOutline): string =>
  contentKey(`${configuration.name} ${keyOfContent('route configuration', configuration)}`);

type Content = readonly [string, ComparedThing];

const routeContents = (routes: readonly RoutesOutline[]): Content[] => [
  ...routes.flatMap(keysOfRoutes).map((key) => [key, 'route'] as const),
  ...routes.filter(({ virtualHosts }) => virtualHosts.length === 0).map((one) => [emptyKey(one), 'route'] as const),
];

const secretContents = (secrets: readonly Secret[]): Content[] =>
  secrets.map((secret) => [contentKey(secretRowKey({ secret, hosts: [] })), 'certificate'] as const);

const thingOf = {
  'load assignment': 'load assignment',
  'assigned endpoint': 'load assignment',
  'scoped routes': 'route',
  extension: 'extension',
  bootstrap: 'bootstrap',
  runtime: 'runtime',
} as const;

const largeContents = (
  {
    listeners = [],
    clusters = [],
    endpoints = [],
    staticRoutes = [],
    staticSecrets = [],
    others = [],
  }: Partial<LargeAnswers>,
  keyOf: KeyOf,
): Content[] => [
  ...routeContents(staticRoutes),
  ...secretContents(staticSecrets),
  ...others.map((one) => [keyOfOther(one, keyOf), thingOf[one.kind]] as const),
  ...listeners.map((one) => [listenerKey(one, keyOf), 'listener'] as const),
  ...clusters.map((one) => [clusterKey(one, keyOf), 'cluster'] as const),
  ...endpoints.map((one) => [endpointKey(one), 'endpoint'] as const),
];

const endpointKey = (one: Endpoint): string =>
  contentKey([one.cluster, one.address, keyOfContent('endpoint', one)].join('\n'));

const keyOfOther = (one: OtherElement, keyOf: KeyOf): string =>
  keyOf([one.kind, one.name, one.rejected?.details].join('\n'), one[raw], () => exactKeyOfOther(one));

/** Computed once for what several pods share. */
const exactKeyOfOther = memoizeByIdentity(
  (one: OtherElement): object => one,
  (one) => contentKey([one.kind, one.name, one.rejected?.details, keyOfContent(one.kind, one)].join('\n')),
);

/** What EDS says: the key of its content, and the cluster that it is of. */
export const assignedKeys = (
  { others = [] }: Pick<LargeAnswers, 'others'>,
  keyOf: KeyOf,
): (readonly [string, string])[] => others.map((one) => [keyOfOther(one, keyOf), one.name.replace(/ .*/s, '')]);

/** The same of what Envoy balances over. */
export const listedKeys = (endpoints: readonly Endpoint[]): (readonly [string, string])[] =>
  endpoints.map((one) => [endpointKey(one), one.cluster]);

const clusterKey = (cluster: Cluster, keyOf: KeyOf): string => {
  const { name, state, [raw]: content } = cluster;
  return keyOf(['cluster', name, state].join('\n'), content, () =>
    contentKey([name, state, keyOfContent('cluster', cluster)].join('\n')),
  );
};

function listenerKey(listener: Listener, keyOf: KeyOf): string {
  const { name, state, filterChains, defaultFilterChain, [raw]: content } = listener;
  return keyOf(['listener', name, state].join('\n'), content, () => {
    const chains = filterChains.map((chain) => keyOfContent('filter chain', chain)).sort();
    const last = defaultFilterChain && keyOfContent('filter chain', defaultFilterChain);
    return contentKey(JSON.stringify([name, state, keyOfContent('listener', listener), chains, last]));
  });
}

function rejectedOf(
  kind: RejectedResource['kind'],
  resources: readonly { readonly name: string; readonly rejected: RejectedResource | RoutesOutline['rejected'] }[],
): RejectedResource[] {
  return resources.flatMap(({ name, rejected }) => (rejected ? [{ kind, name, ...rejected }] : []));
}

/** `logger:level` of loggers that write more than Envoy was started with. */
export function raisedLevels(proxy: ProxyInfo, current: readonly LogLevel[]): string[] {
  const raised = current.filter(({ logger, level }) => isMoreVerbose(level, startLevel(proxy, logger)));
  const [first] = raised;
  if (first && raised.length === current.length && raised.every(({ level }) => level === first.level))
    return [`all:${first.level}`];
  return raised.map(({ logger, level }) => `${logger}:${level}`);
}
