// The filters of `listeners`: each is a predicate on one row; all given ones must hold.

import { servesHost } from '#analysis/request/host-match.ts';
import { globMatcher, isGlob } from '#core/glob.ts';
import { typedHost } from '#core/host.ts';
import type { ListenerRow } from '#model/listener-row.ts';

export interface ListenerFilter {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** Where the Service sends connections to that port. */
  readonly listenerPort?: number | undefined;
  readonly name?: string | undefined;
}

type Predicate = (row: ListenerRow) => boolean;

export function listenerFilter(filter: ListenerFilter): Predicate {
  const predicates: Predicate[] = [];
  if (filter.host !== undefined) predicates.push(byHost(filter.host));
  if (filter.port !== undefined) predicates.push(byPort(filter.port, filter.listenerPort));
  if (filter.name !== undefined) predicates.push(byName(filter.name));
  return (row) => predicates.every((holds) => holds(row));
}

/**
 * A host as a client writes it finds the chains that serve it, also those that take every name; a pattern finds the
 * server names it matches. A rejected update stays in: it may have been for this host. Static listeners are the proxy's
 * own and serve no host.
 */
function byHost(host: string): Predicate {
  const wanted = typedHost(host).toLowerCase();
  const matches = isGlob(wanted) ? globMatcher(wanted) : (name: string) => servesHost(name, wanted);
  return ({ chain, state }) => {
    if (state === 'rejected') return true;
    if (!chain || state === 'static') return false;
    return chain.match.serverNames.length === 0 ? !isGlob(wanted) : chain.match.serverNames.some(matches);
  };
}

/** The Gateway's port stands in the name of the route configuration. */
function byPort(port: number, listenerPort = port): Predicate {
  const inName = new RegExp(`^https?\\.${port}(\\.|$)`);
  const ports = new Set([port, listenerPort]);
  return (row) =>
    ports.has(row.port) ||
    row.additionalAddresses.some((address) => ports.has(Number(/:(\d+)$/.exec(address)?.[1]))) ||
    inName.test(routeConfiguration(row));
}

function byName(wanted: string): Predicate {
  const matches = globMatcher(wanted);
  return (row) =>
    [row.listener, row.chain?.name, routeConfiguration(row)].some(
      (name) => name !== undefined && name !== '' && matches(name),
    );
}

const routeConfiguration = ({ chain }: ListenerRow): string =>
  chain?.to.kind === 'routes' ? chain.to.routeConfiguration : '';
