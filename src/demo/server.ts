// The demo cluster: the recorded one, served by an API server of our own. Whoever starts it closes it.

import { type Fault, type Faults, faultList } from '#apiserver/fault.ts';
import { kubeconfigOf } from '#apiserver/kubeconfig.ts';
import { type ApiServer, type SeenRequest, startApiServer } from '#apiserver/server.ts';
import { demoCluster } from './cluster.ts';
import { type ContainerLogs, containerLogs } from './container-logs.ts';
import recorded from './fleet.json' with { type: 'json' };
import { makeFleet } from './fleet.ts';
import { type PodChanges, podChanges } from './pod-changes.ts';
import type { Recording } from './recording.ts';

export interface DemoOptions {
  /** Gateway pods; the recorded ones are never fewer. */
  readonly pods?: number;
  readonly faults?: readonly Fault[];
  /** How long after the end of a pod's connection its stream is closed: 1000, as containerd does. */
  readonly closeDelayMs?: number;
  /** Recorded requests come again for as long as somebody follows a log. */
  readonly traffic?: 'busy';
  /** The mesh configuration that istiod says it has, in place of the recorded one. */
  readonly mesh?: object;
}

export interface Demo extends ApiServer {
  /** YAML, with the CA and the token inline. */
  readonly kubeconfig: string;
  /** The recording's clock. */
  readonly now: Date;
  /** In the order of arrival; the oldest are forgotten. */
  readonly requests: readonly SeenRequest[];
  readonly faults: Faults;
  readonly logs: ContainerLogs;
  readonly changes: PodChanges;
}

const requestsKept = 10_000;
const recording = recorded as unknown as Recording;

/** Listens on a free port of 127.0.0.1. Rejects where it cannot. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const requests: SeenRequest[] = [];
  const seen = (request: SeenRequest): void => {
    requests.push(request);
    if (requests.length > requestsKept) requests.shift();
  };
  const fleet = makeFleet(recording, options.pods ?? recording.pods.length);
  const faults = faultList(options.faults ?? []);
  const began = performance.now();
  const clock = (): Date => new Date(Date.parse(recording.now) + performance.now() - began);
  const logs = containerLogs(fleet, clock);
  if (options.traffic) logs.keepBusy();
  const changes = podChanges(fleet, logs, clock);
  const cluster = demoCluster({ fleet, logs, changes, clock, mesh: options.mesh });
  const server = await startApiServer(cluster, { faults, seen, closeDelayMs: options.closeDelayMs });
  return {
    ...server,
    kubeconfig: kubeconfigOf([{ name: 'demo', ...server }]),
    now: new Date(recording.now),
    requests,
    faults,
    logs,
    changes,
    close: async () => {
      logs.close();
      await server.close();
    },
  };
}
