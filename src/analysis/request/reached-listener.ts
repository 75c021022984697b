// The listeners that a connection to a port of the pod may reach. Several can share a port: at addresses of their own (a
// Gateway's `bind`), one for IPv4 and one for IPv6, and QUIC for HTTP/3, which is UDP. Source: istio
// pilot/pkg/networking/core/gateway.go buildGatewayListeners, whose order changes with each push; Linux ip(7), bind:
// the socket of the very address goes before one of any address.

import { bareHost } from '#core/host.ts';
import type { Listener } from '#model/listener.ts';
import { isHttp3, type Request } from '#model/request.ts';

/** Warming listeners do not listen yet; static ones (15021, 15090) do. */
export const isServing = ({ state }: Listener): boolean => state === 'active' || state === 'static';

export const isTcp = ({ transport }: Listener): boolean => transport === undefined;

/** Of the listeners that a client with this protocol may reach. */
export const transportOf = (request: Pick<Request, 'alpn'>): Listener['transport'] =>
  isHttp3(request) ? 'UDP' : undefined;

/** Where a listener listens: IP addresses, `0.0.0.0` and `::` for all of their kind. */
const addressesOf = ({ address, port, additionalAddresses }: Listener): { host: string; port: number }[] => [
  { host: address, port },
  ...additionalAddresses.flatMap((text) => {
    const [, host, number] = /^\[?(.*?)\]?:(\d+)$/.exec(text) ?? [];
    return host === undefined ? [] : [{ host, port: Number(number) }];
  }),
];

export const listensOn = (listener: Listener, port: number): boolean =>
  addressesOf(listener).some((one) => one.port === port);

const isAny = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** The address that a listener alone has its port at; undefined for one that takes connections to every address. */
export function ownAddress(listener: Listener): string | undefined {
  const hosts = addressesOf(listener).map(({ host }) => host);
  return hosts.some(isAny) ? undefined : hosts[0];
}

/** What is known of where the connection goes. */
export interface Target {
  readonly port: number;
  /** As listeners have it: TCP where it is absent. */
  readonly transport?: Listener['transport'];
  /** The pod's own address, to which Services send. */
  readonly podIp?: string | undefined;
  /** The host that the client names; it counts where it is an address. */
  readonly host?: string | undefined;
}

/** The one that the connection reaches first, then those that connections to other addresses reach. */
export function reachedListeners(listeners: readonly Listener[], target: Target): Listener[] {
  return listeners
    .filter(
      (listener) => isServing(listener) && listener.transport === target.transport && listensOn(listener, target.port),
    )
    .map((listener) => ({ listener, rank: rankOf(listener, target) }))
    .sort((a, b) => a.rank - b.rank || (a.listener.address < b.listener.address ? -1 : 1))
    .map(({ listener }) => listener);
}

/** A Host header that is sent to another place changes nothing of where the connection goes. */
export const targetOf = (
  port: number,
  { authority, destination, alpn }: Pick<Request, 'authority' | 'destination' | 'alpn'>,
  podIp?: string,
): Target => ({
  port,
  transport: transportOf({ alpn }),
  podIp,
  host: destination ?? bareHost(authority),
});

/**
 * It is known that the connection reaches this one, where it is the first of them. `::` takes IPv4 only where it is told
 * to (`ipv4_compat`), and then behind a `0.0.0.0`; a pod can have an address of each family.
 */
export const isReachedFirst = (listener: Listener, target: Target): boolean => rankOf(listener, target) < 3;

function rankOf(listener: Listener, target: Target): number {
  const hosts = addressesOf(listener).flatMap(({ host, port }) => (port === target.port ? [host] : []));
  return Math.min(...hosts.map((host) => rankOfAddress(host, listener, target)));
}

function rankOfAddress(address: string, { ipv4Compat }: Listener, { podIp = '', host = '' }: Target): number {
  if (address === host) return 0;
  if (address === podIp) return 1;
  const isIpv6 = host.includes(':') || (!isIpv4(host) && podIp.includes(':'));
  if (isAny(address)) return (address === '::') === isIpv6 ? 2 : ipv4Compat && !isIpv6 ? 2.5 : 3;
  return isLoopback(address) ? 5 : 4;
}

const isIpv4 = (host: string): boolean => /^\d+(\.\d+){3}$/.test(host);

/** A listener that nothing outside the pod can reach. */
const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';
