// Route configurations of a dump → model. Source: envoy/config/route/v3/route.proto, route_components.proto.
// Scoped routes are not read: Istio's gateways have none.

import {
  booleanIn,
  contentOf,
  entriesIn,
  enumIn,
  hasField,
  type JsonObject,
  objectIn,
  objectsIn,
  textIn,
  textsIn,
} from '#core/json.ts';
import { memoizeByIdentity } from '#core/memoize.ts';
import { raw } from '#model/content.ts';
import type { Route, RouteConfiguration, RoutesOutline, VirtualHost } from '#model/route.ts';
import { readCors } from './cors.ts';
import { type DumpElement, dumpElements, readRejection, typeOf } from './elements.ts';
import { readOperationLevels } from './header-operations.ts';
import { readRouteMatch } from './matchers.ts';
import { readObjectRef } from './object-ref.ts';
import { unevaluatedIn, withUnevaluated } from './proto-coverage.ts';
import { type Inherited, readAction, readMirrors, readRetry } from './route-action.ts';
import { filtersOf, noFilters, readFilterLevels } from './route-filters.ts';

/** In the dump's order, which no two pods share. Throws ToolError `bad-answer` with the path of what cannot be read. */
export function readRoutes(json: unknown): RouteConfiguration[] {
  return dumpElements(json, 'Routes').map(readElement);
}

function readElement({ element, state }: DumpElement): RouteConfiguration {
  const config = objectIn(element, 'route_config');
  return {
    ...(config ? readRouteConfiguration(config) : { name: '', ignorePortInHostMatching: false, virtualHosts: [] }),
    state,
    lastUpdated: textIn(element, 'last_updated'),
    rejected: readRejection(element),
  };
}

/** For who compares routes and does not ask what they do: a third of the time. In the dump's order. */
export function readRouteOutlines(json: unknown): RoutesOutline[] {
  return dumpElements(json, 'Routes').map(({ element }) => {
    const config = objectIn(element, 'route_config');
    return {
      ...(config ? readOutline(config) : { name: '', virtualHosts: [] }),
      lastUpdated: textIn(element, 'last_updated'),
      rejected: readRejection(element),
    };
  });
}

const readOutline = memoizeByIdentity(
  contentOf,
  (config): Omit<RoutesOutline, 'lastUpdated' | 'rejected'> => ({
    name: textIn(config, 'name') ?? '',
    virtualHosts: objectsIn(config, 'virtual_hosts').map((host) => ({
      routes: objectsIn(host, 'routes').map(({ fields }, index) => ({ position: index + 1, [raw]: fields })),
      [raw]: host.fields,
    })),
    [raw]: config.fields,
  }),
);

type Content = Omit<RouteConfiguration, 'state' | 'lastUpdated' | 'rejected'>;

/** The configuration itself, which may also stand in a listener. The same object for one that several pods have. */
export const readRouteConfiguration = memoizeByIdentity(contentOf, (config): Content => {
  const inherited: Inherited = {
    retry: undefined,
    mirrors: readMirrors(config) ?? [],
    cors: readCors(config),
    filters: readFilterLevels(config, noFilters),
    headers: readOperationLevels(config, undefined),
  };
  return {
    name: textIn(config, 'name') ?? '',
    ignorePortInHostMatching: booleanIn(config, 'ignore_port_in_host_matching') ?? false,
    ...readMatching(config),
    virtualHosts: objectsIn(config, 'virtual_hosts').map((host) => readVirtualHost(host, inherited)),
    [raw]: config.fields,
  };
});

/** Only what is set. */
function readMatching(
  config: JsonObject,
): Pick<RouteConfiguration, 'ignoresPathParameters' | 'internalOnlyHeaders' | 'unevaluated'> {
  const internalOnlyHeaders = textsIn(config, 'internal_only_headers');
  return {
    ...(booleanIn(config, 'ignore_path_parameters_in_path_matching') ? { ignoresPathParameters: true } : {}),
    ...(internalOnlyHeaders.length > 0 ? { internalOnlyHeaders } : {}),
    ...withUnevaluated(unevaluatedIn('RouteConfiguration', config)),
  };
}

function readVirtualHost(host: JsonObject, above: Inherited): VirtualHost {
  const domains = textsIn(host, 'domains');
  const inherited: Inherited = {
    retry: readRetry(host) ?? above.retry,
    mirrors: readMirrors(host) ?? above.mirrors,
    cors: readCors(host) ?? above.cors,
    filters: readFilterLevels(host, above.filters),
    headers: readOperationLevels(host, above.headers),
  };
  return {
    name: textIn(host, 'name') ?? '',
    domains,
    requireTls: requiredTls[enumIn(host, 'require_tls') ?? 'NONE'] ?? 'none',
    routes: objectsIn(host, 'routes').map((route, index) => readRoute(route, index + 1, inherited, domains)),
    hasMatcherTree: hasField(host, 'matcher'),
    ...withUnevaluated(unevaluatedIn('VirtualHost', host), ...unevaluatedOfFaults(host)),
    [raw]: host.fields,
  };
}

const requiredTls: Readonly<Record<string, VirtualHost['requireTls']>> = {
  NONE: 'none',
  EXTERNAL_ONLY: 'external-only',
  ALL: 'all',
};

function readRoute(route: JsonObject, position: number, inherited: Inherited, domains: readonly string[]): Route {
  const [match, routeName] = [objectIn(route, 'match'), textIn(route, 'name')];
  const own = {
    ...inherited,
    filters: readFilterLevels(route, inherited.filters),
    headers: readOperationLevels(route, inherited.headers),
  };
  return {
    position,
    name: routeName ?? '',
    match: readRouteMatch(match ?? { ...route, fields: {} }),
    action: readAction(route, own),
    from: readObjectRef(route, { routeName, domains }),
    ...filtersOf(own.filters),
    ...withUnevaluated(...unevaluatedOfRoute(route)),
    [raw]: route.fields,
  };
}

/** Conditions of the match are said by themselves. */
function unevaluatedOfRoute(route: JsonObject): (readonly string[])[] {
  const forward = objectIn(route, 'route');
  return [
    unevaluatedIn('Route', route),
    ...unevaluatedOfFaults(route),
    ...(forward ? unevaluatedOfForward(forward) : unevaluatedOfAnswer(route)),
  ];
}

function unevaluatedOfForward(forward: JsonObject): (readonly string[])[] {
  const weighted = objectIn(forward, 'weighted_clusters');
  return [
    unevaluatedIn('RouteAction', forward),
    unevaluatedIn('WeightedCluster', weighted),
    ...(weighted ? objectsIn(weighted, 'clusters').map((one) => unevaluatedIn('ClusterWeight', one)) : []),
  ];
}

function unevaluatedOfAnswer(route: JsonObject): (readonly string[])[] {
  const response = objectIn(route, 'direct_response');
  return [
    unevaluatedIn('RedirectAction', objectIn(route, 'redirect')),
    unevaluatedIn('DirectResponseAction', response),
    unevaluatedIn('DataSource', response && objectIn(response, 'body')).map((name) => `body.${name}`),
  ];
}

const unevaluatedOfFaults = (holder: JsonObject): (readonly string[])[] =>
  entriesIn(holder, 'typed_per_filter_config').flatMap(([, config]) =>
    typeOf(config).endsWith('.HTTPFault') ? [unevaluatedIn('HTTPFault', config)] : [],
  );
