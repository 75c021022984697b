// What istiod makes of the objects that were gathered, for the gateway that was asked.

import { keyOf, refOf } from '#analysis/istio/virtual-service-binding.ts';
import { listenerPorts } from '#analysis/request/entry.ts';
import { servedDefaultRetry } from '#analysis/translate/calibration.ts';
import { servicesOf } from '#analysis/translate/destinations.ts';
import {
  type IstioObjects,
  type Translation,
  type TranslationTarget,
  translate,
} from '#analysis/translate/translate.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Gathered, SharedConfiguration } from '#model/gathered.ts';

export interface Translator {
  readonly target: TranslationTarget;
  translated(objects: IstioObjects, services: readonly KubeObject[]): Translation;
}

/** `reference`: what pods serve, from which follows what neither Services nor objects say. */
export function translatorFor(
  { gateway }: Gathered,
  { virtualServices }: IstioObjects,
  services: readonly KubeObject[],
  reference: SharedConfiguration | undefined,
): Translator {
  const labels = gateway.pods[0]?.labels ?? {};
  const clusters = reference?.large?.clusters.map(({ name }) => name) ?? [];
  const target: TranslationTarget = {
    namespace: gateway.namespace,
    labels,
    listenerPortOf: listenerPorts(services, labels, gateway.namespace),
    defaultRetry: servedDefaultRetry(reference?.routes ?? [], retriesSaidBy(virtualServices)),
  };
  return { target, translated: (objects, some) => translate(objects, servicesOf(some, clusters), target) };
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
