// The facts that checks look at, made of the gathered answers; or why a fact is not known.

import { doubtfulRows, judgeGathered } from '#analysis/certificates/certificate-facts.ts';
import type { HostRow } from '#analysis/certificates/doubtful-hosts.ts';
import { type SyncAnswers, statusOf } from '#analysis/fleet/pod-status.ts';
import { type RoutedClusters, routedClusters } from '#analysis/select/routed-clusters.ts';
import { type Gateway, hasAnswered, type Pod, type PodOutcome } from '#core/fleet.ts';
import { type Resource, resources } from '#core/kinds.ts';
import type { Known } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Cluster } from '#model/cluster.ts';
import type { KnownFinding } from '#model/finding.ts';
import type { Gathered, IstiodAnswer, PodState, SharedConfiguration } from '#model/gathered.ts';
import type { HostCertificateItem } from '#model/host-certificate.ts';
import type { Listener } from '#model/listener.ts';
import type { PodReport, PodStatus } from '#model/status.ts';

export interface PodFacts extends PodState {
  readonly pod: Pod;
}

/** What pods with the same configuration serve. */
export interface Configuration extends Pick<SharedConfiguration, 'pods' | 'routes'> {
  readonly listeners: readonly Listener[];
  /** Those that the ingress routes to. */
  readonly clusters: readonly Cluster[];
  readonly routed: RoutedClusters;
}

export interface IstiodFacts {
  readonly name: string;
  /** Undefined where it did not answer. */
  readonly version: string | undefined;
  readonly failed: string | undefined;
}

interface MadeFacts {
  readonly gateway: Gateway;
  readonly statuses: readonly PodStatus[];
  /** The statuses, with listeners and clusters compared as well. */
  readonly comparisons: readonly PodStatus[];
  readonly istiods: readonly IstiodFacts[];
  /** Those that answered. */
  readonly pods: readonly PodFacts[];
  readonly configurations: readonly Configuration[];
  /** Clusters of which EDS has not told every pod the same. */
  readonly unlikeAssigned: readonly string[];
  /** Each host's certificate on each pod, judged; against Secrets where these are known. */
  readonly certificates: readonly HostCertificateItem[];
  /** In the namespaces of Services that are routed to and have no endpoint. */
  readonly servicePods: readonly KubeObject[];
  readonly secrets: Gathered['secrets'] extends Known<infer T> ? T : never;
  readonly rejectedContents: Gathered['rejectedContents'];
  readonly notTaken: Gathered['notTaken'];
  readonly unserved: Gathered['unserved'];
  /** Entries of `--known`. */
  readonly knownFindings: readonly KnownFinding[];
  /** Of `--for`: a finding that joins many hosts names these alone. */
  readonly owner: Owner;
}

/** Of a namespace or an object. */
export interface Owner {
  has(object: { readonly namespace: string; readonly name: string }): boolean;
  /** Lower case, with wildcards: those of the owner's VirtualServices, and those whose routes lead to the owner. */
  readonly hosts: readonly string[];
  /** SDS names of the secrets that serve these hosts, and the owner's Gateways. */
  readonly secrets: ReadonlySet<string>;
  /** The cluster is of the owner's service. */
  hasServiceOf(cluster: string): boolean;
}

/** Kinds by whose resource the objects themselves are a fact; the other names mean what is made of them. */
export type ObjectFact = Exclude<Resource, keyof MadeFacts>;

export type FactTypes = MadeFacts & Readonly<Record<ObjectFact, readonly KubeObject[]>>;

const madeFacts: Readonly<Record<Resource & keyof MadeFacts, true>> = { pods: true, secrets: true, certificates: true };

export const objectFacts = resources.filter((resource): resource is ObjectFact => !Object.hasOwn(madeFacts, resource));

export type FactName = keyof FactTypes;

export type Facts = { readonly [Name in FactName]: Known<FactTypes[Name]> } & {
  readonly now: Date;
  /** Pods of which nothing, or not everything, is known. */
  readonly silent: readonly { readonly pod: string; readonly why: string }[];
};

interface MoreFacts {
  /** Each host's certificate on every pod, with what handshakes got. */
  readonly rows?: readonly HostRow[];
  readonly knownFindings?: readonly KnownFinding[] | undefined;
}

