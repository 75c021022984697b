// What checks would look at after the change: what they look at now, with what changes put in its place.

import { hostOfRule } from '#analysis/istio/destination-rules.ts';
import { takesHost } from '#analysis/istio/host-names.ts';
import { routedClusters } from '#analysis/select/routed-clusters.ts';
import { fqdnOf, servicesOf } from '#analysis/translate/destinations.ts';
import type { ChangedHost } from '#analysis/translate/host-changes.ts';
import {
  type ClusterChange,
  predictedClusters,
  withClustersForServices,
} from '#analysis/translate/predicted-clusters.ts';
import { predictedListeners, type TranslatedWorld } from '#analysis/translate/predicted-listeners.ts';
import { predictedRoutes } from '#analysis/translate/predicted-routes.ts';
import type { Translation, TranslationTarget } from '#analysis/translate/translate.ts';
import type { Resource } from '#core/kinds.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';
import type { Cluster } from '#model/cluster.ts';
import { isClusterServerName, parseClusterName } from '#model/cluster-name.ts';
import type { Gathered, PodState, SharedConfiguration } from '#model/gathered.ts';
import type { KubernetesCertificate } from '#model/kubernetes-certificate.ts';
import type { Listener } from '#model/listener.ts';
import { mapOutcomes } from '#model/merge-pods.ts';
import { type CertificateLayer, givenIssuer } from './certificates.ts';
import type { GivenObject } from './objects.ts';
import type { Overlaid } from './overlay.ts';
import { loaded, type NamedSecrets, secretsNamed } from './secrets.ts';

export interface Change {
  readonly before: Translation;
  readonly after: Translation;
  readonly target: TranslationTarget;
  readonly changes: readonly ChangedHost[];
  readonly layers: Readonly<Partial<Record<Resource, Overlaid>>>;
  readonly given: readonly GivenObject[];
  readonly certificates: CertificateLayer;
  /** Of what istiod then knows of. */
  readonly clusterNames: readonly string[];
  /** Of the ServiceEntries that are given. */
  readonly entryClusters: readonly string[];
}

export interface Predicted {
  readonly gathered: Gathered;
  /** What could not be judged, and why. */
  readonly notes: readonly string[];
  /** Clusters that are routed to and that no pod has yet: nothing says whether they would have endpoints. */
  readonly newClusters: readonly string[];
}

/** Secrets that new Gateways name are read from the cluster, unless they are given. */
export async function predictGathered(source: Source, gathered: Gathered, change: Change): Promise<Predicted> {
  const { before, after, changes, layers } = change;
  const keys = new Set(changes.flatMap((one) => one.keys));
  const touched = clusterChangeOf(gathered, change);
  const configurations = gathered.configurations.map((one) => ({
    ...one,
    routes: predictedRoutes(one.routes, after, keys),
    large: one.large && predictLarge(one.large, { before, after, touched }),
  }));
  const names = newSecrets(gathered.configurations, configurations);
  const read = await secretsNamed(source, { names, used: usedIn(configurations) }, change);
  const certificates = withGivenIssuers(read, configurations, change);
  const secrets = loaded(certificates, gathered.gateway.namespace);
  return {
    gathered: {
      ...gathered,
      pods:
        'known' in gathered.pods
          ? { known: mapOutcomes(gathered.pods.known, (state, pod) => withClusters(state, pod.name, configurations)) }
          : gathered.pods,
      configurations: configurations.map((one) => ({
        ...one,
        secrets: [...one.secrets.filter(({ name }) => !secrets.some((young) => young.name === name)), ...secrets],
      })),
      secrets: { known: certificates.found },
      objects: {
        ...gathered.objects,
        ...Object.fromEntries(
          Object.entries(layers).map(([resource, { objects }]) => [
            resource,
            knownAs(gathered, resource as Resource, objects),
          ]),
        ),
      },
    },
    notes: certificates.notes,
    newClusters: newClusters(gathered.configurations, configurations),
  };
}

