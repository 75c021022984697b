// `/clusters?format=json` → endpoints that have never taken a connection. Source: envoy/admin/v3/clusters.proto; a
// handshake of TLS that fails counts as well: envoy source/common/conn_pool/conn_pool_base.cc onConnectionEvent.

import { compareText } from '#core/compare.ts';
import { type JsonObject, objectsIn, rootObject, textIn } from '#core/json.ts';
import type { FailedConnections } from '#model/gathered.ts';
import { statIn } from './host-stats.ts';

/** Clusters with such an endpoint, by their names. Throws ToolError `bad-answer` with the path of what cannot be read. */
export const readFailedConnections = (json: unknown): FailedConnections[] =>
  objectsIn(rootObject(json, 'the clusters'), 'cluster_statuses')
    .flatMap(readCluster)
    .sort((a, b) => compareText(a.cluster, b.cluster));

function readCluster(cluster: JsonObject): FailedConnections[] {
  const hosts = objectsIn(cluster, 'host_statuses').map((host) => {
    const stats = objectsIn(host, 'stats');
    return { failed: statIn(stats, 'cx_connect_fail') ?? 0, all: statIn(stats, 'cx_total') ?? 0 };
  });
  const never = hosts.filter(({ failed, all }) => failed > 0 && failed === all);
  if (never.length === 0) return [];
  return [
    {
      cluster: textIn(cluster, 'name') ?? '',
      endpoints: hosts.length,
      failing: never.length,
      tried: hosts.filter(({ all }) => all > 0).length,
      attempts: never.reduce((sum, { failed }) => sum + failed, 0),
    },
  ];
}