export function factsFrom(
  gathered: Gathered,
  now: Date,
  { rows = doubtfulRows(gathered), knownFindings = [] }: MoreFacts = {},
): Facts {
  const { gateway, secrets } = gathered;
  const answered = 'known' in gathered.pods ? gathered.pods.known.filter(hasAnswered) : [];
  const whole = gathered.configurations.filter(({ large }) => large !== undefined);
  const unknown = gathered.configurations.filter(({ large }) => large === undefined);
  const statuses = mapKnown(gathered.pods, (pods) => statusesOf(pods, syncOf(gathered)));
  return {
    now,
    gateway: { known: gateway },
    statuses,
    comparisons: statuses,
    istiods: mapKnown(gathered.istiods, (istiods) => istiods.map(istiodFacts)),
    pods: answered.length > 0 ? { known: answered.map(({ pod, ok }) => ({ pod, ...ok })) } : whyNobody(gathered),
    unlikeAssigned: {
      known: unlikeAssigned(
        answered.map(({ ok }) => ok.report),
        gathered.assigned,
      ),
    },
    configurations: whole.length > 0 ? { known: whole.map(configurationOf) } : whyNobody(gathered),
    certificates: whole.length > 0 ? { known: judgeGathered(rows, gathered, now) } : whyNobody(gathered),
    secrets,
    knownFindings: { known: knownFindings },
    owner: { missing: 'not asked for' },
    rejectedContents: { known: gathered.rejectedContents },
    notTaken: { known: gathered.notTaken },
    unserved: { known: gathered.unserved },
    servicePods: gathered.servicePods,
    ...objectsOf(gathered),
    silent: [
      ...('known' in gathered.pods
        ? gathered.pods.known.flatMap((one) =>
            'failed' in one ? [{ pod: one.pod.name, why: one.failed.message }] : [],
          )
        : []),
      ...unknown.flatMap(({ pods, failed = 'it was not asked' }) => pods.map((pod) => ({ pod, why: failed }))),
    ],
  };
}

function unlikeAssigned(reports: readonly PodReport[], assigned: Gathered['assigned']): string[] {
  const [first, ...others] = reports;
  if (others.every(({ fingerprint }) => fingerprint === first?.fingerprint)) return [];
  const unlike = [...assigned].filter(([key]) => !reports.every(({ contents }) => contents.has(key)));
  return [...new Set(unlike.map(([, cluster]) => cluster))].sort();
}

const objectsOf = ({ objects }: Gathered): Pick<Facts, ObjectFact> =>
  Object.fromEntries(
    objectFacts.map((resource) => [resource, objects[resource] ?? { missing: 'not asked for' }]),
  ) as Pick<Facts, ObjectFact>;

const mapKnown = <T, R>(known: Known<T>, pick: (value: T) => R): Known<R> =>
  'known' in known ? { known: pick(known.known) } : known;

function whyNobody({ pods, configurations }: Gathered): { readonly missing: string } {
  if ('missing' in pods) return pods;
  const reasons = [
    ...pods.known.flatMap((one) => ('failed' in one ? [one.failed.message] : [])),
    ...configurations.flatMap(({ failed }) => failed ?? []),
  ];
  return {
    missing: reasons[0] === undefined ? 'there is no gateway pod' : `no pod answered; the first: ${reasons[0]}`,
  };
}

const statusesOf = (pods: readonly PodOutcome<PodState>[], sync: SyncAnswers): PodStatus[] =>
  statusOf(
    pods.map((outcome) => ('ok' in outcome ? { pod: outcome.pod, ok: outcome.ok.report } : outcome)),
    sync,
  );

function syncOf({ istiods }: Gathered): SyncAnswers {
  if ('missing' in istiods) return istiods;
  return {
    known: istiods.known.map((outcome) => ('ok' in outcome ? { pod: outcome.pod, ok: outcome.ok.proxies } : outcome)),
  };
}

function istiodFacts(outcome: PodOutcome<IstiodAnswer>): IstiodFacts {
  const { name } = outcome.pod;
  return 'failed' in outcome
    ? { name, version: undefined, failed: outcome.failed.message }
    : { name, version: outcome.ok.version, failed: undefined };
}

function configurationOf({ pods, routes, large }: SharedConfiguration): Configuration {
  const { listeners = [], clusters = [] } = large ?? {};
  const routed = routedClusters(listeners, routes);
  return { pods, routes, listeners, routed, clusters: clusters.filter(({ name }) => routed.leads.has(name)) };
}
