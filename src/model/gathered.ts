// What `check` has asked for, before anything is made of it. Everything may be missing, with the reason.

import type { Gateway, PodOutcome } from '#core/fleet.ts';
import type { Resource } from '#core/kinds.ts';
import type { Known } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Secret } from './certificate.ts';
import type { Cluster } from './cluster.ts';
import type { KubernetesCertificate } from './kubernetes-certificate.ts';
import type { Listener } from './listener.ts';
import type { ObjectRef } from './resource.ts';
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
  readonly failedConnections: readonly FailedConnections[];
  /** Limits of connections and requests that clusters have reached at this moment, or may have. */
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

/** Of a cluster with endpoints of which every connection failed that Envoy tried since it knows them. */
export interface FailedConnections {
  readonly cluster: string;
  readonly endpoints: number;
  /** Those to which there was at least one connection, or tried one. */
  readonly tried: number;
  readonly failing: number;
  /** Connections to the failing ones. */
  readonly attempts: number;
}

export interface ReachedLimit {
  readonly cluster: string;
  /** False: Envoy does not count what the limit is for, so nobody knows. */
  readonly isKnown: boolean;
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

/**
 * What objects ask for and pods do not have, although they have acknowledged everything. An update that Envoy rejects is
 * forgotten by istiod and by Envoy's own record as soon as Envoy takes another one of the kind.
 */
export interface NotTaken {
  readonly kind: 'listener' | 'route configuration' | 'cluster';
  readonly name: string;
  /** The update that the pods serve, RFC 3339. */
  readonly takenAt: string;
  /** Those that ask for something else since then, in the order of their changes; at least one. */
  readonly objects: readonly ChangedObject[];
  /** Hosts that it is about; `*`: all. */
  readonly hosts: readonly string[];
  /** How what is served differs from what is asked for; of clusters, their names. */
  readonly difference: string;
  /** Names, in order. */
  readonly pods: readonly string[];
  /** Envoy's words in a log, where one could be read and has them. */
  readonly logged?: string | undefined;
}

/** An object of which pods should have routes, and none has one. */
export interface UnservedObject extends ObjectRef {
  /** Lower case, sorted; at least one. */
  readonly hosts: readonly string[];
}

export interface ChangedObject extends ObjectRef {
  /** RFC 3339. */
  readonly changedAt: string;
}

export interface Gathered {
  readonly gateway: Gateway;
  readonly pods: Known<readonly PodOutcome<PodState>[]>;
  readonly istiods: Known<readonly PodOutcome<IstiodAnswer>[]>;
  readonly configurations: readonly SharedConfiguration[];
  /** What was not compared, as not every pod gives it. */
  readonly notGiven: readonly ComparedThing[];
  /** Of what EDS says, or of endpoints in its place, and was compared: key of the content → name of the cluster. */
  readonly assigned: ReadonlyMap<string, string>;
  /** By SDS name. */
  readonly secrets: Known<ReadonlyMap<string, KubernetesCertificate>>;
  /** Pods in the namespaces of Services that are routed to and have no endpoint. */
  readonly servicePods: Known<readonly KubeObject[]>;
  /** Those that were asked for, in all namespaces. */
  readonly objects: Readonly<Partial<Record<Resource, Known<readonly KubeObject[]>>>>;
  readonly rejectedContents: readonly RejectedContent[];
  readonly notTaken: readonly NotTaken[];
  readonly unserved: readonly UnservedObject[];
}
