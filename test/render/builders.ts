// Small models for the tests of views.

import type { Answer, Style, View } from '#core/command.ts';
import { ToolError } from '#core/error.ts';
import type { Gateway, Pod, PodOutcome } from '#core/fleet.ts';
import type { Certificate, Secret } from '#model/certificate.ts';
import type { RouteMatch } from '#model/match.ts';
import type { ForwardAction, Route, RouteRow } from '#model/route.ts';
import type { Shared } from '#model/shared.ts';
import type { PodReport, PodStatus } from '#model/status.ts';
import type { PodSync, TypeSync } from '#model/sync.ts';

export const now = new Date('2026-11-23T14:05:00Z');

export const piped: Style = { color: false, columns: Number.POSITIVE_INFINITY, wide: false, now };
export const wide: Style = { ...piped, wide: true };
export const terminal = (columns: number): Style => ({ ...piped, columns });

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

export function answerOf<Item>(view: View<Item>, items: readonly Item[], pods: readonly PodOutcome<unknown>[], more: Partial<Answer<Item>> = {}): Answer<Item> {
  return { view, items, pods, gateway: gateway(pods.map((outcome) => outcome.pod)), ...more };
}

export const match = (changes: Partial<RouteMatch> = {}): RouteMatch => ({
  path: { kind: 'prefix', value: '/', caseSensitive: true },
  headers: [],
  query: [],
  grpc: false,
  fraction: undefined,
  others: [],
  ...changes,
});

export const prefix = (value: string): RouteMatch => match({ path: { kind: 'prefix', value, caseSensitive: true } });

export const forward = (changes: Partial<ForwardAction> = {}): ForwardAction => ({
  kind: 'forward',
  to: { kind: 'cluster', cluster: 'outbound|4002||svc2-tls-service.svc2.svc.cluster.local' },
  rewrite: { prefix: undefined, regex: undefined, template: undefined, host: undefined, autoHost: false, hostFromHeader: undefined },
  timeoutMs: 0,
  idleTimeoutMs: undefined,
  retry: {
    on: ['connect-failure', 'refused-stream', 'unavailable', 'cancelled', 'retriable-status-codes'],
    attempts: 2,
    perTryTimeoutMs: undefined,
  },
  mirrors: [],
  cors: undefined,
  hashPolicies: 0,
  clusterNotFoundCode: 503,
  ...changes,
});

export const route = (changes: Partial<Route> = {}): Route => ({
  position: 1,
  name: 'default',
  match: match(),
  action: forward(),
  from: { kind: 'VirtualService', namespace: 'svc1', name: 'svc1-main' },
  ...changes,
});

export const routeRow = (changes: Partial<RouteRow> = {}): RouteRow => ({
  routeConfiguration: 'https.443.https.svc1-main.svc1',
  virtualHost: 'svc1.discovery.wmnet:443',
  domains: ['svc1.discovery.wmnet'],
  requireTls: 'none',
  route: route(),
  ...changes,
});

export const on = <T>(value: T, pods: readonly Pod[]): Shared<T> => ({ value, pods: pods.map(({ name }) => name) });

export const ok = (of: Pod): PodOutcome<unknown> => ({ pod: of, ok: undefined });

export const certificate = (changes: Partial<Certificate> = {}): Certificate => ({
  subject: 'CN = svc1.discovery.wmnet',
  issuer: 'O = Example, CN = Example Intermediate CA',
  commonName: 'svc1.discovery.wmnet',
  serial: '1008A7',
  dnsNames: ['svc1.discovery.wmnet'],
  otherNames: [],
  notBefore: '2026-10-24T00:00:00Z',
  notAfter: '2027-01-22T00:00:00Z',
  isCa: false,
  publicKey: 'EC P-256',
  signatureAlgorithm: 'ecdsa-with-SHA256',
  fingerprint: 'AB12',
  subjectKeyId: undefined,
  authorityKeyId: undefined,
  ...changes,
});

export const secret = (changes: Partial<Secret> = {}): Secret => ({
  name: 'kubernetes://svc1-tls-certificate',
  state: 'active',
  kind: 'certificate',
  lastUpdated: '2026-11-23T12:06:22.313Z',
  version: undefined,
  rejected: undefined,
  chain: [certificate(), certificate({ isCa: true })],
  unreadable: undefined,
  file: undefined,
  ...changes,
});

export const report = (changes: Partial<PodReport> = {}): PodReport => ({
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

export const connected = (istiod: string, types: Partial<Record<'CDS' | 'LDS' | 'EDS' | 'RDS' | 'SDS', TypeSync>> = {}): PodSync => ({
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
