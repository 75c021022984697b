// The names that istiod gives to route configurations: `http.8080`, and for HTTPS servers
// `https.PORT.PORTNAME.NAME.NAMESPACE[.BIND]`. Source: istio pilot/pkg/model/gateway.go gatewayRDSRouteName;
// pkg/config/validation ValidateGateway: the name of a Gateway has no dots, except for those that istiod makes in its
// memory of Gateways of the Gateway API. Port names may have some.

import { memoizeByIdentity } from '#core/memoize.ts';
import type { FilterChain } from '#model/listener.ts';
import { type ObjectRef, readInternalName } from '#model/resource.ts';

interface Known {
  /** Where the listener listens, which is the server's `bind` where it has one. */
  readonly address?: string | undefined;
  /** The Gateways that are there. */
  readonly existing?: readonly Named[];
}

/**
 * The Gateway of an HTTPS server; those of plain HTTP share one route configuration for each port. A name that can be
 * read in several ways is looked up among the Gateways; where these do not decide, it is the only reading that istiod's
 * rules allow, or undefined where they allow several.
 */
export function gatewayOfRoutes(
  routeConfiguration: string,
  { address, existing = none }: Known = {},
): ObjectRef | undefined {
  const readings = readingsOf(routeConfiguration, address);
  const found = readings.filter(({ gateway }) => namesOf(existing).has(nameOf(gateway)));
  const allowed = readings.filter(({ isAllowed }) => isAllowed);
  const [only, ...more] = found.length === 1 ? found : allowed;
  return more.length === 0 ? only?.gateway : undefined;
}

type Named = Pick<ObjectRef, 'namespace' | 'name'>;

const none: readonly Named[] = [];
const nameOf = ({ namespace, name }: Named): string => `${namespace}/${name}`;

/** Hundreds of filter chains are looked up among hundreds of Gateways. */
const namesOf = memoizeByIdentity(
  (existing: readonly Named[]) => existing,
  (existing) => new Set(existing.map(nameOf)),
);

/** The same of a filter chain; undefined also where it carries no HTTP. */
export const gatewayOfChain = ({ handler }: FilterChain, known: Known): ObjectRef | undefined =>
  handler.kind === 'http' && handler.routeConfiguration !== undefined
    ? gatewayOfRoutes(handler.routeConfiguration, known)
    : undefined;

/** Only the Gateways that are there can tell. */
export const hasSeveralReadings = (routeConfiguration: string): boolean =>
  readingsOf(routeConfiguration, undefined).length > 1;

interface Reading {
  readonly gateway: ObjectRef;
  readonly isAllowed: boolean;
}

function readingsOf(routeConfiguration: string, address: string | undefined): Reading[] {
  const [, all] = /^https\.\d+\.(.+)$/s.exec(routeConfiguration) ?? [];
  if (all === undefined) return [];
  return withoutBind(all, address).flatMap((rest) => {
    const [, portAndName = '', namespace] = /^(.+)\.([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)$/.exec(rest) ?? [];
    return namespace === undefined ? [] : readingsIn(namespace, portAndName);
  });
}

/** An address at the end is the server's `bind` where the listener has it; else it may be one. */
function withoutBind(text: string, address: string | undefined): string[] {
  if (address !== undefined) return [text.endsWith(`.${address}`) ? text.slice(0, -address.length - 1) : text];
  const [, before] = /^(.+)\.(?:\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f:.]*)$/i.exec(text) ?? [];
  return before === undefined ? [text] : [before, text];
}

/** Of `PORTNAME.NAME`. istiod calls the port of each Gateway in its memory `default`. */
function readingsIn(namespace: string, portAndName: string): Reading[] {
  const ofMemory = /^default\.(.+)$/s.exec(portAndName)?.[1];
  if (ofMemory !== undefined && readInternalName(ofMemory))
    return [{ gateway: gatewayNamed(namespace, ofMemory), isAllowed: true }];
  const labels = portAndName.split('.');
  return labels.slice(1).map((_, index) => {
    const name = labels.slice(index + 1);
    return { gateway: gatewayNamed(namespace, name.join('.')), isAllowed: name.length === 1 };
  });
}

/** A listener of a ListenerSet has a name like one of a Gateway. Source: istio conversion of both, InternalGatewayName. */
function gatewayNamed(namespace: string, name: string): ObjectRef {
  const internal = readInternalName(name);
  return internal?.part === undefined
    ? { kind: 'Gateway', namespace, name }
    : { kind: 'Gateway or ListenerSet', namespace, name: internal.name, part: `listener ${internal.part}` };
}
