// What `preview` answers: what a gateway would serve otherwise if objects were changed.

import type { Explanation } from './explanation.ts';
import type { Concerned, Section, Severity } from './finding.ts';
import type { ObjectRef } from './resource.ts';
import type { Route, WeightedCluster } from './route.ts';

/** `created`: it is not in the cluster yet. `none`: it is there already, word for word. */
export interface ObjectChange {
  readonly type: 'object';
  readonly object: ObjectRef;
  /** `ingress.yaml:14`; undefined of one that is deleted. */
  readonly place: string | undefined;
  readonly change: 'created' | 'changed' | 'deleted' | 'none';
  /** Hosts that the gateway would serve by it; undefined for kinds that no host goes by. */
  readonly hosts: readonly string[] | undefined;
  /** What of it has no effect on this gateway, and why; empty where all has. */
  readonly without: readonly string[];
  /** What of it is not looked at. */
  readonly unsure: readonly string[];
}

/** What would become of one host on one port. */
export interface HostChange {
  readonly type: 'host';
  readonly host: string;
  /** Of the listener. */
  readonly port: number;
  /** `taken-over`: by another Gateway. */
  readonly change: 'new' | 'gone' | 'taken-over' | 'changed';
  /** Gateways that it is served by. */
  readonly before: readonly ObjectRef[];
  readonly after: readonly ObjectRef[];
  readonly routes: readonly RouteChange[];
  /** Where its connections go, where the gateway does not read them as HTTP; absent: it does, before and after. */
  readonly stream?: { readonly before: Stream | undefined; readonly after: Stream | undefined };
  /** Why it may become otherwise than this says; empty: this tool has translated what is served now exactly. */
  readonly unsure: readonly string[];
}

/** Connections that are handed on as they are. */
export interface Stream {
  readonly clusters: readonly WeightedCluster[];
  /** False: of TLS the service behind presents the certificate. */
  readonly endsTls: boolean;
  readonly from: ObjectRef;
}

export interface RouteChange {
  readonly change: 'new' | 'gone' | 'changed' | 'moved';
  /** With its position in the virtual host. */
  readonly before: Route | undefined;
  readonly after: Route | undefined;
  /** `headers`: what it does to headers is another, which the route itself does not show. */
  readonly headers?: true;
}

/** A finding of `check` that would come, or go. */
export interface FindingChange {
  readonly type: 'finding';
  readonly change: 'new' | 'gone';
  /** Of the check: `KII050`. */
  readonly id: string;
  readonly name: string;
  /** `objects`: of the objects as they are given, `values`: of the values of a chart. */
  readonly section: Section | 'objects' | 'values';
  readonly severity: Severity;
  readonly text: string;
  /** Pods where it would be so; empty for what is no pod's. */
  readonly pods: readonly string[];
  readonly concerns: readonly Concerned[];
  /** Where the given objects stand that it concerns: `ingress.yaml:14`. */
  readonly places: readonly string[];
  /** What to do about it, as docs/checks.md says it; of a new one. */
  readonly remedy: string | undefined;
}

/** What happens to one request now, and what would, on pods that do the same. */
export interface RequestChange {
  readonly type: 'request';
  readonly url: string;
  readonly before: Explanation;
  readonly after: Explanation;
  readonly pods: readonly string[];
}

export interface Answering {
  readonly by: 'service' | 'gateway';
  /** `svc1/svc1-tls-service:4001`; of the gateway what clients get: `404`, `a redirect (301)`. */
  readonly name: string;
}

/** Requests of the access log that would be answered otherwise. */
export interface TrafficChange {
  readonly type: 'traffic';
  readonly before: Answering;
  readonly after: Answering;
  readonly requests: number;
  /** All that `before` answers. */
  readonly of: number;
  /** A few, without their queries: `GET svc1.discovery.wmnet/two`. */
  readonly examples: readonly string[];
}

export interface TrafficTotals {
  /** Of the log, that were judged or are undecided. */
  readonly requests: number;
  readonly otherwise: number;
  /** What decides about them is not in the log. */
  readonly undecided: number;
  /** `header x-canary`. */
  readonly undecidedBy: readonly string[];
  /** Lines that look like access log and fit no format. */
  readonly unread: number;
}

/** One thing that an install file asks for, and what runs instead, or too. */
export interface InstallSetting {
  readonly type: 'setting';
  /** `version`, `Service port 443`, `spec.updateStrategy` of the gateway's workload… */
  readonly setting: string;
  /** `config.yaml:14`. */
  readonly place: string;
  readonly asked: string;
  readonly runs: string | undefined;
  /** Undefined where it is not known what runs. */
  readonly isSame: boolean | undefined;
  /** Why it is not known. */
  readonly why: string | undefined;
}

export type PreviewItem = InstallSetting | ObjectChange | HostChange | FindingChange | RequestChange | TrafficChange;

/** How far the prediction can be believed. */
export interface PreviewCalibration {
  readonly hosts: number;
  /** Hosts that are served exactly as their objects say. */
  readonly exact: number;
  readonly unsure: readonly { readonly host: string; readonly why: string }[];
}
