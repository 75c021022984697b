// Addresses of listeners and endpoints. Source: envoy/config/core/v3/address.proto.

import { booleanIn, enumIn, type JsonObject, numberIn, objectIn, textIn } from '#core/json.ts';

export interface SocketAddress {
  /** An IP address, or a name that Envoy resolves. */
  readonly host: string;
  readonly port: number;
  /** Absent: TCP. */
  readonly transport?: 'UDP';
}

/** Undefined for pipes and internal addresses, which have no port. */
export function readSocketAddress(address: JsonObject): SocketAddress | undefined {
  const socket = objectIn(address, 'socket_address');
  return (
    socket && {
      host: textIn(socket, 'address') ?? '',
      port: numberIn(socket, 'port_value') ?? 0,
      ...(enumIn(socket, 'protocol') === 'UDP' ? { transport: 'UDP' as const } : {}),
    }
  );
}

/** `::` that is told to. Source: envoy source/common/network/resolver_impl.cc, socket_interface_impl.cc (IPV6_V6ONLY). */
export function takesIpv4(address: JsonObject): boolean {
  const socket = objectIn(address, 'socket_address');
  return socket !== undefined && textIn(socket, 'address') === '::' && booleanIn(socket, 'ipv4_compat') === true;
}

/** As Envoy writes it: `10.64.0.7:4000`, `[::1]:80`, a pipe's path, `envoy://LISTENER/ID`. */
export function describeAddress(address: JsonObject): string {
  const socket = objectIn(address, 'socket_address');
  if (socket) return withPort(textIn(socket, 'address') ?? '', numberIn(socket, 'port_value') ?? 0);
  const pipe = objectIn(address, 'pipe');
  if (pipe) return textIn(pipe, 'path') ?? '';
  const internal = objectIn(address, 'envoy_internal_address');
  return internal
    ? `envoy://${textIn(internal, 'server_listener_name') ?? ''}/${textIn(internal, 'endpoint_id') ?? ''}`
    : '';
}

const withPort = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
