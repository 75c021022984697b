// A snapshot while it is made: what is known so far. What was not reached has the reason in it from the beginning.

import type { Gateway, PodOutcome } from '#core/fleet.ts';
import type { Resource } from '#core/kinds.ts';
import { limits } from '#core/limits.ts';
import type { LoggedWorkload } from '#core/pod-logs.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { GatewayOptions } from '#core/source-options.ts';
import type { SharedValues } from '#dump/shared-values.ts';
import type { AccessLogFormat } from '#model/access-log.ts';
import type { SavedIstiods, Saving } from '#questions/dump/save-answers.ts';
import type { Failure, SavedLogs, SnapshotIndex } from '#source/saved-format.ts';
import type { Recorded } from './recorded.ts';
import type { ReplacedCounter } from './replaced.ts';

export interface SnapshotQuestion {
  /** The flags that chose the gateway. */
  readonly chosenBy: SnapshotIndex['chosenBy'];
  /** Of the tool. */
  readonly version: string;
  /** How far the logs reach back. */
  readonly sinceMs: number;
  /** Of one pod's log. */
  readonly maxLogBytes: number;
  /** Also Envoy's `/certs`: the certificates once more for each cluster. */
  readonly withCerts: boolean;
  /** Also a TLS handshake for each host through every pod. */
  readonly served: boolean;
  /** Names, hosts and addresses become others. */
  readonly anonymous: boolean;
}

type Asked = Omit<SnapshotQuestion, 'chosenBy' | 'version'>;

/** What is not asked for is as usual. */
export const snapshotQuestion = (
  { namespace, gateway, selector, istioNamespace }: GatewayOptions,
  version: string,
  asked: { readonly [K in keyof Asked]?: Asked[K] | undefined },
): SnapshotQuestion => ({
  chosenBy: { namespace, gateway, selector, istioNamespace },
  version,
  sinceMs: asked.sinceMs ?? limits.logSpanMs,
  maxLogBytes: asked.maxLogBytes ?? limits.logBytes,
  withCerts: asked.withCerts ?? false,
  served: asked.served ?? false,
  anonymous: asked.anonymous ?? false,
});

export interface Making {
  readonly source: Source;
  readonly recorded: Recorded;
  readonly gateway: Gateway;
  readonly question: SnapshotQuestion;
  readonly asking: Asking;
  readonly saving: Saving;
  readonly shared: SharedValues;
  readonly replaced: ReplacedCounter;
  /** By name: bytes of each. */
  readonly pods: Map<string, PodOutcome<number>>;
  istiods: SavedIstiods;
  readonly failedResources: Partial<Record<Resource, Failure>>;
  readonly namespaces: Partial<Record<Resource, readonly string[]>>;
  readonly logs: Partial<Record<LoggedWorkload, SavedLogs>>;
  /** SDS names of all pods. */
  readonly secretNames: Set<string>;
  /** Addresses of the cluster: of pods, nodes, services and endpoints. */
  readonly addresses: Set<string>;
  /** In what pods answered, and hosts that clients asked for; only where they are to become others. */
  readonly names: Set<string> | undefined;
  /** Of the access log, as the first pod that answered has them. */
  formats: readonly AccessLogFormat[] | undefined;
}

export const notReached: Failure = {
  code: 'broken',
  message: 'not in the snapshot: it was interrupted before',
};
