// Which Gateways ask for which hosts on which port of the pods. Source: istio pilot/pkg/model/gateway.go, networking/v1 gateway.proto.

import type { KubeObject } from '#core/source.ts';
import type { Claim } from '#model/host-certificate.ts';

interface GatewaySpec {
  readonly selector?: Readonly<Record<string, string>>;
  readonly servers?: readonly GatewayServer[];
}

interface GatewayServer {
  readonly port?: { readonly number?: number; readonly protocol?: string };
  readonly hosts?: readonly string[];
  readonly tls?: { readonly mode?: string; readonly credentialName?: string; readonly serverCertificate?: string };
}

/** Of Gateways whose selector picks pods with these labels; an empty selector picks every gateway. */
export function claimsOf(gateways: readonly KubeObject[], labels: Readonly<Record<string, string>>, listenerPortOf: (port: number) => number): Claim[] {
  return gateways.flatMap((gateway) => {
    const { selector = {}, servers = [] } = (gateway.spec ?? {}) as GatewaySpec;
    const isOurs = Object.entries(selector).every(([key, value]) => labels[key] === value);
    return isOurs ? servers.filter(speaksTls).map((server) => claimOf(gateway, server, listenerPortOf)) : [];
  });
}

const speaksTls = ({ port }: GatewayServer): boolean => ['HTTPS', 'TLS'].includes(port?.protocol?.toUpperCase() ?? '');

function claimOf({ metadata }: KubeObject, { port, hosts = [], tls = {} }: GatewayServer, listenerPortOf: (port: number) => number): Claim {
  const mode = tls.mode ?? 'PASSTHROUGH';
  return {
    gateway: { kind: 'Gateway', namespace: metadata.namespace ?? '', name: metadata.name },
    createdAt: metadata.creationTimestamp,
    listenerPort: listenerPortOf(port?.number ?? 0),
    hosts: hosts.map(plainHost),
    mode,
    credential: tls.credentialName ?? tls.serverCertificate,
  };
}

/** The part before the slash: the namespace restricts VirtualServices, not clients. */
const plainHost = (host: string): string => host.slice(host.indexOf('/') + 1).toLowerCase();
