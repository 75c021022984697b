// What one gateway pod is configured with: all of it, or the part that a question needs.

import type { Secret } from './certificate.ts';
import type { Cluster, Endpoint } from './cluster.ts';
import type { OtherElement } from './difference.ts';
import type { Listener } from './listener.ts';
import type { RouteConfiguration } from './route.ts';
import type { Runtime } from './runtime.ts';

export type EndpointMetadata = ReadonlyMap<string, ReadonlyMap<string, Readonly<Record<string, string>>>>;

export interface PodConfiguration {
  readonly envoyVersion: string;
  /** The pod's own address, where it is known. */
  readonly podIp?: string | undefined;
  /** Absent where nothing asks for it. */
  readonly runtime?: Runtime | undefined;
  readonly listeners: readonly Listener[];
  readonly routeConfigurations: readonly RouteConfiguration[];
  readonly clusters: readonly Cluster[];
  readonly endpoints: readonly Endpoint[];
  readonly secrets: readonly Secret[];
  /** Absent where they are not compared. */
  readonly others?: readonly OtherElement[] | undefined;
  /** By which transports are chosen, by cluster and address; absent where nothing asks for it, or Envoy does not say. */
  readonly endpointMetadata?: EndpointMetadata | undefined;
}
