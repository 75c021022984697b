// Which proxy leads to the API server. Source: golang.org/x/net/http/httpproxy, which kubectl follows.

import { BlockList, isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy that the environment names for `server`; undefined for none. Loopback addresses never take one. */
export function proxyOf(server: URL, env: Environment): string | undefined {
  const host = server.hostname.replace(/^\[|\]$/g, '');
  const read = (name: string): string | undefined => env[name] || env[name.toLowerCase()] || undefined;
  const proxy = read(server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (proxy === undefined || isLoopback(host)) return undefined;
  const exceptions = (read('NO_PROXY') ?? '').split(',').map((word) => word.trim().toLowerCase());
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  if (exceptions.some((word) => isException(word, host.toLowerCase(), port))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/**
 * `*`, an address, a CIDR, `.domain` (only below it) or `domain` (also itself); each but the CIDR with `:port` or
 * without.
 */
function isException(word: string, host: string, port: string): boolean {
  if (word === '') return false;
  if (word === '*') return true;
  if (word.includes('/')) return isInSubnet(word, host);
  if (isIP(word) === 6) return word === host;
  const [, name = word, onlyPort] = /^(.*?)(?::(\d+))?$/.exec(word) ?? [];
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const bare = name.replace(/^\*\./, '.').replace(/^\[(.*)\]$/, '$1');
  if (bare.startsWith('.')) return host.endsWith(bare);
  return host === bare || (isIP(host) === 0 && host.endsWith(`.${bare}`));
}

function isInSubnet(cidr: string, host: string): boolean {
  const [network = '', prefix] = cidr.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(host) === 0 || isIP(network) !== isIP(host) || !/^\d+$/.test(prefix ?? '')) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family);
  return list.check(host, family);
}
