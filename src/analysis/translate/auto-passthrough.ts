// The filter chains of a server that hands TLS on to Services of the mesh by their clusters' names. Source: istio
// pilot/pkg/networking/core/gateway.go builtAutoPassthroughFilterChains.

import { type GatewayServer, plainHost } from '#analysis/istio/gateway-merge.ts';
import { takesHost } from '#analysis/istio/host-names.ts';
import { parseClusterName } from '#model/cluster-name.ts';
import type { FilterChainMatch } from '#model/listener.ts';

/** Proxies of the mesh alone offer them. Source: core/listener.go allIstioMtlsALPNs. */
const meshProtocols = ['istio', 'istio-peer-exchange', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'];

/** `clusters`: names of those that the gateway holds. Services outside of the mesh are left out. */
export const matchesForServices = (
  { hosts }: Pick<GatewayServer, 'hosts'>,
  clusters: readonly string[],
): Pick<FilterChainMatch, 'serverNames' | 'applicationProtocols'>[] =>
  clusters.flatMap((name) => {
    const { direction, port, subset, fqdn = '' } = parseClusterName(name) ?? {};
    const isTaken = fqdn.includes('.svc.') && hosts.some((host) => takesHost(plainHost(host), fqdn));
    return direction === 'outbound' && isTaken
      ? [{ serverNames: [`outbound_.${port}_.${subset}_.${fqdn}`], applicationProtocols: meshProtocols }]
      : [];
  });
