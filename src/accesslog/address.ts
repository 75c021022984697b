// Hosts and addresses as logs write them, with and without port.

import { bareHost, withoutPort } from '#core/host.ts';
import { oneSpelling } from '#core/network.ts';

/** Of this machine itself, with port or without: Envoy writes `[::1]:80`, and `::1` without port. */
export const isLoopback = (address: string): boolean =>
  ['127.0.0.1', '[::1]'].includes(withoutPort(oneSpelling(address)));

/** All spellings that a pattern may match: with port, without it, and without brackets. */
export function spellings(host: string): readonly string[] {
  return [host, withoutPort(host), bareHost(host)];
}
