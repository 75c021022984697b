// How Envoy speaks to one endpoint. Source: envoy source/common/upstream/transport_socket_match_impl.cc.

import type { Endpoint, UpstreamTls } from '#model/cluster.ts';
import type { EndpointMetadata } from '#model/configuration.ts';
import type { Transport } from '#model/explanation.ts';

/** Undefined where Envoy does not say, or in a way that this tool does not know. */
export function transportTo(
  { cluster, address }: Pick<Endpoint, 'cluster' | 'address'>,
  tls: UpstreamTls,
  metadata: EndpointMetadata | undefined,
): Transport | undefined {
  if (tls.mode === 'none') return 'plain text';
  if (tls.mode === 'unknown') return undefined;
  if (tls.mode !== 'per-endpoint') return tls.mode === 'SIMPLE' ? 'TLS' : 'mTLS';
  const own = metadata?.get(cluster)?.get(address);
  if (own === undefined) return undefined;
  for (const { tls: choice, match } of tls.choices) {
    if (match === undefined) return undefined;
    const isMet = Object.entries(match).every(([name, value]) => own[name] === value);
    if (isMet) return transportTo({ cluster, address }, choice, metadata);
  }
  return undefined;
}
