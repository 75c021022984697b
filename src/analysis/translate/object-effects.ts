// What of an object reaches a gateway, and why the rest does not.

import { isVisibleIn } from '#analysis/istio/export-to.ts';
import { type GatewayServer, plainHost, selects } from '#analysis/istio/gateway-merge.ts';
import { hostsMeet } from '#analysis/istio/host-names.ts';
import { gatewaysOf, keyOf, refOf, unboundHosts } from '#analysis/istio/virtual-service-binding.ts';
import { field } from '#core/json.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { describeObject, type ObjectRef } from '#model/resource.ts';
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
  const hosts = servers.filter(isOwn).flatMap((server) => server.hosts.map(plainHost));
  if (!selects(gateway, labels))
    return { hosts: [], without: ['its selector picks other pods than those of this gateway'] };
  const without = lost
    .filter(({ server }) => isOwn(server))
    .map(
      ({ server, winner, duplicates }) =>
        `its server on port ${server.port} is left out with all of its hosts: ${
          duplicates[0] ? `${plainHost(duplicates[0].host)} is taken` : 'the port is taken'
        } by ${describeObject(winner.gateway)}`,
    );
  return { hosts: [...new Set(hosts)].sort(), without };
}

export function effectOfVirtualService(
  object: KubeObject,
  translation: Translation,
  objects: IstioObjects,
  target: TranslationTarget,
): ObjectEffect {
  const ref = refOf('VirtualService', object);
  const hosts = [
    ...new Set(
      [...hostsOf(translation).values()].flatMap(({ host, routes }) =>
        routes.some(({ route: { from } }) => from !== undefined && keyOf(from) === keyOf(ref)) ? [host] : [],
      ),
    ),
  ].sort();
  return { hosts, without: whyWithout(object, ref, hosts, { translation, objects, target }) };
}

interface Around {
  readonly translation: Translation;
  readonly objects: IstioObjects;
  readonly target: TranslationTarget;
}

function whyWithout(
  object: KubeObject,
  ref: ObjectRef,
  served: readonly string[],
  { translation, objects, target }: Around,
): string[] {
  if (!isVisibleIn(target.namespace, object))
    return [`its exportTo hides it from ${target.namespace}, where the gateway is`];
  if (textsIn(object, 'hosts').length === 0) return delegateEffect(ref, objects);
  const named = gatewaysOf(object);
  if (named.length === 0) return ['it names no Gateway, so it is for the mesh alone'];
  const existing = objects.gateways.filter((gateway) => named.includes(keyOf(refOf('Gateway', gateway))));
  const own = existing.filter((gateway) => selects(gateway, target.labels));
  const missing = named.filter((name) => !existing.some((gateway) => keyOf(refOf('Gateway', gateway)) === name));
  const absent = missing.map((name) => `there is no Gateway ${name}`);
  if (own.length === 0)
    return [
      ...absent,
      ...existing.map((one) => `${describeObject(refOf('Gateway', one))} is of other pods than this gateway's`),
    ];
  const unbound = unboundHosts(object, own);
  const lost = lostHosts(object, unbound, served, translation);
  return [...absent, ...unbound.map((host) => `${host}: no server of its Gateways takes it`), ...lost];
}

/** Hosts that a Gateway would take, if istiod had not left its server out; or that no match is for. */
function lostHosts(
  object: KubeObject,
  unbound: readonly string[],
  served: readonly string[],
  { servers, lost }: Translation,
): string[] {
  const named = new Set(gatewaysOf(object));
  const open = textsIn(object, 'hosts').filter(
    (host) => !unbound.includes(host) && !served.some((one) => hostsMeet(one, host.toLowerCase())),
  );
  const isLeftOut = !servers.some(({ gateway }) => named.has(keyOf(gateway)));
  const first = lost.find(({ server }) => named.has(keyOf(server.gateway)));
  if (open.length === 0) return [];
  const why =
    isLeftOut && first
      ? `the server of ${describeObject(first.server.gateway)} is left out for ${describeObject(first.winner.gateway)}`
      : 'it has no http route for this gateway';
  return open.map((host) => `${host}: ${why}`);
}

function delegateEffect({ namespace, name }: ObjectRef, { virtualServices }: IstioObjects): string[] {
  const isRoot = (root: KubeObject): boolean =>
    (
      (field(root['spec'], 'http') ?? []) as readonly {
        readonly delegate?: { readonly name?: string; readonly namespace?: string };
      }[]
    ).some(
      ({ delegate }) => delegate?.name === name && (delegate.namespace ?? root.metadata.namespace ?? '') === namespace,
    );
  return virtualServices.some(isRoot) ? [] : ['it has no hosts, and no VirtualService delegates to it'];
}

const textsIn = (object: KubeObject, name: string): readonly string[] =>
  (field(object['spec'], name) ?? []) as readonly string[];
