// Findings about clusters that the ingress routes to: who is concerned, and what to look at.

import type { Destinations } from '#analysis/istio/destination.ts';
import { showObject } from '#analysis/istio/show-object.ts';
import type { RoutedClusters } from '#analysis/select/routed-clusters.ts';
import { compareText } from '#core/compare.ts';
import type { Step } from '#core/shell.ts';
import { parseClusterName, serviceOfCluster, serviceOfFqdn } from '#model/cluster-name.ts';
import type { Concerned } from '#model/finding.ts';
import type { ObjectRef } from '#model/resource.ts';
import { answeringClusters } from '#model/route.ts';
import type { Configuration, FactTypes } from './facts.ts';

const most = 3;

type Objects = Partial<Pick<FactTypes, 'gateway' | 'services' | 'destinationrules' | 'servicePods'>>;

/** Undefined where the Services are not known: then nothing can be held against them. */
export const destinationsIn = ({
  gateway,
  services,
  destinationrules,
  servicePods,
}: Objects): Destinations | undefined =>
  services && {
    services,
    destinationRules: destinationrules,
    pods: servicePods,
    namespace: gateway?.namespace ?? '',
  };

/** `svc2/svc2-tls-service:4002`, or the name as it is. */
export function clusterText(cluster: string): string {
  const parsed = parseClusterName(cluster);
  const service = serviceOfFqdn(parsed?.fqdn ?? '');
  if (!parsed) return cluster;
  const subset = parsed.subset === '' ? '' : ` (${parsed.subset})`;
  return `${service ? `${service.namespace}/${service.name}` : parsed.fqdn}:${parsed.port}${subset}`;
}

/** By the name of a pod: what leads to each cluster there. */
export const leadsOfPods = (configurations: readonly Configuration[]): ReadonlyMap<string, RoutedClusters['leads']> =>
  new Map(configurations.flatMap((one) => one.pods.map((pod) => [pod, one.routed.leads] as const)));

/** The VirtualServices that lead to it, by name: no two Envoys list their routes in the same order. */
export function leadingTo(cluster: string, configurations: readonly Configuration[]): readonly ObjectRef[] {
  const leads = configurations.flatMap(({ routed }) => routed.leads.get(cluster) ?? []);
  const refs = leads.flatMap((lead) => (lead.kind === 'route' ? (lead.row.route?.from ?? []) : []));
  const byName = new Map(refs.map((ref) => [`${ref.kind} ${ref.namespace}/${ref.name}`, ref]));
  return [...byName].sort(([a], [b]) => compareText(a, b)).map(([, ref]) => ref);
}

/** The commands that show who leads to it. */
export const showLeads = (cluster: string, configurations: readonly Configuration[]): Step[] =>
  leadingTo(cluster, configurations).slice(0, most).map(showObject);

/** Owners of the service and of the VirtualServices. */
export function concernedBy(cluster: string, configurations: readonly Configuration[]): Concerned[] {
  const service = serviceOfCluster(cluster);
  return [...(service ? [service] : []), ...leadingTo(cluster, configurations)];
}

/**
 * What a finding about a cluster says where routes send it no more than copies of requests: clients have their answers from
 * elsewhere. Source: envoy source/common/router/router.cc maybeDoShadowing.
 */
export function ofMirrors(
  cluster: string,
  configurations: readonly Configuration[],
): { readonly severity?: 'warning'; readonly says: string } {
  const leads = configurations.flatMap(({ routed }) => routed.leads.get(cluster) ?? []);
  const isAnswering = (lead: (typeof leads)[number]): boolean =>
    lead.kind === 'chain' || !lead.row.route || answeringClusters(lead.row.route.action).includes(cluster);
  return leads.length === 0 || leads.some(isAnswering)
    ? { says: '' }
    : { severity: 'warning', says: '; only copies of requests go there (mirror), and clients notice nothing' };
}

/** What `byWhom` has put in taken out: the same service is concerned, whoever leads to it. */
export const withoutLeads = (text: string): string => text.replace(/ \(VirtualService [^)]*\)/, '');

/** ` (VirtualService svc3/svc3-main)`; empty where nobody is known. */
export function byWhom(cluster: string, configurations: readonly Configuration[]): string {
  const names = leadingTo(cluster, configurations).map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
  if (names.length === 0) return '';
  return ` (${names.slice(0, most).join(', ')}${names.length > most ? ` and ${names.length - most} more` : ''})`;
}
