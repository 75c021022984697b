// Hosts and addresses as logs write them, with and without port, in one spelling. Source: RFC 3986 §3.2.2, RFC 5952.

import { bareHost, isBareIpv6, withoutPort } from '#core/host.ts';

const bracketed = /^\[([0-9a-f:.]+)\](:\d+)?$/i;

/** IPv6 in brackets and its shortest form, with its port; anything else as it is. */
export function oneSpelling(host: string): string {
  const [, inside, port = ''] = bracketed.exec(host) ?? [];
  const address = inside ?? (isBareIpv6(host) ? host : undefined);
  if (address === undefined || !URL.canParse(`http://[${address}]/`)) return host;
  return new URL(`http://[${address}]/`).hostname + port;
}

/** All spellings that a pattern may match: with port, without it, and without brackets. */
export function spellings(host: string): readonly string[] {
  return [host, withoutPort(host), bareHost(host)];
}
