// Where answers come from. Commands read through this interface only: live (src/source/live.ts) and a directory
// written by `config-dump` (src/source/directory.ts) implement it.

import type { Gateway, Pod, PodOutcome, PodRef } from './fleet.ts';
import type { Dial } from './stream.ts';

/** The admin paths of Envoy that the tool may call with GET: all read, none changes anything. */
export const readableAdminPaths = [
  'certs',
  'clusters',
  'config_dump',
  'contention',
  'help',
  'hot_restart_version',
  'init_dump',
  'listeners',
  'memory',
  'ready',
  'runtime',
  'server_info',
  'stats',
  'stats/prometheus',
] as const;

export type AdminPath = (typeof readableAdminPaths)[number];

export interface AdminRequest {
  readonly path: AdminPath;
  /** Query parameters; an empty value is sent as a bare name (`usedonly`). */
  readonly query?: Readonly<Record<string, string>>;
}

/**
 * A logger of Envoy: a component (`http`), or a file with fine-grain logging; `trace`, `debug`, `info`, `warning`,
 * `error`, `critical` or `off`.
 */
export interface LogLevel {
  readonly logger: string;
  readonly level: string;
}

/** By the name of the logger. */
export type Levels = ReadonlyMap<string, string>;

/** Of all loggers, of one, or of several in one request, which Envoy has from 1.22 on (1.17 has not). */
export type LoggingChange = Omit<LogLevel, 'logger'> | LogLevel | { readonly paths: readonly LogLevel[] };

/** The admin port of one pod's Envoy. Requests of one pod are sent one after the other. */
export interface Admin {
  readonly pod: Pod;
  /** The body of a 200 answer. Throws ToolError for everything else. */
  get(request: AdminRequest): Promise<Buffer>;
  /** `POST /logging`: lists (no argument) or sets levels; the only write. Answers Envoy's text. */
  logging(change?: LoggingChange): Promise<string>;
}

/** istiod's debug port (15014) of one replica. */
export interface IstiodDebug {
  readonly pod: Pod;
  /** `GET /debug/syncz` and `/version`; nothing that acts. */
  get(path: 'debug/syncz' | 'version' | 'debug/connections'): Promise<Buffer>;
}

/** A Kubernetes object as the API server gives it; readers take what they need from it leniently. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly creationTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

export const resources = {
  pods: '/api/v1/pods',
  nodes: '/api/v1/nodes',
  services: '/api/v1/services',
  secrets: '/api/v1/secrets',
  endpointslices: '/apis/discovery.k8s.io/v1/endpointslices',
  daemonsets: '/apis/apps/v1/daemonsets',
  deployments: '/apis/apps/v1/deployments',
  replicasets: '/apis/apps/v1/replicasets',
  gateways: '/apis/networking.istio.io/v1/gateways',
  virtualservices: '/apis/networking.istio.io/v1/virtualservices',
  destinationrules: '/apis/networking.istio.io/v1/destinationrules',
  certificates: '/apis/cert-manager.io/v1/certificates',
} as const;

export type Resource = keyof typeof resources;

export interface ListOptions {
  /** All namespaces where it is not given. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface FanOutOptions {
  readonly parallel?: number;
  readonly podTimeoutMs?: number;
  /** Also the pods that `--pod` and `--node` narrowed away: what is chosen may be told only by what the others are. */
  readonly withOthers?: boolean;
}

/** What a client offers when it opens TLS. */
export interface ClientHello {
  /** SNI; undefined: none. */
  readonly serverName: string | undefined;
  readonly alpn: readonly string[];
}

/** What came of a TLS handshake. `closed`: the other side ended it before a certificate came. */
export type Handshake =
  /** `chain`: DER, leaf first. `protocol`: `TLSv1.3`. */
  | {
      readonly outcome: 'certificate';
      readonly chain: readonly Buffer[];
      readonly protocol: string;
      readonly alpn: string | undefined;
    }
  | { readonly outcome: 'closed'; readonly why: string };
/** Which lines of the pods' logs. */
export interface LogRequest {
  readonly container: string;
  /** By the kubelet's time of the line, which is written when a request ends. */
  readonly since: Date | undefined;
  readonly until: Date | undefined;
  /** The last so many lines of each pod. */
  readonly tailLines: number | undefined;
  readonly follow: boolean;
  /** Per pod; what comes after is not read. Not for `follow`, which has no end. */
  readonly maxBytes: number;
  /** One line for people about a pod that lags, is new, lost lines… */
  readonly note: (line: string) => void;
}

export interface LogLine {
  readonly pod: string;
  /** The kubelet's: RFC 3339 in UTC with nine digits, so that text order is time order. Empty where it gave none. */
  readonly time: string;
  readonly text: string;
}

/** What of the stretch of time that was asked for a pod's log has. */
export interface LogCoverage {
  /** Time of the oldest line that the API server can give. */
  readonly from: string | undefined;
  /** Why a part of it is missing; undefined where nothing is. */
  readonly gap: string | undefined;
  readonly lines: number;
}

