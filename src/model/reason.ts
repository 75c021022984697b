// Why a request fails, or may fail, as the objects of the cluster tell it: the difference between what is asked for and
// what is there.

import type { NextStep } from '#core/shell.ts';
import type { ObjectRef } from './resource.ts';

/** Stable, for scripts. */
export type ReasonCode =
  /** Two Gateways ask for one host, or for one port in ways that do not go together. */
  | 'gateway-conflict'
  /** The Gateway that names the host selects other pods. */
  | 'gateway-selector'
  /** The Gateway that names the host has it on another port. */
  | 'gateway-port'
  /** No Gateway names the host. */
  | 'gateway-host'
  /** No VirtualService names the host. */
  | 'virtual-service-host'
  /** One names it and is not bound to the Gateway. */
  | 'virtual-service-binding'
  /** Envoy waits for the certificate or CA of the filter chain. */
  | 'secret-not-loaded'
  | 'listener-rejected'
  | 'listener-warming'
  | 'service-absent'
  /** The Service has other ports. */
  | 'service-port'
  /** No DestinationRule that counts defines the subset. */
  | 'subset-absent'
  /** No pod has the labels of the subset. */
  | 'subset-without-pods'
  /** The selector finds no pod, or none that is ready. */
  | 'service-without-pods'
  | 'plain-text-to-tls'
  /** The connection was opened for another host, whose filter chain it has. */
  | 'connection-reuse'
  /** A virtual host with a less specific domain has a route. */
  | 'virtual-host-passed-over'
  /** It refuses the request at the gateway. */
  | 'authorization-policy'
  /** The Gateway that names the host has it in a way that istiod serves over TCP alone. */
  | 'not-http3'
  /** The objects ask for what this pod does not have. */
  | 'not-pushed';

export interface Reason {
  readonly code: ReasonCode;
  /** What it is about; first the object that has to be changed. Empty where no object is. */
  readonly objects: readonly ObjectRef[];
  readonly text: string;
  /** Commands to paste, which show these objects. */
  readonly next: readonly NextStep[];
}
