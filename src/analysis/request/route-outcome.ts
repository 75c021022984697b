// What a chosen route does with the request: to which service, with which path, over which TLS, to which endpoints.

import { isBefore } from '#core/version.ts';
import type { Cluster, Endpoint } from '#model/cluster.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import type { Outcome } from '#model/explanation.ts';
import type { HttpHandler } from '#model/listener.ts';
import { headerOf, type Request } from '#model/request.ts';
import type { ForwardAction, Rewrite, Route, RouteAction, WeightedCluster } from '#model/route.ts';
import { isInPanic, priorityLoads, usableEndpoints } from './endpoint-health.ts';
import { fail } from './failure.ts';
import { filterRequest } from './fault-and-cors.ts';
import { redirectLocation, rewrittenPath } from './rewrite.ts';
import type { Candidate, RouteChoice } from './route-choice.ts';
import { behaviourOf } from './route-match.ts';

/** The configuration, and the connection manager that the request meets in it. */
export interface Serving extends PodConfiguration {
  readonly handler: HttpHandler;
}

export function routeOutcomes(choice: RouteChoice, request: Request, serving: Serving): Outcome[] {
  const outcomes = choice.candidates.flatMap((candidate) => outcomesOf(candidate, request, serving));
  const taken = choice.candidates
    .filter(({ unsure }) => unsure.length === 0)
    .reduce((sum, { share }) => sum + share, 0);
  return taken >= 1 ? outcomes : [...outcomes, noRoute(1 - taken)];
}

const noRoute = (share: number): Outcome =>
  fail('route', 'no route of the virtual host matches', { share, code: 404, flag: 'NR' });

function outcomesOf({ route, share, unsure }: Candidate, request: Request, serving: Serving): Outcome[] {
  const outcomes = routeOutcomesOf(route, share, request, serving);
  return unsure.length === 0
    ? outcomes
    : outcomes.map((outcome) => ({ ...outcome, onlyIf: unsure.map(({ name }) => name) }));
}

function routeOutcomesOf(route: Route, share: number, request: Request, serving: Serving): Outcome[] {
  const { answered, left } = filterRequest(route, share, request, serving.handler, behaviourOf(serving.envoyVersion));
  return left > 0 ? [...answered, ...actionOutcomes(route, left, request, serving)] : [...answered];
}

function actionOutcomes(route: Route, share: number, request: Request, configuration: PodConfiguration): Outcome[] {
  const { action } = route;
  switch (action.kind) {
    case 'forward':
      return clustersFor(action, request).map((chosen) =>
        forward({ ...chosen, share: share * chosen.weight }, route, action, request, configuration),
      );
    case 'redirect':
      return [
        {
          kind: 'redirect',
          share,
          route,
          code: action.code,
          location: redirectLocation(action, route.match.path, request),
        },
      ];
    case 'direct-response':
      return [{ kind: 'respond', share, route, code: action.code, body: action.body }];
    case 'unknown':
      return [{ kind: 'unknown', share, route, why: `the route acts by ${action.type}` }];
  }
}

interface Chosen {
  /** Undefined where nobody can say. */
  readonly cluster: string | undefined;
  readonly weight: number;
  readonly host?: string | undefined;
}

/** Names of the clusters that a request can be sent to by this action, mirrors not counted. */
export const clustersTaken = (action: RouteAction, request: Request): string[] =>
  action.kind === 'forward'
    ? clustersFor(action, request).flatMap(({ cluster }) => (cluster === undefined ? [] : [cluster]))
    : [];

function clustersFor({ to }: ForwardAction, request: Request): Chosen[] {
  switch (to.kind) {
    case 'cluster':
      return [{ cluster: to.cluster, weight: 1 }];
    case 'weighted':
      return to.clusters
        .filter(({ weight }) => weight > 0)
        .map(({ cluster, weight, host }) => ({ cluster, host, weight: weight / to.totalWeight }));
    case 'header':
      return [{ cluster: headerOf(request, to.header) ?? '', weight: 1 }];
    case 'unknown':
      return [{ cluster: undefined, weight: 1 }];
  }
}

interface Part extends Chosen {
  readonly share: number;
}

