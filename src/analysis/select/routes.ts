// The filters of `routes`: each is a predicate on one row; all given ones must hold.

import { servesHost } from '#analysis/request/host-match.ts';
import { matchesPath } from '#analysis/request/path-match.ts';
import { globMatcher, isGlob } from '#core/glob.ts';
import { typedHost } from '#core/host.ts';
import type { ObjectRef } from '#model/resource.ts';
import type { RouteRow } from '#model/route.ts';
import { clustersOfAction, originsOf } from '#model/route.ts';
import { ownership, serviceMatcher } from './service-match.ts';

export interface RouteFilter {
  readonly host?: string | undefined;
  readonly path?: string | undefined;
  readonly port?: number | undefined;
  readonly service?: string | undefined;
  readonly vs?: string | undefined;
  readonly name?: string | undefined;
  /** NAMESPACE or NAMESPACE/NAME: what concerns a service's owner. */
  readonly for?: string | undefined;
}

type Predicate = (row: RouteRow) => boolean;

export function routeFilter(filter: RouteFilter): Predicate {
  const predicates: Predicate[] = [];
  if (filter.host !== undefined) predicates.push(byHost(filter.host));
  if (filter.path !== undefined) predicates.push(byPath(filter.path));
  if (filter.port !== undefined) predicates.push(byPort(filter.port));
  if (filter.service !== undefined) predicates.push(byService(filter.service));
  if (filter.vs !== undefined) predicates.push(byObject(filter.vs));
  if (filter.name !== undefined) predicates.push(byConfiguration(filter.name));
  if (filter.for !== undefined) predicates.push(byOwner(filter.for));
  return (row) => predicates.every((holds) => holds(row));
}

/** A host as a client writes it finds the domains that serve it; a pattern finds the domains it matches. */
function byHost(host: string): Predicate {
  // A domain may have a port.
  const hosts = [...new Set([host, typedHost(host)])].map((one) => one.toLowerCase());
  const matches = hosts.map((one) =>
    isGlob(one) ? globMatcher(one) : (domain: string): boolean => servesHost(domain, one),
  );
  return (row) => row.domains.some((domain) => matches.some((holds) => holds(domain.toLowerCase())));
}

/** A path that this tool cannot judge (a template) stays in: hiding it would be a wrong answer. */
function byPath(text: string): Predicate {
  const path = text.replace(/[?#].*$/s, '');
  return (row) => row.route !== undefined && matchesPath(row.route.match.path, path) !== false;
}

/** The Gateway's port stands in the virtual host's name, the listener's in the route configuration's. */
function byPort(port: number): Predicate {
  const inName = new RegExp(`^https?\\.${port}(\\.|$)`);
  return (row) => inName.test(row.routeConfiguration) || row.virtualHost.endsWith(`:${port}`);
}

function byService(wanted: string): Predicate {
  const matches = serviceMatcher(wanted);
  return (row) => clustersOf(row).some(matches);
}

const clustersOf = ({ route }: RouteRow): string[] => (route === undefined ? [] : clustersOfAction(route.action));

function byObject(wanted: string): Predicate {
  const matches = globMatcher(wanted);
  return (row) => originsOfRow(row).some(({ namespace, name }) => matches(name) || matches(`${namespace}/${name}`));
}

const originsOfRow = ({ route }: RouteRow): readonly ObjectRef[] => (route === undefined ? [] : originsOf(route));

function byConfiguration(wanted: string): Predicate {
  const matches = globMatcher(wanted);
  return (row) => matches(row.routeConfiguration) || (row.route !== undefined && matches(row.route.name));
}

function byOwner(wanted: string): Predicate {
  const owner = ownership(wanted);
  return (row) => originsOfRow(row).some(owner.has) || clustersOf(row).some(owner.hasServiceOf);
}
