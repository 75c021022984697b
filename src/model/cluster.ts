// Clusters (upstream services) and their endpoints as Envoy holds them.
// Source: envoy/config/cluster/v3/cluster.proto, envoy/admin/v3/clusters.proto,
// envoy/extensions/transport_sockets/tls/v3/tls.proto.

import { withoutPort } from '#core/host.ts';
import type { FromEnvoy } from './content.ts';
import type { ObjectRef, Rejection, ResourceState, Unknown } from './resource.ts';

export interface Cluster extends FromEnvoy {
  /** `outbound|4001||svc1-tls-service.svc1.svc.cluster.local`. */
  readonly name: string;
  readonly state: ResourceState;
  readonly lastUpdated: string | undefined;
  readonly rejected: Rejection | undefined;
  /** EDS, STRICT_DNS, LOGICAL_DNS, STATIC, ORIGINAL_DST, or an unknown one by name. */
  readonly type: string;
  /** The name under which EDS serves the endpoints; the cluster's own where none is set. */
  readonly edsServiceName: string;
  readonly lbPolicy: string | undefined;
  readonly connectTimeoutMs: number | undefined;
  readonly destinationRule: ObjectRef | undefined;
  readonly tls: UpstreamTls;
  readonly circuitBreakers: readonly CircuitBreaker[];
  readonly outlierDetection: Readonly<Record<string, string | number>> | undefined;
  /** Percent of healthy endpoints below which Envoy balances over all; Envoy's default is 50, 0 = never. */
  readonly panicThreshold: number;
  /** Below it Envoy fails requests instead (`fail_traffic_on_panic`); absent: it balances over all. */
  readonly failsInPanic?: true | undefined;
  /** ORIGINAL_DST: the request header with the address of the endpoint; absent: that which the connection was for. */
  readonly addressHeader?: string | undefined;
  /** A Secret that its TLS waits for, where that was asked; absent: none. */
  readonly awaits?: string | undefined;
  /** Fields that may change the answer and that this tool does not evaluate; absent: none. */
  readonly unevaluated?: readonly string[] | undefined;
  /** Endpoints that stand in the cluster itself (STATIC, STRICT_DNS): `address:port`. */
  readonly inlineEndpoints: readonly string[];
}

/** The last one is the extension that goes before the two types (envoy/extensions/clusters/dns/v3). */
const ofDns = new Set(['STRICT_DNS', 'LOGICAL_DNS', 'envoy.extensions.clusters.dns.v3.DnsCluster']);
const listing = new Set(['EDS', 'STATIC', ...ofDns]);

/** Envoy lists its endpoints. Those of other types are made from requests and connections, or are those of other clusters. */
export const listsEndpoints = ({ type }: Pick<Cluster, 'type'>): boolean => listing.has(type);

/** Why a cluster without endpoints has none, where DNS gives them; a name that does not resolve is no error to Envoy. */
export function whyUnresolved({
  type,
  inlineEndpoints,
}: Pick<Cluster, 'type' | 'inlineEndpoints'>): string | undefined {
  if (!ofDns.has(type)) return undefined;
  const names = new Set(inlineEndpoints.map(withoutPort));
  return `Envoy has got no address of ${[...names].join(', ')} from DNS`;
}

export type UpstreamTls =
  | { readonly mode: 'none' }
  | {
      readonly mode: 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL';
      readonly sni: string | undefined;
      /** The SNI is the request's host (`auto_sni`). */
      readonly autoSni: boolean;
      /** One of them has to be in the endpoint's certificate; empty: any. */
      readonly subjectAltNames: readonly string[];
      /** SDS name of the CA, or `inline`. */
      readonly ca: string | undefined;
      /** False: the endpoint's certificate is not checked at all. */
      readonly isVerified: boolean;
      /** `enforce_rsa_key_usage`, where it is given; Envoy's default depends on its version. */
      readonly enforcesRsaKeyUsage?: boolean;
    }
  /** Chosen per endpoint by its metadata (Istio's auto mTLS). */
  | { readonly mode: 'per-endpoint'; readonly choices: readonly TransportChoice[] }
  | ({ readonly mode: 'unknown' } & Pick<Unknown, 'type'>);

/** The first one that an endpoint's metadata meet is taken. */
export interface TransportChoice {
  readonly name: string;
  readonly tls: UpstreamTls;
  /** What the metadata have to say: every endpoint meets an empty one. Absent: values that are no text. */
  readonly match?: Readonly<Record<string, string>>;
}

export interface CircuitBreaker {
  readonly priority: 'DEFAULT' | 'HIGH' | string;
  readonly maxConnections: number | undefined;
  readonly maxPendingRequests: number | undefined;
  readonly maxRequests: number | undefined;
  readonly maxRetries: number | undefined;
}

/** One host of a cluster, from `/clusters?format=json`: what Envoy balances over now. */
export interface Endpoint extends FromEnvoy {
  readonly cluster: string;
  /** `10.64.0.7:4000`, `[::1]:80`, or a pipe's path. */
  readonly address: string;
  readonly health: 'HEALTHY' | 'UNHEALTHY' | 'DEGRADED' | 'DRAINING';
  /**
   * Why it is not healthy: `failed_outlier_check`, `failed_active_health_check`, `eds: UNHEALTHY`…; empty for a healthy
   * one.
   */
  readonly reasons: readonly string[];
  readonly weight: number;
  readonly priority: number;
  /** `region/zone/subzone`; empty where it has none. */
  readonly locality: string;
  /** -1 = not enough requests to tell. */
  readonly successRate: number | undefined;
  readonly hostname: string | undefined;
  /** Undefined where they were not asked for. */
  readonly stats: Readonly<Record<string, number>> | undefined;
}
