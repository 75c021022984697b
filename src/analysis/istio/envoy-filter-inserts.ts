// What EnvoyFilters put into listeners and route configurations by name. Told only of patches whose match is plain enough
// to say where they apply. Source: networking/v1alpha3 envoy_filter.proto; istio pilot/pkg/networking/core/envoyfilter.

import { field } from '#core/json.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { FilterChain, Listener } from '#model/listener.ts';
import type { RouteConfiguration } from '#model/route.ts';

interface Insert {
  readonly filter: KubeObject;
  readonly applyTo: 'HTTP_FILTER' | 'HTTP_ROUTE';
  /** Of the filter or route that is put in. */
  readonly name: string;
  readonly match: unknown;
}

/** A patch that has no effect where it should. */
export interface MissingInsert {
  readonly filter: KubeObject;
  readonly name: string;
  /** Of the listener or route configuration. */
  readonly in: string;
  /** Hosts that it is for; none: all. */
  readonly hosts: readonly string[];
}

const inserting = new Set(['INSERT_FIRST', 'INSERT_BEFORE', 'INSERT_AFTER', 'ADD']);

/** `filters`: those that are for the gateway; `listeners`: those that take connections. */
export function missingFilters(filters: readonly KubeObject[], listeners: readonly Listener[]): MissingInsert[] {
  return insertsOf(filters, 'HTTP_FILTER').flatMap((insert) =>
    listeners.flatMap((listener) => {
      const chains = listener.filterChains.filter((chain) => isForChain(insert.match, listener, chain));
      const isThere = chains.some((chain) => httpFilters(chain).includes(insert.name));
      return chains.length === 0 || isThere ? [] : [missing(insert, listener.name, [])];
    }),
  );
}

/** `filters`: those that are for the gateway. */
export function missingRoutes(filters: readonly KubeObject[], routes: readonly RouteConfiguration[]): MissingInsert[] {
  return insertsOf(filters, 'HTTP_ROUTE').flatMap((insert) =>
    routes.flatMap(({ name, virtualHosts }) => {
      const hosts = virtualHosts.filter((host) => isForHost(insert.match, name, host));
      const isThere = hosts.some((host) => host.routes.some((route) => route.name === insert.name));
      if (hosts.length === 0 || isThere) return [];
      return [
        missing(
          insert,
          name,
          hosts.flatMap(({ domains }) => domains),
        ),
      ];
    }),
  );
}

/** Whether one of them changes what is already there, so that routes are no longer what the other objects say. */
export const changesRoutes = (filters: readonly KubeObject[]): boolean =>
  filters.flatMap(patchesOf).some((patch) => routeParts.has(applyToOf(patch)) && !inserting.has(operationOf(patch)));

const routeParts = new Set(['ROUTE_CONFIGURATION', 'VIRTUAL_HOST', 'HTTP_ROUTE']);

const missing = ({ filter, name }: Insert, where: string, hosts: readonly string[]): MissingInsert => ({
  filter,
  name,
  in: where,
  hosts,
});

const patchesOf = ({ spec }: KubeObject): readonly unknown[] => {
  const patches = field(spec, 'configPatches');
  return Array.isArray(patches) ? patches : [];
};

const applyToOf = (patch: unknown): string => String(field(patch, 'applyTo'));
const operationOf = (patch: unknown): string => String(field(field(patch, 'patch'), 'operation'));

/** None where a patch takes something away: it may be this. */
function insertsOf(filters: readonly KubeObject[], applyTo: Insert['applyTo']): Insert[] {
  const own = filters.flatMap((filter) =>
    patchesOf(filter)
      .filter((patch) => applyToOf(patch) === applyTo)
      .map((patch) => ({ filter, patch })),
  );
  if (own.some(({ patch }) => ['REMOVE', 'REPLACE'].includes(operationOf(patch)))) return [];
  return own.flatMap(({ filter, patch }) => {
    const name = field(field(field(patch, 'patch'), 'value'), 'name');
    if (typeof name !== 'string' || !inserting.has(operationOf(patch))) return [];
    return [{ filter, applyTo, name, match: field(patch, 'match') ?? {} }];
  });
}

/** Fields that are not read here may narrow the match. */
const hasOnly = (value: unknown, ...names: readonly string[]): boolean =>
  Object.keys(Object(value)).every((name) => names.includes(name));

const isForGateways = (match: unknown): boolean =>
  [undefined, 'ANY', 'GATEWAY'].includes(field(match, 'context') as string | undefined);

const isOrAny = (wanted: unknown, value: unknown): boolean => wanted === undefined || wanted === value;

const connectionManager = 'envoy.filters.network.http_connection_manager';

function isForChain(match: unknown, { name, port }: Listener, chain: FilterChain): boolean {
  const listener = field(match, 'listener');
  const wanted = field(listener, 'filterChain');
  const filter = field(wanted, 'filter');
  const subFilter = field(field(filter, 'subFilter'), 'name');
  return (
    chain.handler.kind === 'http' &&
    isForGateways(match) &&
    hasOnly(match, 'context', 'listener') &&
    hasOnly(listener, 'name', 'portNumber', 'filterChain') &&
    hasOnly(wanted, 'sni', 'filter') &&
    hasOnly(filter, 'name', 'subFilter') &&
    isOrAny(field(listener, 'name'), name) &&
    isOrAny(field(listener, 'portNumber'), port) &&
    isOrAny(field(filter, 'name'), connectionManager) &&
    (field(wanted, 'sni') === undefined || chain.match.serverNames.includes(String(field(wanted, 'sni')))) &&
    (subFilter === undefined || httpFilters(chain).includes(String(subFilter)))
  );
}

const httpFilters = ({ handler }: FilterChain): string[] =>
  handler.kind === 'http' ? handler.httpFilters.map(({ name }) => name) : [];

function isForHost(match: unknown, configuration: string, host: RouteConfiguration['virtualHosts'][number]): boolean {
  const routes = field(match, 'routeConfiguration');
  const wanted = field(routes, 'vhost');
  const route = field(wanted, 'route');
  return (
    isForGateways(match) &&
    hasOnly(match, 'context', 'routeConfiguration') &&
    hasOnly(routes, 'name', 'vhost') &&
    hasOnly(wanted, 'name', 'route') &&
    hasOnly(route, 'name') &&
    isOrAny(field(routes, 'name'), configuration) &&
    isOrAny(field(wanted, 'name'), host.name) &&
    (route === undefined || host.routes.some(({ name }) => name === field(route, 'name')))
  );
}