function forward(
  { cluster: name, host, share }: Part,
  route: Route,
  action: ForwardAction,
  request: Request,
  configuration: PodConfiguration,
): Outcome {
  if (name === undefined) return { kind: 'unknown', share, route, why: 'the cluster is chosen by a plugin' };
  const cluster = findCluster(name, configuration);
  if (!cluster) return noCluster(name, share, route, action, configuration);
  const endpoints = endpointsOf(name, configuration);
  if (!canForward(cluster, endpoints)) {
    return fail('endpoint', whyNoEndpoint(name, endpoints), {
      share,
      route,
      code: 503,
      flag: 'UH',
      nearest: endpoints.map(describeHealth),
    });
  }
  return {
    kind: 'forward',
    share,
    route,
    cluster: name,
    destinationRule: cluster.destinationRule,
    path: rewrittenPath(action.rewrite, route.match.path, request.path),
    // The route's own literal goes before that of the cluster's share.
    host: action.rewrite.host ?? host ?? hostAfter(action.rewrite, request),
    tls: cluster.tls,
    endpoints,
    isInPanic: isInPanic(endpoints, cluster.panicThreshold),
    priorities: priorityLoads(endpoints),
  };
}

/** Undefined where the endpoint's own name becomes the host. */
function hostAfter({ hostFromHeader, autoHost }: Rewrite, request: Request): string | undefined {
  if (hostFromHeader !== undefined) return headerOf(request, hostFromHeader) ?? request.authority;
  return autoHost ? undefined : request.authority;
}

function noCluster(
  name: string,
  share: number,
  route: Route,
  action: ForwardAction,
  configuration: PodConfiguration,
): Outcome {
  const why = name === '' ? 'the header that names the cluster is missing' : `cluster ${name} does not exist`;
  return fail('cluster', why, { share, route, code: action.clusterNotFoundCode, flag: noClusterFlag(configuration) });
}

/** TCP and passthrough: no route, only weights. What cannot be forwarded ends the connection. */
export function tcpOutcomes(clusters: readonly WeightedCluster[], configuration: PodConfiguration): Outcome[] {
  const total = clusters.reduce((sum, { weight }) => sum + weight, 0);
  return clusters
    .filter(({ weight }) => weight > 0)
    .map(({ cluster, weight }) => tcpOutcome(cluster, weight / total, configuration));
}

function tcpOutcome(name: string, share: number, configuration: PodConfiguration): Outcome {
  const cluster = findCluster(name, configuration);
  if (!cluster)
    return fail('cluster', `cluster ${name} does not exist: the connection is closed`, {
      share,
      flag: noClusterFlag(configuration),
    });
  const endpoints = endpointsOf(name, configuration);
  if (!canForward(cluster, endpoints))
    return fail('endpoint', whyNoEndpoint(name, endpoints), {
      share,
      flag: 'UH',
      nearest: endpoints.map(describeHealth),
    });
  return { kind: 'tcp', share, route: undefined, cluster: name, endpoints };
}

const findCluster = (name: string, { clusters }: PodConfiguration): Cluster | undefined =>
  clusters.find((one) => one.name === name && one.state !== 'warming');

const endpointsOf = (name: string, { endpoints }: PodConfiguration): Endpoint[] =>
  endpoints.filter((endpoint) => endpoint.cluster === name);

/** Clusters of other types make their endpoints from the request or the connection. */
const withEndpoints = new Set(['EDS', 'STATIC', 'STRICT_DNS', 'LOGICAL_DNS']);

const canForward = (cluster: Cluster, endpoints: readonly Endpoint[]): boolean =>
  !withEndpoints.has(cluster.type) || usableEndpoints(endpoints, cluster.panicThreshold).length > 0;

const whyNoEndpoint = (cluster: string, endpoints: readonly Endpoint[]): string =>
  endpoints.length === 0
    ? `cluster ${cluster} has no endpoint`
    : `none of the ${endpoints.length} endpoints of ${cluster} is healthy`;

const describeHealth = ({ address, health }: Endpoint): string => `${address} ${health}`;

/** Envoy before 1.18 flags it NR, later ones and those of unknown version NC. */
const noClusterFlag = ({ envoyVersion }: PodConfiguration): string => (isBefore(envoyVersion, '1.18') ? 'NR' : 'NC');
