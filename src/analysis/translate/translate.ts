// What istiod makes of Istio's objects for one gateway.

import { type GatewayServer, type LostServer, mergeGateways } from '#analysis/istio/gateway-merge.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Services } from './destinations.ts';
import type { RoutePlace } from './http-action.ts';
import { type MergedVirtualService, mergeVirtualServices } from './merged-virtual-services.ts';
import { type RejectedListeners, rejectedListeners } from './rejected-listeners.ts';
import { type TranslatedConfiguration, type TranslatedHost, translateConfigurations } from './route-configurations.ts';
import { type TranslatedStream, translateStreams } from './streams.ts';

export interface IstioObjects {
  readonly gateways: readonly KubeObject[];
  readonly virtualServices: readonly KubeObject[];
}

/** The gateway that is told. */
export interface TranslationTarget {
  readonly namespace: string;
  /** Of its pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** The port of the listener behind a Gateway's port. */
  listenerPortOf(port: number): number;
  /** For routes that say nothing of retries. */
  readonly defaultRetry: RoutePlace['defaultRetry'];
  readonly withoutSecrets: RoutePlace['withoutSecrets'];
}

export interface Translation {
  readonly servers: readonly GatewayServer[];
  readonly lost: readonly LostServer[];
  readonly virtualServices: readonly MergedVirtualService[];
  readonly configurations: readonly TranslatedConfiguration[];
  readonly streams: readonly TranslatedStream[];
  readonly rejected: RejectedListeners;
}

export function translate(
  { gateways, virtualServices: objects }: IstioObjects,
  services: Services,
  { namespace, labels, listenerPortOf, defaultRetry, withoutSecrets }: TranslationTarget,
): Translation {
  const { kept, lost } = mergeGateways(gateways, labels, listenerPortOf);
  const virtualServices = mergeVirtualServices(objects, namespace, services);
  const configurations = translateConfigurations(kept, virtualServices, {
    services,
    defaultRetry,
    withoutSecrets,
    proxy: { namespace, labels },
  });
  const streams = translateStreams(kept, virtualServices, services);
  return { servers: kept, lost, virtualServices, configurations, streams, rejected: rejectedListeners(kept, streams) };
}

/** A host has one virtual host in each route configuration. */
export const hostKey = ({ routeConfiguration, host }: Pick<TranslatedHost, 'routeConfiguration' | 'host'>): string =>
  `${routeConfiguration} ${host}`;

export const hostsOf = ({ configurations }: Translation): ReadonlyMap<string, TranslatedHost> =>
  new Map(configurations.flatMap(({ hosts }) => hosts.map((host) => [hostKey(host), host] as const)));
