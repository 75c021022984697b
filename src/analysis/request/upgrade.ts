// Requests that ask for another protocol than HTTP: who lets them, and the filters that they go through. Source: envoy
// source/extensions/filters/network/http_connection_manager/config.cc createUpgradeFilterChain,
// source/common/http/conn_manager_impl.cc decodeHeaders, filter_manager.cc createFilterChain.

import { type HttpHandler, upgrades } from '#model/listener.ts';
import type { Request } from '#model/request.ts';
import type { RouteAction } from '#model/route.ts';
import { type Failure, fail } from './failure.ts';
import { isUpgrade } from './wire.ts';

/** In lower case, as nobody looks at that; undefined for a plain request. */
function protocolAskedFor(request: Request): string | undefined {
  if (request.method === 'CONNECT') return 'connect';
  return isUpgrade(request) ? request.headers.get('upgrade')?.join(',').toLowerCase() : undefined;
}

/** A protocol may have filters of its own, in place of the others. */
export function handlerFor(handler: HttpHandler, request: Request): HttpHandler {
  const protocol = protocolAskedFor(request);
  const own = handler[upgrades]?.find(({ type }) => type === protocol);
  return own?.filters ? { ...handler, faults: undefined, ...own.filters } : handler;
}

/**
 * Where no route forwards, the connection manager alone allows; where there is none at all, that is the answer. No filter
 * sees what is refused. Undefined also where it is not known what the connection manager allows.
 */
export function refusedUpgrade(request: Request, handler: HttpHandler, action?: RouteAction): Failure | undefined {
  const protocol = protocolAskedFor(request);
  if (protocol === undefined || handler[upgrades] === undefined) return undefined;
  const isFor = ({ type }: { readonly type: string }): boolean => type === protocol;
  const ofRoute = action?.kind === 'forward' ? action.upgrades?.find(isFor) : undefined;
  if (ofRoute ? ofRoute.isAllowed : handler[upgrades].find(isFor)?.isAllowed) return undefined;
  const name = protocol === 'connect' ? 'CONNECT' : protocol;
  const who = ofRoute ? 'the route forbids' : 'neither route nor connection manager allows';
  return fail('route', `${who} ${name} (upgrade_configs)`, { code: 403 });
}

/** The connection manager is one that this tool expects, and not one of a pod. */
export const upgradeCaveat = (request: Request, handler: HttpHandler): string[] =>
  protocolAskedFor(request) !== undefined && handler[upgrades] === undefined
    ? ['the request asks for another protocol: where neither route nor connection manager allows it, Envoy answers 403']
    : [];
