// What a chosen route does with the request: to which service, with which path, over which TLS, to which endpoints.

import { isBefore } from '#core/version.ts';
import type { Cluster, Endpoint } from '#model/cluster.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import type { ExplainedEndpoint, Outcome } from '#model/explanation.ts';
import type { HttpHandler } from '#model/listener.ts';
import type { Reason } from '#model/reason.ts';
import { headerOf, type Request } from '#model/request.ts';
import type {
  ForwardAction,
  HeaderOperations,
  Route,
  RouteAction,
  RouteFilters,
  WeightedCluster,
} from '#model/route.ts';
import { integerOf, type Runtime } from '#model/runtime.ts';
import { isInPanic, priorityLoads } from './endpoint-health.ts';
import { fail } from './failure.ts';
import { type FilterSetting, filterRequest, filterUnrouted } from './filter-answers.ts';
import { redirectLocation, rewrittenHost, rewrittenPath } from './rewrite.ts';
import type { Candidate, RouteChoice } from './route-choice.ts';
import { behaviourOf } from './route-match.ts';
import { transportTo } from './transport.ts';
import { refusedUpgrade } from './upgrade.ts';
import { whyNotTaken } from './upstream.ts';

/** The configuration, and what the listener knows of its connections. */
export interface Listening extends PodConfiguration {
  /** The address that a connection was for before it was redirected. */
  readonly restoresDestination?: boolean | undefined;
  /** As the listener reads it. */
  readonly serverName?: string | undefined;
}

/** And the connection manager that the request meets in it. */
export interface Serving extends Listening {
  readonly handler: HttpHandler;
  /** Of the listener. */
  readonly port: number;
}

/** `elsewhere`: why what no route takes is not asked of others; asked for only then. */
export function routeOutcomes(
  choice: RouteChoice,
  request: Request,
  serving: Serving,
  elsewhere: () => readonly Reason[] = () => [],
): Outcome[] {
  const outcomes = choice.candidates.flatMap((candidate) => outcomesOf(candidate, request, serving));
  const taken = choice.candidates
    .filter(({ unsure }) => unsure.length === 0)
    .reduce((sum, { share }) => sum + share, 0);
  if (taken >= 1) return outcomes;
  return [...outcomes, ...filterUnrouted(noRoute(1 - taken, elsewhere()), request, settingOf(serving))];
}

const noRoute = (share: number, reasons: readonly Reason[]): Outcome =>
  fail('route', 'no route of the virtual host matches', {
    share,
    code: 404,
    flag: 'NR',
    ...(reasons.length === 0 ? {} : { reasons }),
  });

function outcomesOf({ route, share, unsure }: Candidate, request: Request, serving: Serving): Outcome[] {
  const outcomes = routeOutcomesOf(route, share, request, serving);
  return unsure.length === 0
    ? outcomes
    : outcomes.map((outcome) => ({ ...outcome, onlyIf: unsure.map(({ name }) => name) }));
}

/** The filters come before the action, and are told by the share of the route that chance chooses. */
function routeOutcomesOf(route: Route, share: number, request: Request, serving: Serving): Outcome[] {
  const { action } = route;
  const refusal = refusedUpgrade(request, serving.handler, action);
  if (refusal) return [{ ...refusal, share, route }];
  const parts = action.kind === 'forward' ? clustersFor(action, request, serving.runtime) : [whole];
  const filtered = parts.map((part) => ({
    part,
    ...filterRequest(route, share * part.weight, request, settingFor(route, part, serving)),
  }));
  return [
    ...putTogether(filtered.flatMap(({ answered }) => answered)),
    ...filtered.flatMap(({ part, left }) =>
      left > 0 ? [actionOutcome({ ...part, share: left }, route, request, serving)] : [],
    ),
  ];
}

/** What the filters answer alike to several shares of a route. */
function putTogether(answered: readonly Outcome[]): Outcome[] {
  const alike = Map.groupBy(answered, ({ share: _, route: __, ...rest }) => JSON.stringify(rest));
  return [...alike.values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, share: others.reduce((sum, one) => sum + one.share, first.share) }] : [],
  );
}

/** A route that sends no request on. */
export const whole: Chosen = { cluster: undefined, weight: 1 };

/** What decides over the filters of a route, whatever the clusters are. */
export type Filtering = Pick<Serving, 'handler' | 'port' | 'envoyVersion' | 'runtime'>;

