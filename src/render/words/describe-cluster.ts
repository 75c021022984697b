// A cluster's name as people say it: `outbound|4002|v1|svc2-tls-service.svc2.svc.cluster.local` is
// svc2/svc2-tls-service:4002 (v1). No two clusters are described alike.

import { parseClusterName } from '#model/cluster-name.ts';

const inCluster = /^([^./]+)\.([^./]+)\.svc\.cluster\.local$/;

export function describeCluster(name: string): string {
  const parsed = name.startsWith('outbound|') ? parseClusterName(name) : undefined;
  if (!parsed) return name.includes('/') ? JSON.stringify(name) : name;
  const [, service, namespace] = inCluster.exec(parsed.fqdn) ?? [];
  const host = service === undefined ? parsed.fqdn : `${namespace}/${service}`;
  return `${host}:${parsed.port}${parsed.subset === '' ? '' : ` (${parsed.subset})`}`;
}
