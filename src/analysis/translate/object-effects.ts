// What of an object reaches a gateway, and why the rest does not.

import { isDelegate } from '#analysis/istio/delegates.ts';
import { type GatewayServer, isForServices, plainHost, selects } from '#analysis/istio/gateway-merge.ts';
import { selectorDifference } from '#analysis/istio/gateway-selector.ts';
import { hostsMeet } from '#analysis/istio/host-names.ts';
import { describeLoss } from '#analysis/istio/lost-server.ts';
import { specOf } from '#analysis/istio/virtual-service.ts';
import { gatewaysOf, keyOf, refOf } from '#analysis/istio/virtual-service-binding.ts';
import { absentGateways, unreachedHosts, whyNoDelegate, whyUnreached } from '#analysis/istio/virtual-service-reach.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { asksFor, type CertManagerCertificate, fills } from '#model/kubernetes-certificate.ts';
import { describeObject, type ObjectRef } from '#model/resource.ts';
import { type SecretRef, secretBehind } from '#model/secret-name.ts';
import { sdsName } from './predicted-listeners.ts';
import { hostsOfChain } from './streams.ts';
import { hostsOf, type IstioObjects, type Translation, type TranslationTarget } from './translate.ts';

export interface ObjectEffect {
  /** Hosts that are served by it, sorted. */
  readonly hosts: readonly string[];
  /** What of it has no effect, and why. */
  readonly without: readonly string[];
}

export function effectOfGateway(
  gateway: KubeObject,
  { servers, lost }: Translation,
  { labels }: Pick<TranslationTarget, 'labels'>,
): ObjectEffect {
  const isOwn = (server: GatewayServer): boolean => keyOf(server.gateway) === keyOf(refOf('Gateway', gateway));
  const hosts = hostsOfServers(servers.filter((server) => isOwn(server) && !isForServices(server)));
  if (!selects(gateway, labels)) {
    const { wanted, have } = selectorDifference(gateway, labels);
    return { hosts: [], without: [`it selects pods with ${wanted}; the pods of this gateway have ${have}`] };
  }
  const without = lost.filter(({ server }) => isOwn(server)).map((loss) => `it ${describeLoss(undefined, loss)}`);
  return { hosts, without };
}

/** Hosts that a cert-manager Certificate asks for, of the servers whose Secret it fills. */
export function effectOfCertificate(
  certificate: CertManagerCertificate,
  { servers }: Translation,
  target: Pick<TranslationTarget, 'namespace'>,
): ObjectEffect {
  const { namespace, secretName } = certificate;
  const own = servers.filter((server) => secretsOf(server, target).some((secret) => fills(certificate, secret)));
  if (own.length > 0) return { hosts: hostsOfServers(own).filter((host) => asksFor(certificate, host)), without: [] };
  return {
    hosts: [],
    without: [`no server of this gateway has its Secret ${secretName}${takenFrom(namespace, target)}`],
  };
}

/** Hosts of the servers that have their certificate, or the CA of their clients, from this Secret. */
export function effectOfSecret(
  secret: SecretRef,
  { servers }: Translation,
  target: Pick<TranslationTarget, 'namespace'>,
): ObjectEffect {
  const own = servers.filter((server) =>
    secretsOf(server, target).some(
      ({ namespace, name }) =>
        namespace === secret.namespace && (name === secret.name || `${name}-cacert` === secret.name),
    ),
  );
  if (own.length > 0) return { hosts: hostsOfServers(own), without: [] };
  return { hosts: [], without: [`no server of this gateway names it${takenFrom(secret.namespace, target)}`] };
}

const secretsOf = ({ tls }: GatewayServer, { namespace }: Pick<TranslationTarget, 'namespace'>): SecretRef[] =>
  [tls?.credentialName ?? [], tls?.credentialNames ?? []]
    .flat()
    .flatMap((name) => secretBehind(sdsName(name), namespace) ?? []);

const hostsOfServers = (servers: readonly GatewayServer[]): string[] =>
  [...new Set(servers.flatMap(({ hosts }) => hosts.map(plainHost)))].sort();

const takenFrom = (namespace: string, target: Pick<TranslationTarget, 'namespace'>): string =>
  namespace === target.namespace ? '' : `, and Secrets are taken from ${target.namespace}`;

export function effectOfVirtualService(
  object: KubeObject,
  translation: Translation,
  objects: IstioObjects,
  target: TranslationTarget,
): ObjectEffect {
  const ref = refOf('VirtualService', object);
  const isOwn = (from: ObjectRef | undefined): boolean => from !== undefined && keyOf(from) === keyOf(ref);
  const routed = [...hostsOf(translation).values()].flatMap(({ host, routes }) =>
    routes.some(({ route: { from } }) => isOwn(from)) ? [host] : [],
  );
  const streamed = translation.streams.flatMap(({ from, serverNames }) =>
    isOwn(from) ? hostsOfChain(serverNames) : [],
  );
  const hosts = [...new Set([...routed, ...streamed])].sort();
  return { hosts, without: whyWithout(object, hosts, { translation, objects, target }) };
}

interface Surroundings {
  readonly translation: Translation;
  readonly objects: IstioObjects;
  readonly target: TranslationTarget;
}

function whyWithout(
  object: KubeObject,
  served: readonly string[],
  { translation, objects, target }: Surroundings,
): string[] {
  const around = { ...target, gateways: objects.gateways };
  // Its exportTo is for its roots: whether they see it is said of them.
  if (isDelegate(object)) return whyNoDelegate(object, objects.virtualServices).map(({ text }) => text);
  const whole = whyUnreached(object, around);
  if (whole.length > 0) return whole.map(({ text }) => text);
  const unbound = unreachedHosts(object, around);
  const hosts = unbound.map(({ host }) => host);
  const texts = [...absentGateways(object, around), ...unbound].map(({ text }) => text);
  return [...texts, ...lostHosts(object, hosts, served, translation)];
}

/** Hosts that a Gateway would take, if istiod had not left its server out; or that no match is for. */
function lostHosts(
  object: KubeObject,
  unbound: readonly string[],
  served: readonly string[],
  { servers, lost }: Translation,
): string[] {
  const named = new Set(gatewaysOf(object));
  const open = (specOf(object).hosts ?? []).filter(
    (host) => !unbound.includes(host) && !served.some((one) => hostsMeet(one, host.toLowerCase())),
  );
  const isLeftOut = !servers.some(({ gateway }) => named.has(keyOf(gateway)));
  const first = lost.find(({ server }) => named.has(keyOf(server.gateway)));
  if (open.length === 0) return [];
  const why =
    isLeftOut && first
      ? `${describeObject(first.server.gateway)} ${describeLoss(undefined, first)}`
      : 'it has no route for this gateway';
  return open.map((host) => `${host}: ${why}`);
}
