// Hosts and the wildcards that serve them.

/** Envoy's domain forms: exact, `*suffix`, `prefix*`, `*`; a wildcard never stands for nothing. Both in lower case. */
export function servesHost(domain: string, host: string): boolean {
  if (domain === '*' || domain === host) return true;
  if (domain.startsWith('*')) return host.length >= domain.length && host.endsWith(domain.slice(1));
  if (domain.endsWith('*')) return host.length >= domain.length && host.startsWith(domain.slice(0, -1));
  return false;
}
