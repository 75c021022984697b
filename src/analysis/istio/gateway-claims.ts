// Which Gateways ask for which hosts on which port of the pods. Source: networking/v1 gateway.proto.

import type { KubeObject } from '#core/kube-object.ts';
import type { Claim } from '#model/host-certificate.ts';
import {
  type GatewayServer,
  isForServices,
  type LostServer,
  mergeGateways,
  plainHost,
  type ServerTls,
} from './gateway-merge.ts';

export interface GatewayClaim extends Claim {
  /** Why istiod leaves the server out; undefined where it does not. */
  readonly lost: LostServer | undefined;
}

/**
 * Of servers that speak TLS, of Gateways whose selector picks pods with these labels; an empty selector picks every
 * gateway.
 */
export function claimsOf(
  gateways: readonly KubeObject[],
  labels: Readonly<Record<string, string>>,
  listenerPortOf: (port: number) => number,
): GatewayClaim[] {
  const { kept, lost } = mergeGateways(gateways, labels, listenerPortOf);
  const claims = [
    ...kept.map((server) => ({ server, lost: undefined })),
    ...lost.map((one) => ({ server: one.server, lost: one })),
  ];
  return claims
    .filter(({ server }) => ['HTTPS', 'TLS'].includes(server.protocol) && !isForServices(server))
    .map(({ server, lost: loss }) => ({ ...claimOf(server), lost: loss }));
}

const claimOf = ({ gateway, createdAt, listenerPort, hosts, tls = {} }: GatewayServer): Claim => ({
  gateway,
  createdAt,
  listenerPort,
  hosts: hosts.map(plainHost),
  mode: tls.mode ?? 'PASSTHROUGH',
  credential: credentialsOf(tls).join(', ') || undefined,
});

/** One, or several with keys of different kinds. Source: networking/v1 gateway.proto, ServerTLSSettings. */
function credentialsOf(tls: ServerTls): string[] {
  const { credentialName, credentialNames, serverCertificate, tlsCertificates } = tls;
  if (Array.isArray(credentialNames) && credentialNames.length > 0) return credentialNames.map(String);
  if (credentialName) return [credentialName];
  const files = Array.isArray(tlsCertificates) ? tlsCertificates.map((one) => one?.serverCertificate) : [];
  return [...files, serverCertificate].filter((file) => typeof file === 'string');
}
