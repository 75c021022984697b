// Clusters and their endpoints.

import type { Cluster, Endpoint, UpstreamTls } from '#model/cluster.ts';

export const cluster = (changes: Partial<Cluster> = {}): Cluster => {
  const name = changes.name ?? 'outbound|4001||svc1-tls-service.svc1.svc.cluster.local';
  return {
    name,
    state: 'active',
    lastUpdated: '2026-11-23T12:06:22.313Z',
    rejected: undefined,
    type: 'EDS',
    edsServiceName: name,
    lbPolicy: 'LEAST_REQUEST',
    connectTimeoutMs: 10_000,
    destinationRule: { kind: 'DestinationRule', namespace: 'svc1', name: 'svc1-main' },
    tls: upstreamTls(),
    circuitBreakers: [
      {
        priority: 'DEFAULT',
        maxConnections: 1000,
        maxPendingRequests: 4_294_967_295,
        maxRequests: 4_294_967_295,
        maxRetries: 4_294_967_295,
      },
    ],
    outlierDetection: undefined,
    panicThreshold: 0,
    inlineEndpoints: [],
    ...changes,
  };
};

export const upstreamTls = (
  changes: Partial<Extract<UpstreamTls, { readonly mode: 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL' }>> = {},
): UpstreamTls => ({
  mode: 'SIMPLE',
  sni: undefined,
  autoSni: true,
  subjectAltNames: [],
  ca: 'file-root:/etc/ssl/certs/ca-certificates.crt',
  isVerified: true,
  ...changes,
});

export const endpoint = (changes: Partial<Endpoint> = {}): Endpoint => ({
  cluster: 'outbound|4001||svc1-tls-service.svc1.svc.cluster.local',
  address: '10.64.0.4:4000',
  health: 'HEALTHY',
  reasons: [],
  weight: 1,
  priority: 0,
  locality: '',
  successRate: undefined,
  hostname: undefined,
  stats: {},
  ...changes,
});
