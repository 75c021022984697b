// What `config-dump --dir` writes and `--from` reads: one file per question, so that jq and grep work on it too.
//   index.json                     what the gateway was, when, and which questions were answered
//   pods/POD/config_dump.json      and one file for each other admin path
//   istiods/POD/syncz.json, version.txt
//   objects/RESOURCE.json          Kubernetes objects, trimmed to what is asked of them

import type { AdminRequest, IstiodDebug } from '#core/admin.ts';
import { isDnsName } from '#core/dns-name.ts';
import { type ErrorCode, errorCodes, type Hint } from '#core/error.ts';
import type { Gateway, NodeWithoutPod, Pod } from '#core/fleet.ts';
import { kinds, type Resource, resources } from '#core/kinds.ts';
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

export const formatVersion = 'istio-ingress/v1';
export const indexFile = 'index.json';

/** Why something was not answered when the directory was written; it is not answered from it either. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: Hint | undefined;
}

export interface DirectoryIndex {
  readonly apiVersion: string;
  readonly kind: 'ConfigDump';
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
});

const gatewaySchema = object<Gateway>({
  namespace: text,
  name: text,
  kind: oneOf('DaemonSet', 'Deployment', 'Pod', 'Service', 'Selector'),
  pods: list(podSchema),
  // Directories of before they were saved have none, and nobody asks them for any.
  others: optional(list(podSchema)) as Schema<readonly Pod[]>,
  nodesWithoutPod: list(object<NodeWithoutPod>({ node: text, reason: text })),
  nodesWanted: optional(number),
});

const hint: Schema<Hint> = (value, path) => (typeof value === 'string' ? undefined : list(text)(value, path));

/** Not `interrupted`: nobody pressed Ctrl-C. */
const failureSchema = object<Failure>({
  code: oneOf<Failure['code']>(...errorCodes.filter((code) => code !== 'interrupted')),
  message: text,
  hint: optional(hint),
});

export const indexSchema = object<DirectoryIndex>({
  apiVersion: text,
  kind: oneOf('ConfigDump'),
  generatedAt: time,
  origin: text,
  gateway: gatewaySchema,
  failedPods: mapOf(failureSchema),
  istiods: list(podSchema),
  failedIstiods: mapOf(failureSchema),
  noIstiods: optional(failureSchema),
  failedResources: mapOf(failureSchema),
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
];

/** Kubernetes objects that are saved beside pods. */
export const savedResources: readonly Resource[] = resources.filter((resource) => kinds[resource].isSaved);