export const settingOf = (serving: Filtering): Omit<FilterSetting, 'filters' | 'cluster'> => ({
  handler: serving.handler,
  behaviour: behaviourOf(serving.envoyVersion),
  port: serving.port,
  runtime: serving.runtime,
});

export const settingFor = (route: Route, { cluster, filters = route }: Chosen, serving: Filtering): FilterSetting => ({
  ...settingOf(serving),
  filters,
  cluster,
});

function actionOutcome(part: ClusterShare, route: Route, request: Request, configuration: Listening): Outcome {
  const { action } = route;
  const { share } = part;
  switch (action.kind) {
    case 'forward':
      return forward(part, route, action, request, configuration);
    case 'redirect': {
      const location = redirectLocation(action, route.match.path, request);
      return { kind: 'redirect', share, route, code: action.code, location };
    }
    case 'direct-response':
      return { kind: 'respond', share, route, code: action.code, body: action.body };
    case 'unknown':
      return { kind: 'unknown', share, route, why: `the route acts by ${action.type}` };
  }
}

export interface Chosen {
  /** Undefined where nobody can say. */
  readonly cluster: string | undefined;
  readonly weight: number;
  readonly host?: string | undefined;
  readonly filters?: RouteFilters | undefined;
  readonly headerOperations?: HeaderOperations | undefined;
}

/** Names of the clusters that a request can be sent to by this action, mirrors not counted. */
export const clustersTaken = (action: RouteAction, request: Request, runtime?: Runtime): string[] =>
  action.kind === 'forward'
    ? clustersFor(action, request, runtime).flatMap(({ cluster }) => (cluster === undefined ? [] : [cluster]))
    : [];

export function clustersFor({ to }: ForwardAction, request: Request, runtime: Runtime | undefined): Chosen[] {
  switch (to.kind) {
    case 'cluster':
      return [{ cluster: to.cluster, weight: 1 }];
    case 'weighted':
      return sharesOf(to, request, runtime);
    case 'header':
      return [{ cluster: firstValue(request, to.header) ?? '', weight: 1 }];
    case 'unknown':
      return [{ cluster: undefined, weight: 1 }];
  }
}

/** Of a header that is sent more than once the first value counts. */
const firstValue = (request: Request, name: string): string | undefined =>
  request.headers.get(name)?.[0] ?? headerOf(request, name);

/** Source: envoy source/common/router/weighted_cluster_specifier.cc pickWeightedCluster. */
function sharesOf(to: Weighted, request: Request, runtime: Runtime | undefined): Chosen[] {
  const { runtimeKeyPrefix } = to;
  const weighed = to.clusters.map((one) => ({
    ...one,
    cluster: one.header === undefined ? one.cluster : (firstValue(request, one.header) ?? ''),
    weight: runtimeKeyPrefix === undefined ? one.weight : integerOf(keyOf(runtimeKeyPrefix, one), one.weight, runtime),
  }));
  const total = runtimeKeyPrefix === undefined ? to.totalWeight : weighed.reduce((sum, { weight }) => sum + weight, 0);
  const number = to.randomHeader === undefined ? undefined : numberIn(request, to.randomHeader);
  if (number !== undefined && total > 0) return chosenBy(Number(number % BigInt(total)), weighed);
  return weighed.filter(({ weight }) => weight > 0).map((one) => ({ ...one, weight: one.weight / total }));
}

type Weighted = Extract<ForwardAction['to'], { kind: 'weighted' }>;

const keyOf = (prefix: string, { cluster, header }: WeightedCluster): string =>
  `${prefix}.${header === undefined ? cluster : ''}`;

/** A header that is sent more than once chooses nothing. */
function numberIn(request: Request, name: string): bigint | undefined {
  const values = request.headers.get(name) ?? [];
  const [value = ''] = values;
  return values.length === 1 && /^\s*\+?\d+\s*$/.test(value) ? BigInt(value.trim().replace('+', '')) : undefined;
}

function chosenBy(number: number, weighed: readonly (Chosen & { readonly weight: number })[]): Chosen[] {
  let end = 0;
  const chosen = weighed.find(({ weight }) => {
    end += weight;
    return number < end;
  });
  return chosen ? [{ ...chosen, weight: 1 }] : [];
}

