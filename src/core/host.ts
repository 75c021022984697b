// The host of an authority (RFC 3986 §3.2) or of an address: IPv6 stands in brackets in URLs and access logs, and
// without them in X-Forwarded-For and in `kubectl get pods -o wide`.

const ipv6Characters = /^[0-9a-f:.]+$/i;

/** IPv6 without brackets, which can have no port. */
export const isBareIpv6 = (host: string): boolean =>
  ipv6Characters.test(host) && host.indexOf(':') !== host.lastIndexOf(':');

/** Brackets of an IPv6 address stay. */
export const withoutPort = (host: string): string => (isBareIpv6(host) ? host : host.replace(/:\d+$/, ''));

/** The host or address alone: an IPv6 address without its brackets. */
export const bareHost = (host: string): string => withoutPort(host).replace(/^\[(.*)\]$/, '$1');

/** A host that the wildcard is for, to be asked for. */
export const hostUnder = (host: string): string => host.replace(/^\*/, 'any');

/** The host of a virtual host's domain, in lower case: `a.example:*` is for every port. */
export const hostOfDomain = (domain: string): string => domain.toLowerCase().replace(/:(\d+|\*)$/, '');

/** Of what somebody has typed or pasted: a URL, with a port, in Unicode, an IPv6 address without brackets. */
export function typedHost(text: string): string {
  if (isBareIpv6(text)) return `[${text}]`;
  const isUrl = /^https?:\/\//i.test(text);
  const host = withoutPort(text);
  if (!isUrl && /^[ -~]*$/.test(host)) return host;
  return URL.parse(isUrl ? text : `http://${host}`)?.hostname || text;
}
