// Why a host has no filter chain or no virtual host: what Gateways and VirtualServices ask for, against what the rules of
// istiod make of it.

import type { KubeObject } from '#core/kube-object.ts';
import { andList } from '#core/phrase.ts';
import { step } from '#core/shell.ts';
import type { Reason } from '#model/reason.ts';
import { describeObject, type ObjectRef } from '#model/resource.ts';
import { isVisibleIn } from './export-to.ts';
import {
  type GatewayServer,
  isForServices,
  type LostServer,
  mergeGateways,
  passesThrough,
  plainHost,
  selects,
  specOf,
} from './gateway-merge.ts';
import { selectorDifference } from './gateway-selector.ts';
import { takesHost } from './host-names.ts';
import { describeLoss, winnerFor } from './lost-server.ts';
import { showObject } from './show-object.ts';
import { gatewaysOf, keyOf, refOf } from './virtual-service-binding.ts';
import { type Around, type Unreached, unreachedHosts, whyUnreached } from './virtual-service-reach.ts';

export interface Place {
  /** Lower case, without port. */
  readonly host: string;
  readonly listenerPort: number;
  readonly isHttp3?: boolean;
}

/** The objects, and the gateway that they are for. */
export interface Wanted extends Around {
  readonly virtualServices: readonly KubeObject[];
  listenerPortOf(port: number): number;
}

/** Why no filter chain takes connections for the host: the first of the possible reasons that explains it. */
export function whyNoChain(place: Place, wanted: Wanted): Reason {
  const { kept, lost } = mergeGateways(wanted.gateways, wanted.labels, wanted.listenerPortOf);
  const isHere = (server: GatewayServer): boolean =>
    names(server, place.host) && server.listenerPort === place.listenerPort;
  const loss = lost.find(({ server }) => isHere(server));
  if (loss) return conflict(place, loss);
  const claim = kept.find(isHere);
  if (claim && place.isHttp3 && (claim.protocol !== 'HTTPS' || passesThrough(claim.tls))) return notOverQuic(claim);
  if (claim) return notPushed([claim.gateway], `${describeObject(claim.gateway)} asks for ${place.host} on this port`);
  const elsewhere = kept.filter((server) => names(server, place.host));
  // A plain server for every host, which redirects to https, says nothing of this one.
  const speaks =
    elsewhere.find(({ isTls }) => isTls) ?? elsewhere.find(({ hosts }) => !hosts.some((one) => plainHost(one) === '*'));
  if (speaks) return otherPort(place, speaks);
  return otherPods(place, wanted) ?? noGateway(place, wanted);
}

const names = (server: GatewayServer, host: string): boolean =>
  !isForServices(server) && server.hosts.some((one) => takesHost(plainHost(one), host));

function conflict({ host }: Place, loss: LostServer): Reason {
  const { gateway } = loss.server;
  const winner = winnerFor(host, loss);
  return {
    code: 'gateway-conflict',
    objects: [gateway, winner.gateway],
    text: `${describeObject(gateway)} asks for ${host} and ${describeLoss(host, loss)}`,
    next: [showObject(gateway), showObject(winner.gateway)],
  };
}

const notPushed = (objects: readonly ObjectRef[], asked: string): Reason => ({
  code: 'not-pushed',
  objects,
  text: `${asked}, and these pods do not have it: the update has not come, or was rejected`,
  next: [seeUpdates, ...objects.slice(0, 1).map(showObject)],
});

/** Source: istio pkg/config/gateway/gateway.go IsEligibleForHTTP3Upgrade. */
const notOverQuic = ({ gateway, port, protocol, tls }: GatewayServer): Reason => ({
  code: 'not-http3',
  objects: [gateway],
  text: `${describeObject(gateway)} has it on port ${port} with protocol ${protocol}${tls?.mode === undefined ? '' : ` and TLS mode ${tls.mode}`}: istiod serves HTTP/3 for servers with protocol HTTPS that end TLS alone`,
  next: [showObject(gateway)],
});

const seeUpdates = step`kubectl istio-ingress check --only rejected,stale,not-connected`;

const deleted = (gateway: ObjectRef): Reason => ({
  code: 'not-pushed',
  objects: [gateway],
  text: `${describeObject(gateway)} is not there any more, and these pods still have its filter chain: the update has not come, or was rejected`,
  next: [seeUpdates],
});

