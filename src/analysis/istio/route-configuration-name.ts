// The names that istiod gives to route configurations: `http.8080`, `https.443.https.svc1-main.svc1`.
// Source: pilot/pkg/model/gateway.go GatewayRDSRouteName.

import type { ObjectRef } from '#model/resource.ts';

/** The Gateway of an HTTPS server; those of plain HTTP share one route configuration for each port. */
export function gatewayOfRoutes(routeConfiguration: string): ObjectRef | undefined {
  const [protocol, port, portName, name, namespace] = routeConfiguration.split('.');
  if (protocol !== 'https' || !port || !portName || !name || !namespace) return undefined;
  return { kind: 'Gateway', namespace, name };
}
