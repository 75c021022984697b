// Hosts and addresses as logs write them, with and without port: IPv6 stands in brackets there, in X-Forwarded-For and
// in `kubectl get pods -o wide` it does not. Source: RFC 3986 §3.2.2, RFC 5952.

const bareIpv6 = /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i;
const bracketed = /^\[([0-9a-f:.]+)\](:\d+)?$/i;

export const withoutPort = (host: string): string => (bareIpv6.test(host) ? host : host.replace(/:\d+$/, ''));

/** IPv6 in brackets and its shortest form, with its port; anything else as it is. */
export function oneSpelling(host: string): string {
  const [, inside, port = ''] = bracketed.exec(host) ?? [];
  const address = inside ?? (bareIpv6.test(host) ? host : undefined);
  if (address === undefined || !URL.canParse(`http://[${address}]/`)) return host;
  return new URL(`http://[${address}]/`).hostname + port;
}

/** All that a pattern may be held against: with port, without it, and without brackets. */
export function spellings(host: string): readonly string[] {
  const bare = withoutPort(host);
  return [host, bare, bare.replace(/^\[(.*)\]$/, '$1')];
}
