// Hosts and addresses as logs write them, with and without port, in one spelling. Source: RFC 3986 §3.2.2, RFC 5952,
// RFC 4291 §2.5.5.2.

import { bareHost, isBareIpv6, withoutPort } from '#core/host.ts';

const bracketed = /^\[([0-9a-f:.]+)\](:\d+)?$/i;

/** IPv6 in brackets and its shortest form, IPv4 inside it as IPv4, with its port; anything else as it is. */
export function oneSpelling(host: string): string {
  const [, inside, port = ''] = bracketed.exec(host) ?? [];
  const address = inside ?? (isBareIpv6(host) ? host : undefined);
  if (address === undefined || !URL.canParse(`http://[${address}]/`)) return host;
  const { hostname } = new URL(`http://[${address}]/`);
  return (mappedIpv4(hostname) ?? hostname) + port;
}

/** A listener for both families sees IPv4 clients as `[::ffff:a00:8]`. */
function mappedIpv4(hostname: string): string | undefined {
  const [, ...halves] = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(hostname) ?? [];
  const bytes = halves.map((half) => Number.parseInt(half, 16)).flatMap((half) => [half >> 8, half & 0xff]);
  return bytes.length === 4 ? bytes.join('.') : undefined;
}

/** All spellings that a pattern may match: with port, without it, and without brackets. */
export function spellings(host: string): readonly string[] {
  return [host, withoutPort(host), bareHost(host)];
}
