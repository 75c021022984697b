// What `config-dump --dir` and `snapshot` write and `--from` reads: one file per question, so that jq and grep work on it
// too. A snapshot is an archive of them.
//   index.json                     what the gateway was, when, and which questions were answered
//   pods/POD/config_dump.json      and one file for each other admin path
//   istiods/POD/syncz.json, version.txt, mesh.json: of the mesh configuration what this tool asks for
//   objects/RESOURCE.json          Kubernetes objects, trimmed to what is asked of them
// and in a snapshot:
//   shared.json                    what the files of pods refer to: dump/shared-values.ts
//   logs/gateway/N.log             lines of all pods in the order of time: TIME POD TEXT; istiods' beside them
//   handshakes.json, access.json   what TLS handshakes came to; what the API server said of itself and of who asked
//   replaced.json                  what was taken out of all these

import type { AdminRequest, IstiodDebug } from '#core/admin.ts';
import { isDnsName } from '#core/dns-name.ts';
import { type ErrorCode, errorCodes, type Hint, ToolError } from '#core/error.ts';
import type { Gateway, NodeWithoutPod, Pod } from '#core/fleet.ts';
import { kinds, type Resource, resources } from '#core/kinds.ts';
import type { LogCoverage, LoggedWorkload } from '#core/pod-logs.ts';
import {
  boolean,
  list,
  mapOf,
  number,
  object,
  oneOf,
  optional,
  type Schema,
  text,
  time,
  wrongField,
} from '#core/schema.ts';
import type { GatewayOptions } from '#core/source-options.ts';

export const formatVersion = 'istio-ingress/v1';
export const indexFile = 'index.json';

/** Why a question had no answer when the directory was written. Asking the directory fails in the same way. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: Hint | undefined;
}

/** The failure again, as when it was saved. */
export const savedFailure = ({ code, message, hint }: Failure): ToolError => new ToolError(code, message, { hint });

/** `ConfigDump`: a directory of config-dump. */
export type SavedKind = 'ConfigDump' | 'Snapshot';

export interface SavedIndex {
  readonly apiVersion: string;
  readonly kind: SavedKind;
  /** RFC 3339. */
  readonly generatedAt: string;
  readonly origin: string;
  readonly gateway: Gateway;
  readonly failedPods: Readonly<Record<string, Failure>>;
  readonly istiods: readonly Pod[];
  readonly failedIstiods: Readonly<Record<string, Failure>>;
  /** Where istiods could not be listed. */
  readonly noIstiods?: Failure | undefined;
  readonly failedResources: Readonly<Partial<Record<Resource, Failure>>>;
  /** What a snapshot has besides. */
  readonly snapshot?: SnapshotIndex | undefined;
}

export interface SnapshotIndex {
  /** Of the tool that made it. */
  readonly version: string;
  /** The API server's address. */
  readonly server?: string | undefined;
  /** The flags that chose the gateway. */
  readonly chosenBy: Pick<GatewayOptions, 'namespace' | 'gateway' | 'selector' | 'istioNamespace'>;
  /** What was under way when it was interrupted; undefined: it is whole. */
  readonly interruptedAt?: string | undefined;
  /** Resources that could be read in these namespaces only; `failedResources` says why. */
  readonly namespaces: Readonly<Partial<Record<Resource, readonly string[]>>>;
  /** `NAMESPACE/NAME` of Secrets that were looked for and do not exist, and of the one that could not be read. */
  readonly absentSecrets: readonly string[];
  readonly failedSecret?: string | undefined;
  readonly logs: Readonly<Partial<Record<LoggedWorkload, SavedLogs>>>;
}

/** What the log of each workload is, or why there is none. */
export interface SavedLogs {
  /** RFC 3339: nothing older was asked for. */
  readonly since: string;
  /** RFC 3339: later lines had no room; undefined where all had. */
  readonly until?: string | undefined;
  /** How many files there are. */
  readonly files: number;
  readonly coverage: Readonly<Record<string, LogCoverage>>;
  readonly failedPods: Readonly<Record<string, Failure>>;
  readonly failure?: Failure | undefined;
}

const dnsName: Schema<string> = (value, path) =>
  text(value, path) ?? (isDnsName(value as string) ? undefined : wrongField(path, value, 'a DNS name'));

