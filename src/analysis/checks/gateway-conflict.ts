import { defineCheck, type FoundProblem } from '#analysis/check/check.ts';
import {
  describeAge,
  type GatewayServer,
  type LostServer,
  mergeGateways,
  plainHost,
} from '#analysis/istio/gateway-merge.ts';
import { listenerPorts } from '#analysis/request/entry.ts';
import { type Step, step } from '#core/shell.ts';
import type { HostCertificateItem } from '#model/host-certificate.ts';
import { isSameObject } from '#model/resource.ts';

export default defineCheck({
  id: 'KII040',
  section: 'gateways',
  severity: 'error',
  name: 'gateway-conflict',
  title: 'no two Gateways claim one host on one port',
  reason:
    'The oldest Gateway wins. The server of the other is left out as a whole, with all its hosts, and nothing in its status says so.',
  remedy: 'Take the host out of one of them.',
  avoid: 'Do not delete and create the winner again: it would be the youngest then, and lose.',
  needs: ['gateway', 'gateways', 'services', 'certificates'],
  find: ({ gateway, gateways, services, certificates }) => {
    const labels = gateway.pods[0]?.labels ?? {};
    const { lost, clashes } = mergeGateways(gateways, labels, listenerPorts(services, labels, gateway.namespace));
    return [...lost.map((one) => describeLoss(one, certificates)), ...clashes.map(describeClash)];
  },
});

const nameOf = ({ gateway }: GatewayServer): string => `Gateway ${gateway.namespace}/${gateway.name}`;

const show = ({ gateway }: GatewayServer): Step =>
  step`kubectl -n ${gateway.namespace} get gateways.networking.istio.io ${gateway.name} -o yaml`;

function describeLoss(
  { server, winner, duplicates }: LostServer,
  certificates: readonly HostCertificateItem[],
): FoundProblem {
  const shared = duplicates.map(({ host }) => host).join(', ');
  const why =
    shared === '' ? `port ${server.port} (${winner.protocol}, this one is ${kindOf(server, winner)})` : shared;
  const others = server.hosts.filter((host) => !duplicates.some((one) => one.host === host));
  const also = shared === '' || others.length === 0 ? '' : `, and with it ${others.join(', ')}`;
  const age = describeAge(winner, server);
  const isRedirect = !server.isTls && shared !== '';
  return {
    ...(isRedirect ? { severity: 'info' as const } : {}),
    text: `${nameOf(winner)} has ${why}${age === '' ? '' : ` (${age})`}; ${nameOf(server)} loses its server ${server.portName || server.port} on port ${server.port}${also}${contradiction(server, duplicates, certificates)}`,
    concerns: [winner.gateway, server.gateway],
    // Whoever has routes for them at this Gateway.
    hosts: server.hosts.map(plainHost),
    next: [show(server)],
  };
}

/** What does not go with the winner's: of one protocol only the other's TLS. */
function kindOf({ protocol, tls }: GatewayServer, winner: GatewayServer): string {
  const lacksTls = winner.isTls && tls === undefined && protocol === winner.protocol;
  return `${protocol || 'without a protocol'}${lacksTls ? ' without tls' : ''}`;
}

/** Names pods that still serve the loser's host, against istiod's rule: an old update, or a change of a moment ago. */
function contradiction(
  server: GatewayServer,
  duplicates: LostServer['duplicates'],
  certificates: readonly HostCertificateItem[],
): string {
  const own = certificates.filter(({ value: { host, port, gateway } }) => {
    const isIts = gateway !== undefined && isSameObject(gateway, server.gateway);
    return isIts && port === server.listenerPort && duplicates.some((one) => one.host === host);
  });
  const pods = [...new Set(own.flatMap((item) => item.pods))];
  return pods.length === 0
    ? ''
    : `; ${pods.join(', ')} still ${pods.length === 1 ? 'serves' : 'serve'} it, from before`;
}

function describeClash({
  host,
  servers,
}: {
  readonly host: string;
  readonly servers: readonly GatewayServer[];
}): FoundProblem {
  return {
    text: `${servers.map(nameOf).join(' and ')} ask for ${host}, written in different ways: istiod keeps them all, and Envoy rejects the whole listener`,
    concerns: servers.map(({ gateway }) => gateway),
    hosts: [plainHost(host)],
    next: servers.map(show),
  };
}
