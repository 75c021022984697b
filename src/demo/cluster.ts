// The recorded cluster, as the API server serves it.

import type { EnvoyAnswers } from '#apiserver/admin.ts';
import { type PodPort, podRef, type ServedCluster } from '#apiserver/cluster.ts';
import { gatewayPort, type IstiodAnswers, istiodPort } from '#apiserver/pod-ports.ts';
import { type ResourceType, resourceTypes } from '#apiserver/resource-type.ts';
import { newestVersion } from '#apiserver/rest.ts';
import { objectWatches } from '#apiserver/watches.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { ContainerLogs } from './container-logs.ts';
import { type DemoPod, type Fleet, podKey } from './fleet.ts';
import type { PodChanges } from './pod-changes.ts';
import type { RecordedPod } from './recording.ts';

export interface DemoParts {
  readonly fleet: Fleet;
  readonly logs: ContainerLogs;
  readonly changes: PodChanges;
  readonly clock: () => Date;
  /** In place of the recorded one. */
  readonly mesh?: object | undefined;
}

export function demoCluster({ fleet, logs, changes, clock, mesh }: DemoParts): ServedCluster {
  const objectsOf = ({ resource }: ResourceType): readonly KubeObject[] => fleet.objects[resource] ?? [];
  const { istiod } = fleet.recording;
  const istiodAnswers: IstiodAnswers = {
    syncz: async () => fleet.syncz,
    connections: async () => istiod.connections,
    mesh: async () => mesh ?? istiod.mesh,
    version: async () => istiod.version,
  };
  return {
    version: async () => fleet.recording.version,
    user: 'demo',
    mayI: () => true,
    now: clock,
    types: resourceTypes,
    list: async (type) => ({ objects: objectsOf(type) }),
    read: async (type, namespace, name) =>
      objectsOf(type).find(({ metadata }) => metadata.name === name && metadata.namespace === namespace),
    watches: async (type) =>
      type.resource === 'pods'
        ? changes.watches
        : objectWatches(objectsOf(type), Number(newestVersion(objectsOf(type)))),
    port: (object, port) => {
      const { namespace, name } = podRef(object);
      const pod = fleet.pods.get(podKey(namespace, name));
      const role = object.metadata.labels?.['istio'];
      if (pod && role === 'ingressgateway') return demoGatewayPort(fleet, pod, port);
      return role === 'pilot' ? istiodPort(istiodAnswers, name, clock(), port) : undefined;
    },
    log: async ({ metadata: { name } }, _container, which) => {
      const lines = logs.lines(name, which);
      return lines && { lines, follow: (reader) => logs.follow(name, reader) };
    },
  };
}

/** What does not change is made once for each recorded pod. */
function demoGatewayPort(fleet: Fleet, pod: DemoPod, number: number): PodPort | undefined {
  const port = gatewayPort(envoyOf(fleet, pod), number);
  if (!port || !('answer' in port)) return port;
  return {
    answer: (method, url) =>
      method === 'GET'
        ? fleet.once(pod, `${number}${url.pathname}${url.search}`, () => port.answer(method, url))
        : port.answer(method, url),
  };
}

function envoyOf(fleet: Fleet, pod: DemoPod): EnvoyAnswers {
  const recorded = pod.recorded as RecordedPod;
  return {
    json: async (path) => {
      if (path === 'config_dump') return fleet.dump(recorded);
      if (path === 'certs') return { certificates: fleet.list(recorded, 'certs') };
      if (path === 'clusters') return { cluster_statuses: fleet.list(recorded, 'clusters') };
      return fleet.answer(recorded, path);
    },
    prometheus: async () => String(fleet.answer(recorded, 'stats/prometheus')),
    levels: async () => pod.levels,
    change: (levels) => {
      for (const [logger, level] of levels) pod.levels.set(logger, level);
    },
  };
}
