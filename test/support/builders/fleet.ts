// Pods: as Kubernetes, Envoy and istiod know them, and what came of asking one.

import { ToolError } from '#core/error.ts';
import type { Gateway, Pod, PodOutcome } from '#core/fleet.ts';
import type { OnPods } from '#model/merge-pods.ts';
import type { PodReport, PodStatus } from '#model/status.ts';
import type { PodSync, TypeSync, XdsType } from '#model/sync.ts';

export const now = new Date('2026-11-23T14:05:00Z');

export const pod = (suffix: string, changes: Partial<Pod> = {}): Pod => ({
  namespace: 'istio-system',
  name: `istio-ingressgateway-${suffix}`,
  node: `node-${suffix}`,
  ip: '10.64.0.7',
  phase: 'Running',
  ready: { containers: 1, of: 1 },
  isReady: true,
  deletedAt: undefined,
  startedAt: '2026-11-20T09:00:00Z',
  restarts: 0,
  reason: undefined,
  labels: {},
  images: [],
  ...changes,
});

/** Where the name is short in the test's table. */
export const podNamed = (name: string, changes: Partial<Pod> = {}): Pod => pod('', { name, ...changes });

export const three = ['66qlf', 'gfn8x', 'l9b5b'].map((suffix) => pod(suffix));

export const gateway = (pods: readonly Pod[], changes: Partial<Gateway> = {}): Gateway => ({
  namespace: 'istio-system',
  name: 'istio-ingressgateway',
  kind: 'DaemonSet',
  pods,
  others: [],
  nodesWithoutPod: [],
  nodesWanted: pods.length,
  ...changes,
});

export const failure = (of: Pod): PodOutcome<never> => ({
  pod: of,
  failed: new ToolError('timeout', `cannot read config_dump of ${of.namespace}/${of.name}:15000: no answer in 30 s`, {
    hint: 'is the pod overloaded? --pod-timeout waits longer',
  }),
});

export const ok = (of: Pod): PodOutcome<unknown> => ({ pod: of, ok: undefined });

export const on = <T>(value: T, pods: readonly Pod[]): OnPods<T> => ({ value, pods: pods.map(({ name }) => name) });

export const report = (changes: Partial<PodReport> = {}): PodReport => ({
  notGiven: [],
  proxy: {
    envoyVersion: '1.40.0',
    istioVersion: '1.31.0',
    state: 'LIVE',
    uptimeSeconds: 277_200,
    logLevel: 'warning',
    componentLogLevel: 'misc:error',
  },
  fingerprint: '9f3c12',
  routes: 767,
  certificates: 766,
  warmingSecrets: [],
  rejections: [],
  contents: new Map(),
  raisedLogLevels: [],
  lastUpdated: '2026-11-23T13:51:00Z',
  ...changes,
});

const synced: TypeSync = { state: 'SYNCED', error: undefined, sentAt: '2026-11-23T14:00:00Z' };

export const connected = (istiod: string, types: Partial<Record<XdsType, TypeSync>> = {}): PodSync => ({
  state: 'connected',
  istiods: [istiod],
  istioVersion: '1.31.0',
  types: { CDS: synced, LDS: synced, EDS: synced, RDS: synced, ...types },
});

export const status = (of: Pod, changes: Partial<PodStatus> = {}): PodStatus => ({
  pod: of,
  report: report(),
  failure: undefined,
  sync: connected('istiod-a'),
  difference: undefined,
  ...changes,
});