const otherPort = ({ host }: Place, { gateway, port, listenerPort, isTls }: GatewayServer): Reason => ({
  code: 'gateway-port',
  objects: [gateway],
  text: `${describeObject(gateway)} has ${host} ${isTls ? '' : 'without TLS '}on port ${port}${port === listenerPort ? '' : ` (listener ${listenerPort})`}, and nothing has it on this one`,
  next: [showObject(gateway)],
});

/** Gateways whose selector passes these pods by. */
function otherPods({ host }: Place, { gateways, labels }: Wanted): Reason | undefined {
  const found = gateways.find((one) => !selects(one, labels) && hostsIn(one).some((name) => takesHost(name, host)));
  if (!found) return undefined;
  const gateway = refOf('Gateway', found);
  const { wanted, have } = selectorDifference(found, labels);
  return {
    code: 'gateway-selector',
    objects: [gateway],
    text: `${describeObject(gateway)} asks for ${host} and selects pods with ${wanted}; the pods of this gateway have ${have}`,
    next: [showObject(gateway)],
  };
}

const hostsIn = (gateway: KubeObject): string[] =>
  (specOf(gateway).servers ?? []).flatMap(({ hosts = [] }) => hosts.map(plainHost));

function noGateway({ host }: Place, { virtualServices, gateways }: Wanted): Reason {
  const [routed] = virtualServices.filter((one) => hostsOf(one).some((name) => takesHost(name, host)));
  if (!routed)
    return { code: 'gateway-host', objects: [], text: `no Gateway and no VirtualService names ${host}`, next: [] };
  const ref = refOf('VirtualService', routed);
  const own = gatewaysOf(routed);
  const there = gateways.map((one) => refOf('Gateway', one)).filter((one) => own.includes(keyOf(one)));
  return {
    code: 'gateway-host',
    objects: [...there, ref],
    text: `no Gateway names ${host}; ${describeObject(ref)} does, ${own.length === 0 ? 'and is bound to no Gateway' : `and is bound to Gateway ${andList(own)}`}`,
    next: [...there.slice(0, 1).map(showObject), showObject(ref)],
  };
}

const hostsOf = ({ spec }: KubeObject): string[] => {
  const { hosts } = (spec ?? {}) as { readonly hosts?: unknown };
  return Array.isArray(hosts) ? hosts.map((host) => String(host).toLowerCase()) : [];
};

/** Why no virtual host serves the host behind a filter chain. `gateway`: whose chain it is, where that is known. */
export function whyNoVirtualHost({ host }: Place, gateway: ObjectRef | undefined, wanted: Wanted): Reason {
  const isThere = wanted.gateways.some((one) => gateway && keyOf(refOf('Gateway', one)) === keyOf(gateway));
  // Others are of the Gateway API, and not in that list.
  if (gateway?.kind === 'Gateway' && !isThere) return deleted(gateway);
  const routed = wanted.virtualServices.filter((one) => hostsOf(one).some((name) => takesHost(name, host)));
  const reasons = routed.map((one) => whyNotBound(one, host, gateway, wanted));
  const known = reasons.find(({ code }) => code !== 'not-pushed') ?? reasons[0];
  if (known) return known;
  const of = gateway === undefined ? '' : ` for ${describeObject(gateway)}`;
  const next = gateway === undefined ? [] : [showObject(gateway)];
  return {
    code: 'virtual-service-host',
    objects: gateway === undefined ? [] : [gateway],
    text: `no VirtualService names ${host}${of}`,
    next,
  };
}

function whyNotBound(virtualService: KubeObject, host: string, gateway: ObjectRef | undefined, wanted: Wanted): Reason {
  const ref = refOf('VirtualService', virtualService);
  const bound = gatewaysOf(virtualService);
  const unbound = ({ text, objects }: Unreached): Reason => ({
    code: 'virtual-service-binding',
    objects: [ref, ...objects],
    text: `${describeObject(ref)} names ${host}, and ${text}`,
    next: [ref, ...objects].map(showObject),
  });
  const isElsewhere = isVisibleIn(wanted.namespace, virtualService) && bound.length > 0;
  if (gateway && isElsewhere && !bound.includes(keyOf(gateway)))
    return unbound({ text: `it is bound to Gateway ${andList(bound)}, not to ${keyOf(gateway)}`, objects: [gateway] });
  const [whole] = whyUnreached(virtualService, wanted);
  const own = unreachedHosts(virtualService, wanted).find((one) => takesHost(one.host.toLowerCase(), host));
  const reason = whole ?? own;
  return reason ? unbound(reason) : notPushed([ref], `${describeObject(ref)} names ${host} for this gateway`);
}