/** Lines of all pods in the order of their times, some at a time. Ends by itself unless it follows. */
export interface LogStream extends AsyncIterable<readonly LogLine[]> {
  /** So far. */
  coverage(): readonly PodOutcome<LogCoverage>[];
  /** Ends the streams; the iteration ends as well. */
  close(): void;
}

/** A request of a client, as it goes over the wire in HTTP/1.1; it has no body. */
export interface ClientRequest {
  /** Undefined: plain text. PEM of the client's certificate and key, where it has one. */
  readonly tls:
    | { readonly serverName: string | undefined; readonly certificate?: string; readonly key?: string }
    | undefined;
  readonly method: string;
  readonly path: string;
  /** In their order, `host` among them. */
  readonly headers: readonly (readonly [string, string])[];
}

/** What came of it. `closed`: the connection ended before an answer. */
export type PodAnswer =
  | {
      readonly outcome: 'answer';
      readonly code: number;
      /** Lower-case names. */
      readonly headers: Readonly<Record<string, string>>;
      /** From the first byte of the connection to the headers of the answer. */
      readonly ms: number;
      /** DER, leaf first; empty for plain text. */
      readonly chain: readonly Buffer[];
      /** The beginning of the body. */
      readonly text: string;
    }
  | { readonly outcome: 'closed'; readonly why: string };

export interface Source {
  /** For messages: `context prod` or `directory dump-2026-11-23`. */
  readonly origin: string;
  /** The API server's address; undefined for a directory. */
  readonly server?: string;
  /** When the answers were given, where that is not now. */
  readonly asOf?: Date;
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
  /** Asks every istiod; rejects only where istiods cannot be listed. */
  everyIstiod<T>(ask: (debug: IstiodDebug) => Promise<T>): Promise<readonly PodOutcome<T>[]>;
  /**
   * A TLS handshake with a port of a pod, ended as soon as the certificate has come. The certificate is not checked.
   * Throws ToolError: refused, timeout, broken, forbidden…; `unsupported` of a directory.
   */
  handshake(pod: PodRef, port: number, hello: ClientHello): Promise<Handshake>;
  /**
   * Sends one request to a port of a pod, as a client would. Nothing is followed or repeated. Throws as `handshake`
   * does.
   */
  send(pod: PodRef, port: number, request: ClientRequest): Promise<PodAnswer>;
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

/** What is said on stderr while something is asked. */
export interface Teller {
  /** What long work is at, in one line that the next one replaces. */
  progress(line: string): void;
  /** What the user has to know of how the answers came. */
  note(line: string): void;
}

export interface ClusterAccess {
  readonly context: string;
  /** Files that were read; none in a pod. */
  readonly kubeconfigs: readonly string[];
  /** Throws ToolError: unreachable, untrusted, credentials… */
  version(): Promise<ServerVersion>;
  /** Undefined where the API server is too old to say it: before Kubernetes 1.28. */
  whoAmI(): Promise<Identity | undefined>;
  /** What the API server says to a SelfSubjectAccessReview. */
  mayI(asked: Permission): Promise<boolean>;
}

export interface ServerVersion {
  /** `v1.37.2` */
  readonly version: string;
  readonly tookMs: number;
  /**
   * How far this machine's clock is ahead of the API server's, to the second; undefined where a proxy takes the Date
   * header out.
   */
  readonly clockAheadMs: number | undefined;
}

export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

export interface Permission {
  readonly verb: string;
  readonly group: string;
  /** With its subresource: `pods/log`. */
  readonly resource: string;
  /** Undefined: in all namespaces, or in none. */
  readonly namespace: string | undefined;
}

/** What `main.ts` needs to open a source: the shared flags by their own names, with environment defaults applied. */
export interface SourceOptions {
  /** A directory written by `config-dump --dir`, in place of a cluster. */
  readonly from?: string | undefined;
  /** Flags of `kubeFlags`. */
  readonly kube: KubeOptions;
  readonly gateway: GatewayOptions;
  readonly parallel: number;
  readonly podTimeoutMs: number;
  readonly maxAnswerBytes: number;
  /** Where port-forward is forbidden, whole dumps may be asked for through exec. */
  readonly dumpsThroughExec: boolean;
}

export interface KubeOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly as?: string | undefined;
  readonly asGroup?: readonly string[] | undefined;
  readonly asUid?: string | undefined;
  /** `KEY=VALUE` each. */
  readonly asUserExtra?: readonly string[] | undefined;
  readonly certificateAuthority?: string | undefined;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
  readonly tlsServerName?: string | undefined;
  readonly requestTimeoutMs?: number | undefined;
}

export interface GatewayOptions {
  readonly namespace: string;
  /** `ds/NAME`, `deploy/NAME`, `svc/NAME`, `pod/NAME` or a bare name. */
  readonly gateway?: string | undefined;
  readonly selector?: string | undefined;
  readonly pod?: string | undefined;
  readonly node?: string | undefined;
  readonly istioNamespace: string;
}
