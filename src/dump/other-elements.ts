// What a pod holds besides listeners, routes, clusters, hosts and secrets, as it is compared: extensions that came by
// ECDS, scopes of routes, what EDS says, the bootstrap, the runtime. Source: envoy/admin/v3/config_dump_shared.proto,
// config_dump.proto, envoy source/server/admin/runtime_handler.cc.

import { contentOf, type JsonObject, numberIn, objectIn, objectsIn, rootObject, textIn } from '#core/json.ts';
import { memoizeByIdentity } from '#core/memoize.ts';
import { raw } from '#model/content.ts';
import type { OtherElement } from '#model/difference.ts';
import { describeAddress } from './address.ts';
import { type DumpElement, dumpElements, readRejection } from './elements.ts';

/** Throws ToolError `bad-answer` with the path of what cannot be read, as all of these do. */
export const readExtensions = (json: unknown): OtherElement[] =>
  dumpElements(json, 'Ecds').map(({ element }) => {
    const filter = objectIn(element, 'ecds_filter');
    return { kind: 'extension', ...about(element, filter && textIn(filter, 'name')), [raw]: filter?.fields };
  });

export const readScopedRoutes = (json: unknown): OtherElement[] =>
  dumpElements(json, 'ScopedRoutes').map(({ element, state }: DumpElement) => {
    const scopes = objectsIn(element, 'scoped_route_configs').map(({ fields }) => fields);
    return { kind: 'scoped routes', ...about(element, textIn(element, 'name')), [raw]: { state, scopes } };
  });

/**
 * The policy of each cluster, and each endpoint with what its locality has: Envoy makes this section of the hosts that
 * it balances over (config_dump_handler.cc dumpEndpointConfigs).
 */
export const readLoadAssignments = (json: unknown): OtherElement[] =>
  dumpElements(json, 'Endpoints').flatMap(({ element }) => {
    const assignment = objectIn(element, 'endpoint_config');
    if (!assignment) return [];
    const cluster = textIn(assignment, 'cluster_name') ?? '';
    return [
      { kind: 'load assignment', ...about(element, cluster), [raw]: assignment.fields },
      ...assignedOf(assignment),
    ];
  });

/** Read once for assignments that several pods have. */
const assignedOf = memoizeByIdentity(contentOf, (assignment): OtherElement[] => {
  const cluster = textIn(assignment, 'cluster_name') ?? '';
  return objectsIn(assignment, 'endpoints').flatMap((locality) => assignedIn(locality, cluster));
});

/** A locality without endpoints in it, too: it may name where they are. */
function assignedIn(locality: JsonObject, cluster: string): OtherElement[] {
  const endpoints = objectsIn(locality, 'lb_endpoints');
  const own = Object.fromEntries(Object.entries(locality.fields).filter(([name]) => !/^lb_?endpoints$/i.test(name)));
  return (endpoints.length === 0 ? [undefined] : endpoints).map((one) => ({
    kind: 'assigned endpoint',
    name: [cluster, one && addressOf(one)].filter(Boolean).join(' '),
    lastUpdated: undefined,
    rejected: undefined,
    localityWeight: numberIn(locality, 'load_balancing_weight'),
    [raw]: { ...one?.fields, locality_lb_endpoints: own },
  }));
}

function addressOf(endpoint: JsonObject): string {
  const host = objectIn(endpoint, 'endpoint');
  const address = host && objectIn(host, 'address');
  return address ? describeAddress(address) : '';
}

export const readBootstrap = (json: unknown): OtherElement[] =>
  objectsIn(rootObject(json, 'the config dump'), 'configs').flatMap((section) => {
    const bootstrap = objectIn(section, 'bootstrap');
    return bootstrap ? [{ kind: 'bootstrap', ...about(section, ''), [raw]: bootstrap.fields }] : [];
  });

/** Of `/runtime`: what every layer says and what counts, also what RTDS and `/runtime_modify` have set. */
export function readRuntimeLayers(json: unknown): OtherElement[] {
  const { fields } = rootObject(json, 'the runtime');
  return [{ kind: 'runtime', name: '', lastUpdated: undefined, rejected: undefined, [raw]: fields }];
}

const about = (
  element: JsonObject,
  name: string | undefined,
): Pick<OtherElement, 'name' | 'lastUpdated' | 'rejected'> => ({
  name: name ?? '',
  lastUpdated: textIn(element, 'last_updated'),
  rejected: readRejection(element),
});
