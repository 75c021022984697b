// Route configurations of a dump → model. Source: envoy/config/route/v3/route.proto, route_components.proto.
// Scoped routes are not read: Istio's gateways have none.

import {
  booleanIn,
  contentOf,
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
import type { Route, RouteConfiguration, VirtualHost } from '#model/route.ts';
import { readCors } from './cors.ts';
import { type DumpElement, dumpElements, readRejection } from './elements.ts';
import { readRouteMatch } from './matchers.ts';
import { readObjectRef } from './object-ref.ts';
import { type Inherited, readAction, readMirrors, readRetry } from './route-action.ts';
import { type RouteFilters, readRouteFilters } from './route-filters.ts';

/** What stands above a route for it to inherit. */
interface Above extends Inherited {
  readonly filters: RouteFilters;
}

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

type Content = Pick<RouteConfiguration, 'name' | 'ignorePortInHostMatching' | 'virtualHosts' | typeof raw>;

/** The configuration itself, which may also stand in a listener. The same object for one that several pods have. */
export const readRouteConfiguration = memoizeByIdentity(contentOf, (config): Content => {
  const inherited: Above = {
    retry: undefined,
    mirrors: readMirrors(config) ?? [],
    cors: readCors(config),
    filters: readRouteFilters(config, {}),
  };
  return {
    name: textIn(config, 'name') ?? '',
    ignorePortInHostMatching: booleanIn(config, 'ignore_port_in_host_matching') ?? false,
    virtualHosts: objectsIn(config, 'virtual_hosts').map((host) => readVirtualHost(host, inherited)),
    [raw]: config.fields,
  };
});

function readVirtualHost(host: JsonObject, above: Above): VirtualHost {
  const inherited: Above = {
    retry: readRetry(host) ?? above.retry,
    mirrors: readMirrors(host) ?? above.mirrors,
    cors: readCors(host) ?? above.cors,
    filters: readRouteFilters(host, above.filters),
  };
  return {
    name: textIn(host, 'name') ?? '',
    domains: textsIn(host, 'domains'),
    requireTls: requiredTls[enumIn(host, 'require_tls') ?? 'NONE'] ?? 'none',
    routes: objectsIn(host, 'routes').map((route, index) => readRoute(route, index + 1, inherited)),
    hasMatcherTree: hasField(host, 'matcher'),
    [raw]: host.fields,
  };
}

const requiredTls: Readonly<Record<string, VirtualHost['requireTls']>> = {
  NONE: 'none',
  EXTERNAL_ONLY: 'external-only',
  ALL: 'all',
};

function readRoute(route: JsonObject, position: number, inherited: Above): Route {
  const match = objectIn(route, 'match');
  return {
    position,
    name: textIn(route, 'name') ?? '',
    match: readRouteMatch(match ?? { ...route, fields: {} }),
    action: readAction(route, inherited),
    from: readObjectRef(route),
    ...readRouteFilters(route, inherited.filters),
    [raw]: route.fields,
  };
}
