// The names that istiod gives to route configurations: `http.8080`, `https.443.https.svc1-main.svc1`.
// Source: pilot/pkg/model/gateway.go GatewayRDSRouteName.

import type { FilterChain } from '#model/listener.ts';
import type { ObjectRef } from '#model/resource.ts';

/**
 * The Gateway of an HTTPS server; those of plain HTTP share one route configuration for each port. The name is
 * `https.PORT.PORTNAME.GATEWAY.NAMESPACE`, and only the name of the port may have dots: it is read from the right.
 */
function gatewayOfRoutes(routeConfiguration: string): ObjectRef | undefined {
  const [, name, namespace] = /^https\.\d+\..+\.([^.]+)\.([^.]+)$/.exec(routeConfiguration) ?? [];
  return name === undefined || namespace === undefined ? undefined : { kind: 'Gateway', namespace, name };
}

/** The same of a filter chain; undefined also where it carries no HTTP. */
export const gatewayOfChain = ({ handler }: FilterChain): ObjectRef | undefined =>
  handler.kind === 'http' && handler.routeConfiguration !== undefined
    ? gatewayOfRoutes(handler.routeConfiguration)
    : undefined;
