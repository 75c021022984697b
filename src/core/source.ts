// Where answers come from. Commands read through this interface only: live (src/source/live.ts) and what `config-dump`
// or `snapshot` has written (src/source/saved.ts) implement it.

import type { Admin, IstiodDebug } from './admin.ts';
import type { ClientHello, ClientRequest, Handshake, SentAnswer } from './client-request.ts';
import type { ClusterAccess } from './cluster-access.ts';
import type { Gateway, Pod, PodOutcome, PodRef } from './fleet.ts';
import type { Resource } from './kinds.ts';
import type { KubeObject, ListOptions } from './kube-object.ts';
import type { LogRequest, LogStream } from './pod-logs.ts';
import type { GatewayOptions } from './source-options.ts';
import type { Dial } from './stream.ts';

export interface FanOutOptions {
  /** Never more than the user allows. */
  readonly parallel?: number;
  readonly podTimeoutMs?: number;
  /** What pods are not to blame for, such as an answer of the API server: a pod's time counts from when it has settled. */
  readonly after?: Promise<unknown>;
  /** Also the pods that `--pod` and `--node` narrowed away: `diff --pod` needs them to know what is normal. */
  readonly withOthers?: boolean;
}

export interface Within {
  readonly ms?: number;
  readonly signal?: AbortSignal;
  /** Called once TLS is open: a filter chain of the other side has the connection. */
  readonly onTaken?: () => void;
}

export interface Source {
  /** For messages: `context prod`, `directory dump-2026-11-23` or `snapshot incident.tgz`. */
  readonly origin: string;
  /** The API server's address; undefined for a directory. */
  readonly server?: string;
  /** When the answers were given, where that is not now. */
  readonly asOf?: Date;
  /** The flags that chose the gateway then; of a snapshot only. */
  readonly chosenBy?: Pick<GatewayOptions, 'namespace' | 'gateway' | 'selector' | 'istioNamespace'>;
  /** The workload, found once and kept. Throws ToolError (not-found, forbidden…) where it cannot be. */
  gateway(): Promise<Gateway>;
  /**
   * Asks every pod of the gateway, or those that `only` keeps; never rejects for what a pod did. Results are in pod
   * order. One connection per pod and call: ask for everything that one answer needs in one call.
   */
  everyPod<T>(
    ask: (admin: Admin) => Promise<T>,
    only?: (pod: Pod) => boolean,
    fanOut?: FanOutOptions,
  ): Promise<readonly PodOutcome<T>[]>;
  /** Asks one of the gateway's pods; never rejects for what the pod did. */
  onePod<T>(pod: Pod, ask: (admin: Admin) => Promise<T>): Promise<PodOutcome<T>>;
  /** Asks every istiod; rejects only where istiods cannot be listed. */
  everyIstiod<T>(ask: (debug: IstiodDebug) => Promise<T>): Promise<readonly PodOutcome<T>[]>;
  /**
   * A TLS handshake with a port of a pod, ended as soon as the certificate has come. The certificate is not checked.
   * Throws ToolError: refused, timeout, broken, forbidden…; `unsupported` of what is saved and
   * has none.
   */
  handshake(pod: PodRef, port: number, hello: ClientHello): Promise<Handshake>;
  /**
   * Sends one request to a port of a pod, as a client would. Nothing is followed or repeated. `within`: how long an
   * answer may take, who may give up earlier, and who hears that TLS is open. Throws as `handshake` does.
   */
  send(pod: PodRef, port: number, request: ClientRequest, within?: Within): Promise<SentAnswer>;
  /** One connection to a port of a pod. Throws `unsupported` of a directory. */
  readonly dial: Dial;
  /**
   * The gateway pods' logs. Whoever iterates ends the streams by leaving the loop, or with `close`. Throws
   * `unsupported` where there is no cluster.
   */
  logs(request: LogRequest): Promise<LogStream>;
  list(resource: Resource, options?: ListOptions): Promise<readonly KubeObject[]>;
  /** Undefined where the object does not exist; throws ToolError (forbidden…) otherwise. */
  read(resource: Resource, namespace: string, name: string): Promise<KubeObject | undefined>;
  /** What the API server says of itself and of who asks it. Throws `unsupported` of a directory. */
  access(): Promise<ClusterAccess>;
  close(): Promise<void>;
}

/** Lines for stderr while a question is asked. */
export interface Teller {
  /** What long work is at, in one line that the next one replaces. */
  progress(line: string): void;
  /** What the user has to know of how the answers came. */
  note(line: string): void;
}
