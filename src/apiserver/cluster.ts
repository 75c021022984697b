// What the server answers from: a recorded cluster (demo/) or a saved one. Objects, and what the pods behind them say.

import type { Duplex } from 'node:stream';
import type { PodRef } from '#core/fleet.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { ResourceType } from './resource-type.ts';
import type { ObjectWatches } from './watches.ts';

export interface ServedCluster {
  /** The document at `/version`. */
  version(): Promise<unknown>;
  /** Whoever has the token. */
  readonly user: string;
  /** Whether the user may do what a review asks about; `resource` with its subresource. */
  mayI(verb: string, resource: string): boolean;
  /** By which ages are told, and `sinceSeconds` of logs. */
  now(): Date;
  /** All that is served. */
  readonly types: readonly ResourceType[];
  /** Of one namespace, or of all. Throws ToolError: forbidden, not-found… */
  list(type: ResourceType, namespace: string | undefined): Promise<Listed>;
  /** Undefined where it does not exist. Throws as `list` does. */
  read(type: ResourceType, namespace: string | undefined, name: string): Promise<KubeObject | undefined>;
  watches(type: ResourceType): Promise<ObjectWatches>;
  /** Undefined where nothing listens. */
  port(pod: KubeObject, port: number): PodPort | undefined;
  /** Undefined where there is none. Throws ToolError. */
  log(pod: KubeObject, container: string, which: 'current' | 'previous'): Promise<PodLog | undefined>;
  /** What is said in place of the words of Kubernetes. */
  readonly words?: Words;
}

export interface Listed {
  readonly objects: readonly KubeObject[];
  /** What the list lacks: kubectl shows it. */
  readonly warning?: string | undefined;
}

export interface Words {
  readonly noChange: string;
  readonly noCommand: string;
  readonly noPrevious: string;
  noPort(pod: PodRef, port: number): string;
}

/** HTTP of a pod, or bytes. */
export type PodPort =
  | { readonly answer: (method: string, url: URL) => Promise<ServedAnswer> }
  | { readonly accept: (stream: Duplex) => void };

/** An HTTP answer of a port of a pod. */
export interface ServedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface LoggedLine {
  /** RFC 3339 with nine digits. */
  readonly time: string;
  readonly text: string;
}

export interface LogReader {
  readonly line: (line: LoggedLine) => void;
  readonly end: () => void;
}

export interface PodLog {
  readonly lines: readonly LoggedLine[];
  /** Until the container ends or `stop` is called; undefined where no line can follow. */
  readonly follow?: (reader: LogReader) => { readonly stop: () => void };
}

/** The name of a pod's object. */
export const podRef = ({ metadata: { namespace = '', name } }: KubeObject): PodRef => ({ namespace, name });
