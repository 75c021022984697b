// What istiod makes of the objects that were gathered, for the gateway that was asked.

import { keyOf, refOf } from '#analysis/istio/virtual-service-binding.ts';
import { listenerPorts } from '#analysis/request/entry.ts';
import { routedClusters } from '#analysis/select/routed-clusters.ts';
import { servedDefaultRetry } from '#analysis/translate/calibration.ts';
import { fqdnOf, servicesOf } from '#analysis/translate/destinations.ts';
import {
  type IstioObjects,
  type Translation,
  type TranslationTarget,
  translate,
} from '#analysis/translate/translate.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { withoutSecretTexts } from '#dump/secret-texts.ts';
import { parseClusterName } from '#model/cluster-name.ts';
import type { Gathered, SharedConfiguration } from '#model/gathered.ts';

export interface Translator {
  /** Of the reference. */
  readonly clusterNames: readonly string[];
  /** With these Services in front of it. */
  targetWith(services: readonly KubeObject[]): TranslationTarget;
  /** `clusterNames`: where they are others than the reference's. */
  translated(objects: IstioObjects, services: readonly KubeObject[], clusterNames?: readonly string[]): Translation;
}

/** `reference`: what pods serve, from which follows what neither Services nor objects say. */
export function translatorFor(
  { gateway, objects }: Gathered,
  { virtualServices }: IstioObjects,
  services: readonly KubeObject[],
  reference: SharedConfiguration | undefined,
): Translator {
  const labels = gateway.pods[0]?.labels ?? {};
  const clusterNames = reference?.large?.clusters.map(({ name }) => name) ?? [];
  const defaultRetry = servedDefaultRetry(reference?.routes ?? [], retriesSaidBy(virtualServices));
  const targetWith = (inFront: readonly KubeObject[]): TranslationTarget => ({
    namespace: gateway.namespace,
    labels,
    listenerPortOf: listenerPorts(inFront, labels, gateway.namespace),
    defaultRetry,
    withoutSecrets: withoutSecretTexts,
  });
  const isWhole = reference !== undefined && 'known' in (objects.services ?? {}) && holdsAll(services, reference);
  return {
    clusterNames,
    targetWith,
    translated: (some, own, names = clusterNames) =>
      translate(some, servicesOf(own, names, { isWhole }), targetWith(own)),
  };
}

/**
 * Whether a gateway holds clusters of Services that no route of it leads to, and so of all that istiod knows, ServiceEntries
 * among them. With PILOT_FILTER_GATEWAY_CLUSTER_CONFIG it does not, but for a few.
 */
function holdsAll(services: readonly KubeObject[], { large, routes }: SharedConfiguration): boolean {
  const { clusters = [], listeners = [] } = large ?? {};
  const fqdnsOf = (names: Iterable<string>): ReadonlySet<string> =>
    new Set([...names].flatMap((name) => parseClusterName(name)?.fqdn ?? []));
  const held = fqdnsOf(clusters.map(({ name }) => name));
  const routed = fqdnsOf(routedClusters(listeners, routes).leads.keys());
  const { domain } = servicesOf(
    [],
    clusters.map(({ name }) => name),
  );
  const others = services.map((service) => fqdnOf(service, domain)).filter((fqdn) => !routed.has(fqdn));
  return others.filter((fqdn) => held.has(fqdn)).length > others.length / 2;
}

/** Whether the VirtualService of a route says something of retries itself. */
function retriesSaidBy(
  virtualServices: readonly KubeObject[],
): (route: { readonly from: { readonly namespace: string; readonly name: string } | undefined }) => boolean {
  const says = new Set(
    virtualServices
      .filter((one) => JSON.stringify(one['spec'] ?? {}).includes('"retries"'))
      .map((one) => keyOf(refOf('VirtualService', one))),
  );
  return ({ from }) => from === undefined || says.has(keyOf(from));
}
