// Every host of the gateway, and those that clients asked for: certificate, routes, endpoints, requests; and what happens
// to its commonest requests.

import type { CommonRequest, HostRequests } from '#accesslog/host-requests.ts';
import { partingOf } from '#analysis/request/disagreement.ts';
import { readRequest } from '#analysis/request/request.ts';
import { compareText } from '#core/compare.ts';
import { hostOfDomain } from '#core/host.ts';
import type { QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { daysLeft } from '#model/certificate.ts';
import type { Endpoint } from '#model/cluster.ts';
import type { Explanation } from '#model/explanation.ts';
import { chainOf, type HostCertificateItem } from '#model/host-certificate.ts';
import type { OnPods } from '#model/merge-pods.ts';
import type { Destination, ReportCertificate, ReportHost, ReportRoute, Way } from '#model/report.ts';
import { answeringClusters, type RouteRow } from '#model/route.ts';
import { explainOnGroups, type GroupConfiguration } from '#questions/explain/explain.ts';
import { gatewayPorts } from '#questions/gateway-ports.ts';

export type Explained = QuestionAnswer<OnPods<Explanation>>;

export interface HostWords {
  route(row: RouteRow): Omit<ReportRoute, 'pods'>;
  /** As `explain` prints it. */
  way(answer: Explained, now: Date): readonly string[];
}

export interface HostFacts {
  readonly certificates: readonly HostCertificateItem[];
  readonly routes: readonly OnPods<RouteRow>[];
  readonly groups: readonly GroupConfiguration[];
  readonly requests: HostRequests | undefined;
  /** Of the pods that were asked. */
  readonly answer: Pick<QuestionAnswer, 'gateway' | 'pods'>;
  readonly now: Date;
}

/** Clients may ask for any host. */
const mostUnserved = 100;
const waysOfOne = 3;
const mostWays = 300;

export async function reportHosts(source: Source, facts: HostFacts, words: HostWords): Promise<ReportHost[]> {
  const certificates = Map.groupBy(facts.certificates, ({ value }) => value.host ?? '');
  const routes = routesByHost(facts.routes);
  const counts = facts.requests?.counts ?? new Map<string, { requests: number; errors: number }>();
  const served = new Set([...certificates.keys(), ...routes.keys()].filter((name) => name !== ''));
  const others = [...counts]
    .filter(([name]) => !served.has(name))
    .sort(([, a], [, b]) => b.requests - a.requests)
    .slice(0, mostUnserved);
  const names = [...served, ...others.map(([name]) => name)].sort(compareText);
  const ways = await waysOf(source, names, facts, words);
  const endpointsOf = endpointCounter(facts.groups);
  return names.map((name) => {
    const own = routes.get(name) ?? [];
    const { requests = 0, errors = 0 } = counts.get(name) ?? {};
    return {
      name,
      isServed: served.has(name),
      certificates: (certificates.get(name) ?? []).map((item) => certificateOf(item, facts.now)),
      routes: own.map(({ value, pods }) => ({ ...words.route(value), pods })),
      destinations: destinationsOf(own, endpointsOf),
      requests,
      errors,
      ways: ways.get(name) ?? [],
    };
  });
}

function routesByHost(rows: readonly OnPods<RouteRow>[]): ReadonlyMap<string, OnPods<RouteRow>[]> {
  const byHost = new Map<string, OnPods<RouteRow>[]>();
  for (const row of rows) {
    for (const host of new Set(row.value.domains.map(hostOfDomain))) {
      const known = byHost.get(host);
      if (known) known.push(row);
      else byHost.set(host, [row]);
    }
  }
  return byHost;
}

function certificateOf({ value, pods, problems }: HostCertificateItem, now: Date): ReportCertificate {
  const [leaf] = chainOf(value);
  return {
    port: value.port,
    secret: value.secret,
    serial: leaf?.serial,
    issuer: leaf?.issuer,
    notAfter: leaf?.notAfter,
    daysLeft: leaf && daysLeft(leaf, now),
    outcome: value.outcome,
    pods,
    problems: problems.map(({ severity, text }) => ({ severity, text })),
  };
}

type CountEndpoints = (cluster: string) => Destination['endpoints'];

function endpointCounter(groups: readonly GroupConfiguration[]): CountEndpoints {
  const byCluster = groups.map(({ pods, configuration }) => ({
    pods,
    endpoints: Map.groupBy(configuration.endpoints, ({ cluster }) => cluster),
  }));
  return (cluster) => {
    const counted = byCluster.map(({ pods, endpoints }) => ({ pods, ...countOf(endpoints.get(cluster) ?? []) }));
    const alike = Map.groupBy(counted, ({ healthy, of }) => `${healthy}/${of}`);
    return [...alike.values()].map((group) => ({
      healthy: group[0]?.healthy ?? 0,
      of: group[0]?.of ?? 0,
      pods: group.flatMap(({ pods }) => pods),
    }));
  };
}

const countOf = (endpoints: readonly Endpoint[]): { readonly healthy: number; readonly of: number } => ({
  healthy: endpoints.filter(({ health }) => health === 'HEALTHY' || health === 'DEGRADED').length,
  of: endpoints.length,
});

function destinationsOf(rows: readonly OnPods<RouteRow>[], endpointsOf: CountEndpoints): Destination[] {
  const clusters = new Set(rows.flatMap(({ value }) => (value.route ? answeringClusters(value.route.action) : [])));
  return [...clusters].sort(compareText).map((cluster) => ({ cluster, endpoints: endpointsOf(cluster) }));
}

/** Of the commonest requests over all hosts. */
async function waysOf(
  source: Source,
  names: readonly string[],
  { requests, groups, answer, now }: HostFacts,
  words: HostWords,
): Promise<ReadonlyMap<string, Way[]>> {
  const common = names
    .flatMap((name) => (requests?.commonest(name, waysOfOne) ?? []).map((request) => ({ name, request })))
    .sort((a, b) => b.request.requests - a.request.requests)
    .slice(0, mostWays);
  const ways = new Map<string, Way[]>();
  if (common.length === 0 || groups.length === 0) return ways;
  const ports = await gatewayPorts(source);
  for (const { name, request } of common) {
    const typed = typedOf(request);
    const items = typed && (await explainOnGroups(source, typed, groups, ports));
    if (!items) continue;
    const parting = partingOf(items.map(({ value }) => value));
    const lines = words.way({ ...answer, items, extra: parting === undefined ? {} : { parting } }, now);
    addWay(ways, name, request, lines);
  }
  return ways;
}

function addWay(
  ways: Map<string, Way[]>,
  name: string,
  { method, url, requests: count, errors }: CommonRequest,
  lines: readonly string[],
): void {
  const own = ways.get(name) ?? [];
  const request = { method, url, count, errors };
  const same = own.findIndex((way) => way.lines.join('\n') === lines.join('\n'));
  ways.set(
    name,
    same < 0
      ? [...own, { requests: [request], lines }]
      : own.map((way, index) => (index === same ? { ...way, requests: [...way.requests, request] } : way)),
  );
}

/** Undefined for what was no URL: clients send anything as their Host. */
function typedOf({ method, url, authority, sni }: CommonRequest): ReturnType<typeof readRequest> | undefined {
  if (URL.parse(url) === null) return undefined;
  const headers = [`Host: ${authority}`];
  return readRequest({ url, method, headers, sni, hasClientCertificate: url.startsWith('https:') });
}
