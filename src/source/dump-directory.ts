// What `config-dump --dir` writes and `--from` reads: one file per question, so that jq and grep work on it too.
//   index.json                     what the gateway was, when, and which questions were answered
//   pods/POD/config_dump.json      and one file for each other admin path
//   istiods/POD/syncz.json, version.txt
//   objects/RESOURCE.json          Kubernetes objects, trimmed to what is asked of them

import type { AdminRequest, IstiodDebug } from '#core/admin.ts';
import type { ErrorCode } from '#core/error.ts';
import type { Gateway, Pod } from '#core/fleet.ts';
import { kinds, type Resource, resources } from '#core/kinds.ts';

export const formatVersion = 'istio-ingress/v1';
export const indexFile = 'index.json';

/** Why something was not answered when the directory was written; it is not answered from it either. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
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