interface ClusterShare extends Chosen {
  readonly share: number;
}

function forward(part: ClusterShare, route: Route, action: ForwardAction, request: Request, pod: Listening): Outcome {
  const { cluster: name, share } = part;
  if (name === undefined) return { kind: 'unknown', share, route, why: 'the cluster is chosen by a plugin' };
  const cluster = findCluster(name, pod);
  if (!cluster) return noCluster(name, share, route, action, pod);
  const endpoints = endpointsOf(name, pod);
  const { restoresDestination } = pod;
  const failure = whyNotTaken(cluster, endpoints, { request, priority: action.priority, restoresDestination });
  if (failure) return fail(failure.at, failure.why, { ...failure, share, route, code: 503, failedCluster: name });
  return {
    kind: 'forward',
    share,
    route,
    cluster: name,
    destinationRule: cluster.destinationRule,
    path: isUnevaluated(route, 'path_rewrite')
      ? undefined
      : rewrittenPath(action.rewrite, route.match.path, request.path),
    host: isUnevaluated(route, 'host_rewrite') ? undefined : rewrittenHost(action.rewrite, part, request),
    tls: cluster.tls,
    endpoints: withTransport(endpoints, cluster, pod),
    isInPanic: isInPanic(endpoints, cluster.panicThreshold),
    priorities: priorityLoads(endpoints),
  };
}

/** Formats of Envoy 1.38, which make what the service gets. */
const isUnevaluated = ({ unevaluated = [] }: Route, field: 'path_rewrite' | 'host_rewrite'): boolean =>
  unevaluated.includes(field);

function noCluster(
  name: string,
  share: number,
  route: Route,
  action: ForwardAction,
  configuration: PodConfiguration,
): Outcome {
  const why = name === '' ? 'the header that names the cluster is missing' : whyNoCluster(name, configuration.clusters);
  return fail('cluster', why, {
    share,
    route,
    code: action.clusterNotFoundCode,
    flag: noClusterFlag(configuration),
    failedCluster: name,
  });
}

/** TCP and passthrough: no route, only weights. What cannot be forwarded ends the connection. */
export function tcpOutcomes(clusters: readonly WeightedCluster[], configuration: Listening): Outcome[] {
  const total = clusters.reduce((sum, { weight }) => sum + weight, 0);
  return clusters
    .filter(({ weight }) => weight > 0)
    .map(({ cluster, weight }) => tcpOutcome(cluster, weight / total, configuration));
}

function tcpOutcome(name: string, share: number, configuration: Listening): Outcome {
  const cluster = findCluster(name, configuration);
  if (!cluster)
    return fail('cluster', `${whyNoCluster(name, configuration.clusters)}: the connection is closed`, {
      share,
      flag: noClusterFlag(configuration),
      failedCluster: name,
    });
  const endpoints = endpointsOf(name, configuration);
  const failure = whyNotTaken(cluster, endpoints, { restoresDestination: configuration.restoresDestination });
  if (failure) return fail(failure.at, failure.why, { ...failure, share, failedCluster: name });
  return {
    kind: 'tcp',
    share,
    route: undefined,
    cluster: name,
    endpoints: withTransport(endpoints, cluster, configuration),
  };
}

const findCluster = (name: string, { clusters }: PodConfiguration): Cluster | undefined =>
  clusters.find((one) => one.name === name && one.state !== 'warming');

const endpointsOf = (name: string, { endpoints }: PodConfiguration): Endpoint[] =>
  endpoints.filter((endpoint) => endpoint.cluster === name);

const withTransport = (
  endpoints: readonly Endpoint[],
  { tls }: Cluster,
  { endpointMetadata }: PodConfiguration,
): ExplainedEndpoint[] =>
  endpoints.map((endpoint) => ({ ...endpoint, transport: transportTo(endpoint, tls, endpointMetadata) }));

const whyNoCluster = (name: string, clusters: readonly Cluster[]): string =>
  clusters.some((one) => one.name === name)
    ? `cluster ${name} is warming: Envoy waits for its first endpoints, of EDS or of DNS`
    : `cluster ${name} does not exist`;

/** Envoy before 1.18 flags it NR, later ones and those of unknown version NC. */
const noClusterFlag = ({ envoyVersion }: PodConfiguration): string => (isBefore(envoyVersion, '1.18') ? 'NR' : 'NC');