function predictLarge(
  { listeners, clusters: served }: NonNullable<SharedConfiguration['large']>,
  { before, after, touched }: Pick<Change, 'before' | 'after'> & { readonly touched: ClusterChange },
): NonNullable<SharedConfiguration['large']> {
  const clusters = predictedClusters(served, touched);
  const world = (translation: Translation, some: readonly Cluster[]): TranslatedWorld => ({
    translation,
    clusters: some.map(({ name }) => name),
  });
  const predicted = predictedListeners(listeners, world(before, served), world(after, clusters));
  return { listeners: predicted, clusters: withClustersForServices(clusters, predicted) };
}

/** What may not be read stays unknown. */
const knownAs = (
  { objects }: Gathered,
  resource: Resource,
  all: readonly KubeObject[],
): Gathered['objects'][Resource] => {
  const known = objects[resource];
  return known && 'missing' in known ? known : { known: all };
};

/** A rule may be for many Services: its host may be a wildcard. */
function clusterChangeOf({ gateway }: Gathered, { layers, clusterNames, entryClusters }: Change): ClusterChange {
  const services = servicesOf(layers.services?.objects ?? [], clusterNames);
  const rules = layers.destinationrules;
  const changed = (layers.services?.changes ?? []).map(({ object }) => fqdnOf(object, services.domain));
  const hosts = (rules?.changes ?? []).map(({ object }) => hostOfRule(object, services.domain));
  const known = clusterNames.flatMap((name) => parseClusterName(name)?.fqdn ?? []);
  const ruled = [...known, ...changed].filter((fqdn) => hosts.some((host) => takesHost(host, fqdn)));
  return {
    fqdns: new Set([...changed, ...ruled, ...entryClusters.flatMap((name) => parseClusterName(name)?.fqdn ?? [])]),
    services,
    rules: rules?.objects ?? [],
    namespace: gateway.namespace,
  };
}

function withClusters(state: PodState, pod: string, configurations: readonly SharedConfiguration[]): PodState {
  const own = configurations.find(({ pods }) => pods.includes(pod))?.large?.clusters ?? [];
  const others = [...state.clusters].filter((name) => !name.startsWith('outbound|'));
  return { ...state, clusters: new Set([...others, ...own.map(({ name }) => name)]) };
}

function newClusters(before: readonly SharedConfiguration[], after: readonly SharedConfiguration[]): string[] {
  const known = new Set(before.flatMap(({ large }) => (large?.clusters ?? []).map(({ name }) => name)));
  const found = after.flatMap(({ large, routes }) => {
    const { leads } = routedClusters(large?.listeners ?? [], routes);
    const isNew = (name: string): boolean => leads.has(name) && !known.has(name) && !isClusterServerName(name);
    return (large?.clusters ?? []).map(({ name }) => name).filter(isNew);
  });
  return [...new Set(found)].sort();
}

function newSecrets(before: readonly SharedConfiguration[], after: readonly SharedConfiguration[]): string[] {
  const known = new Set([...usedIn(before), ...before.flatMap(({ secrets }) => secrets.map(({ name }) => name))]);
  return usedIn(after).filter((name) => !known.has(name));
}

const usedIn = (configurations: readonly SharedConfiguration[]): string[] => [
  ...new Set(configurations.flatMap(({ large }) => (large?.listeners ?? []).flatMap(secretsOf))),
];

const secretsOf = ({ filterChains }: Listener): string[] =>
  filterChains.flatMap(({ tls }) => [
    ...(tls?.certificates ?? []),
    ...(tls?.clientCa === undefined ? [] : [tls.clientCa]),
  ]);

/** What is loaded already is not read: the Certificate alone counts. */
function withGivenIssuers(
  { found, ...named }: NamedSecrets,
  configurations: readonly SharedConfiguration[],
  { certificates, target: { namespace } }: Change,
): NamedSecrets {
  if (certificates.changes.length === 0) return { found, ...named };
  const issued = usedIn(configurations).flatMap((sdsName): (readonly [string, KubernetesCertificate])[] => {
    const issuedBy = givenIssuer(sdsName, certificates, namespace);
    if (issuedBy === undefined) return [];
    const read = found.get(sdsName) ?? { namespace: issuedBy.namespace, name: issuedBy.secretName, content: undefined };
    return [[sdsName, { ...read, issuedBy }]];
  });
  return { found: new Map([...found, ...issued]), ...named };
}
