// What `check` has asked for, before anything is made of it. Everything may be missing, with the reason.

import type { Gateway, PodOutcome } from '#core/fleet.ts';
import type { Resource } from '#core/kinds.ts';
import type { Known } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Secret } from './certificate.ts';
import type { Cluster } from './cluster.ts';
import type { KubernetesCertificate } from './kubernetes-certificate.ts';
import type { Listener } from './listener.ts';
import type { RouteConfiguration } from './route.ts';
import type { ComparedThing, PodReport } from './status.ts';
import type { ProxySync } from './sync.ts';

/** The part of one Envoy's answers in which pods are compared one by one. */
export interface PodState {
  readonly report: PodReport;
  readonly warmingListeners: readonly string[];
  readonly warmingClusters: readonly string[];
  /** Names of the clusters in use. */
  readonly clusters: ReadonlySet<string>;
  /** Clusters that Envoy has no usable endpoint of. */
  readonly unusable: readonly UnusableCluster[];
  /** Limits of connections and requests that clusters have reached at this moment. */
  readonly reached: readonly ReachedLimit[];
  /** Counters and gauges that are not 0, of those that checks look at. */
  readonly stats: ReadonlyMap<string, number>;
}

export interface UnusableCluster {
  readonly cluster: string;
  readonly endpoints: number;
  /** Why they are not healthy, in Envoy's words. */
  readonly reasons: readonly string[];
}

export interface ReachedLimit {
  readonly cluster: string;
  readonly of: 'connections' | 'pending requests' | 'requests';
  readonly limit: number;
}

/** The configuration of pods with equal routes and secrets, read from one of them. */
export interface SharedConfiguration {
  /** Names. */
  readonly pods: readonly string[];
  readonly routes: readonly RouteConfiguration[];
  readonly secrets: readonly Secret[];
  /** Undefined where none of them could tell. */
  readonly large: { readonly listeners: readonly Listener[]; readonly clusters: readonly Cluster[] } | undefined;
  /** Why not. */
  readonly failed: string | undefined;
}

export interface IstiodAnswer {
  readonly proxies: readonly ProxySync[];
  readonly version: string | undefined;
}

/** What Envoy has rejected, and what it has in its place: as text, to find in it what others name. */
export interface RejectedContent {
  /** As the rejection says it: `listener`, or `RDS` where only istiod has kept it. */
  readonly kind: string;
  readonly name: string;
  /** Either may be cut off or empty. Never printed: there may be credentials in it. */
  readonly failed: string;
  readonly active: string;
}

export interface Gathered {
  readonly gateway: Gateway;
  readonly pods: Known<readonly PodOutcome<PodState>[]>;
  readonly istiods: Known<readonly PodOutcome<IstiodAnswer>[]>;
  readonly configurations: readonly SharedConfiguration[];
  /** What was not compared, as not every pod gives it. */
  readonly notGiven: readonly ComparedThing[];
  /** By SDS name. */
  readonly secrets: Known<ReadonlyMap<string, KubernetesCertificate>>;
  /** Pods in the namespaces of Services that are routed to and have no endpoint. */
  readonly servicePods: Known<readonly KubeObject[]>;
  /** Those that were asked for, in all namespaces. */
  readonly objects: Readonly<Partial<Record<Resource, Known<readonly KubeObject[]>>>>;
  readonly rejectedContents: readonly RejectedContent[];
}