const podSchema = object<Pod>({
  namespace: text,
  name: dnsName,
  node: optional(text),
  ip: optional(text),
  phase: text,
  ready: object<Pod['ready']>({ containers: number, of: number }),
  isReady: boolean,
  deletedAt: optional(time),
  startedAt: optional(time),
  restarts: number,
  reason: optional(text),
  labels: mapOf(text),
  images: list(text),
  memoryLimit: optional(number),
  declaredPorts: optional(list(number)),
});

const gatewaySchema = object<Gateway>({
  namespace: text,
  name: text,
  kind: oneOf('DaemonSet', 'Deployment', 'Pod', 'Service', 'Selector'),
  pods: list(podSchema),
  // Directories of older versions have no such entry, and need none.
  others: optional(list(podSchema)) as Schema<readonly Pod[]>,
  nodesWithoutPod: list(object<NodeWithoutPod>({ node: text, reason: text })),
  nodesWanted: optional(number),
});

const hint: Schema<Hint> = (value, path) => (typeof value === 'string' ? undefined : list(text)(value, path));

/** Not `interrupted`: nobody pressed Ctrl-C. */
export const failureSchema = object<Failure>({
  code: oneOf<Failure['code']>(...errorCodes.filter((code) => code !== 'interrupted')),
  message: text,
  hint: optional(hint),
});

const coverageSchema = object<LogCoverage>({
  from: optional(time),
  gap: optional(text),
  wholeUntil: optional(text),
  lines: number,
});

const logsSchema = object<SavedLogs>({
  since: time,
  until: optional(time),
  files: number,
  coverage: mapOf(coverageSchema),
  failedPods: mapOf(failureSchema),
  failure: optional(failureSchema),
});

const snapshotSchema = object<SnapshotIndex>({
  version: text,
  server: optional(text),
  chosenBy: object<SnapshotIndex['chosenBy']>({
    namespace: text,
    gateway: optional(text),
    selector: optional(text),
    istioNamespace: text,
  }),
  interruptedAt: optional(text),
  namespaces: mapOf(list(text)),
  absentSecrets: list(text),
  failedSecret: optional(text),
  logs: mapOf(logsSchema),
});

export const indexSchema = object<SavedIndex>({
  apiVersion: text,
  kind: oneOf('ConfigDump', 'Snapshot'),
  generatedAt: time,
  origin: text,
  gateway: gatewaySchema,
  failedPods: mapOf(failureSchema),
  istiods: list(podSchema),
  failedIstiods: mapOf(failureSchema),
  noIstiods: optional(failureSchema),
  failedResources: mapOf(failureSchema),
  snapshot: optional(snapshotSchema),
});

/**
 * The questions that are put to a pod, with the file of each answer. Other config dumps are cut out of the whole one.
 */
export const podFiles: readonly { readonly request: AdminRequest; readonly file: string }[] = [
  { request: { path: 'config_dump', query: { include_eds: '' } }, file: 'config_dump.json' },
  { request: { path: 'server_info' }, file: 'server_info.json' },
  { request: { path: 'clusters', query: { format: 'json' } }, file: 'clusters.json' },
  { request: { path: 'listeners', query: { format: 'json' } }, file: 'listeners.json' },
  { request: { path: 'certs' }, file: 'certs.json' },
  { request: { path: 'memory' }, file: 'memory.json' },
  { request: { path: 'runtime' }, file: 'runtime.json' },
  { request: { path: 'stats', query: { usedonly: '', format: 'json' } }, file: 'stats.json' },
];

export const dumpFile = 'config_dump.json';
export const loggingFile = 'logging.txt';

export const istiodFiles: readonly { readonly path: Parameters<IstiodDebug['get']>[0]; readonly file: string }[] = [
  { path: 'debug/syncz', file: 'syncz.json' },
  { path: 'version', file: 'version.txt' },
  { path: 'debug/mesh', file: 'mesh.json' },
];

/** Kubernetes objects that are saved beside pods; in a snapshot, all that are listed. Secrets are never listed. */
export const savedResources: Readonly<Record<SavedKind, readonly Resource[]>> = {
  ConfigDump: resources.filter((resource) => kinds[resource].isSaved),
  Snapshot: resources.filter((resource) => resource !== 'secrets'),
};

export const sharedFile = 'shared.json';
export const handshakesFile = 'handshakes.json';
export const accessFile = 'access.json';
export const replacedFile = 'replaced.json';

/** Numbered from 0. */
export const logFile = (workload: LoggedWorkload, number: number): string => `logs/${workload}/${number}.log`;
