// The facts of a healthy fleet of three pods, and what a test changes of them.

import { type FactName, type Facts, type FactTypes, objectFacts, type PodFacts } from '#analysis/check/facts.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Cluster } from '#model/cluster.ts';
import type { CertificateProblem, HostCertificate, HostCertificateItem } from '#model/host-certificate.ts';
import type { Route, RouteConfiguration } from '#model/route.ts';
import { hostCertificate } from './certificate.ts';
import * as clusters from './cluster.ts';
import { gateway, now, pod, report, status } from './fleet.ts';
import { route, routeConfiguration, routeRow, virtualHost } from './route.ts';

const labels = { istio: 'ingressgateway' };
export const pods = ['a', 'b', 'c'].map((suffix) => pod(suffix, { labels }));
export const names = pods.map(({ name }) => name);
export const [podA, podB, podC] = pods as [(typeof pods)[0], (typeof pods)[0], (typeof pods)[0]];

export const clusterName = 'outbound|4002||svc2-tls-service.svc2.svc.cluster.local';

export const cluster = (changes: Partial<Cluster> = {}): Cluster =>
  clusters.cluster({
    name: clusterName,
    destinationRule: { kind: 'DestinationRule', namespace: 'svc2', name: 'svc2-main' },
    tls: clusters.upstreamTls({ autoSni: false, ca: undefined, isVerified: false }),
    circuitBreakers: [],
    panicThreshold: 50,
    ...changes,
  });

export const routes = (...all: readonly Route[]): RouteConfiguration =>
  routeConfiguration({ virtualHosts: [virtualHost({ routes: all })] });

const lead = { kind: 'route', row: routeRow() } as const;

export const configuration = (
  changes: Partial<FactTypes['configurations'][number]> = {},
): FactTypes['configurations'][number] => ({
  listeners: [],
  pods: names,
  routes: [routes(route())],
  clusters: [cluster()],
  routed: { leads: new Map([[clusterName, [lead]]]), unknown: [] },
  ...changes,
});

export const podFacts = (of: PodFacts['pod'], changes: Partial<PodFacts> = {}): PodFacts => ({
  pod: of,
  report: report(),
  warmingListeners: [],
  warmingClusters: [],
  clusters: new Set([clusterName]),
  unusable: [],
  failedConnections: [],
  reached: [],
  stats: new Map(),
  ...changes,
});

/** A host on all pods, with these problems. */
export const certificateItem = (
  problems: readonly Partial<CertificateProblem>[],
  changes: Partial<HostCertificate> = {},
): HostCertificateItem => ({
  value: hostCertificate({
    host: 'svc1.discovery.wmnet',
    port: 8443,
    gateway: { kind: 'Gateway', namespace: 'svc1', name: 'svc1-main' },
    ...changes,
  }),
  pods: names,
  loadedAt: {},
  claims: [],
  kubernetes: undefined,
  problems: problems.map((problem) => ({ code: 'expired', severity: 'error', text: 'it is so', next: [], ...problem })),
});

export const object = (kind: string, id: string, spec: object, second = 1): KubeObject => {
  const [namespace = '', name = ''] = id.split('/');
  return { kind, metadata: { namespace, name, creationTimestamp: `2026-11-23T12:00:0${second}Z` }, spec };
};

export const gatewayObject = (
  id: string,
  hosts: readonly string[],
  second = 1,
  selector: object = labels,
): KubeObject =>
  object(
    'Gateway',
    id,
    {
      selector,
      servers: [{ port: { number: 443, name: 'https', protocol: 'HTTPS' }, hosts, tls: { mode: 'SIMPLE' } }],
    },
    second,
  );

const service = object('Service', 'svc2/svc2-tls-service', { ports: [{ name: 'https', port: 4002 }] });

const noObjects = Object.fromEntries(objectFacts.map((name) => [name, []])) as unknown as FactTypes;

const healthy: FactTypes = {
  ...noObjects,
  gateway: gateway(pods),
  statuses: pods.map((of) => status(of)),
  comparisons: pods.map((of) => status(of)),
  istiods: [{ name: 'istiod-a', version: '1.31.0', failed: undefined }],
  pods: pods.map((of) => podFacts(of)),
  configurations: [configuration()],
  unlikeAssigned: [],
  certificates: [certificateItem([])],
  secrets: new Map(),
  rejectedContents: [],
  notTaken: [],
  unserved: [],
  knownFindings: [],
  servicePods: [],
  gateways: [gatewayObject('svc1/svc1-main', ['svc1.discovery.wmnet'])],
  virtualservices: [
    object('VirtualService', 'svc1/svc1-main', {
      hosts: ['svc1.discovery.wmnet'],
      gateways: ['svc1-main'],
      http: [{ route: [{ destination: { host: 'svc2-tls-service.svc2.svc.cluster.local' } }] }],
    }),
  ],
  services: [service],
};

export function facts(
  changes: Partial<FactTypes> = {},
  missing: Partial<Record<FactName, string>> = {},
  silent: Facts['silent'] = [],
): Facts {
  const known = Object.fromEntries(
    Object.entries({ ...healthy, ...changes }).map(([name, value]) => [name, { known: value }]),
  );
  const unknown = Object.fromEntries(Object.entries(missing).map(([name, why]) => [name, { missing: why }]));
  return { owner: { missing: 'not asked for' }, ...known, ...unknown, now, silent } as unknown as Facts;
}
