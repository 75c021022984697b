// The hosts and names in what a pod answered, for who wants others in their place.

/** Fields of Envoy's answers whose texts are hosts, or names of objects. */
const hostFields: ReadonlySet<string> = new Set([
  'cluster',
  'cluster_id',
  'cluster_name',
  'config',
  'dns',
  'domains',
  'host',
  'host_redirect',
  'host_rewrite_literal',
  'hostname',
  'route_config_name',
  'server_names',
  'sni',
]);

/** `answer`: JSON. */
export function collectHosts(answer: unknown, into: Set<string>): void {
  if (typeof answer !== 'object' || answer === null) return;
  for (const [field, value] of Object.entries(answer)) {
    const texts = hostFields.has(field) ? [value].flat() : [];
    for (const text of texts) if (typeof text === 'string') into.add(text);
    collectHosts(value, into);
  }
}
