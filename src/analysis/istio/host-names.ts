// Hosts of Gateways and VirtualServices. Source: istio pkg/config/host/name.go: a wildcard stands for what it ends with.

/** Whether `pattern` (`*`, `*.b.c`, `a.b.c`; lower case) takes this very host. */
export const takesHost = (pattern: string, host: string): boolean =>
  pattern === '*' ||
  pattern === host ||
  (pattern.startsWith('*') && host.length >= pattern.length && host.endsWith(pattern.slice(1)));
