// What of the findings hurts the owner of a namespace or object, whoever's object causes it: a host of the owner's may
// be served by a Gateway, a certificate and pods that are other people's.

import type { HostRow } from '#analysis/certificates/doubtful-hosts.ts';
import { delegateNamer } from '#analysis/istio/delegates.ts';
import { sanitizedHosts, specOf } from '#analysis/istio/gateway-merge.ts';
import { hostsForNamespace } from '#analysis/istio/host-names.ts';
import { gatewaysOf, keyOf } from '#analysis/istio/virtual-service-binding.ts';
import { ownership } from '#analysis/select/service-match.ts';
import { hostOfDomain } from '#core/host.ts';
import { field } from '#core/json.ts';
import type { Known } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { CheckResult, Finding } from '#model/finding.ts';
import type { Gathered } from '#model/gathered.ts';
import { answeringClusters, originsOf, type Route, type RouteConfiguration } from '#model/route.ts';
import { type Configuration, type Facts, type Owner, objectFacts } from './facts.ts';

/** What tells of an owner; of certificates only which secret is for which host. */
interface OwnerFacts extends Pick<Facts, 'virtualservices' | 'gateways'> {
  readonly configurations: Known<readonly Pick<Configuration, 'routes'>[]>;
  readonly certificates: Known<readonly Pick<HostRow, 'value'>[]>;
}

/** Before Secrets are read and certificates judged, which then needs to be done for the owner's alone. */
export const ownerIn = (wanted: string, gathered: Gathered, rows: readonly HostRow[]): Owner =>
  ownerOf(wanted, {
    virtualservices: gathered.objects.virtualservices ?? { missing: 'not asked for' },
    gateways: gathered.objects.gateways ?? { missing: 'not asked for' },
    configurations: { known: gathered.configurations },
    certificates: { known: rows },
  });

/** `wanted`: NAMESPACE or NAMESPACE/NAME. */
export function ownerOf(wanted: string, facts: OwnerFacts): Owner {
  const { virtualservices, gateways, configurations, certificates } = facts;
  const { has, hasServiceOf } = ownership(wanted);
  const named = delegateNamer(knownOf(virtualservices));
  const isOwn = (route: Route): boolean => originsOf(named(route)).some(has);
  const hosts = new Set([
    ...knownOf(virtualservices)
      .filter((one) => has(refOf(one)))
      .flatMap((one) => hostsAt(one, knownOf(gateways))),
    ...knownOf(configurations).flatMap((one) => servedHosts(one, isOwn, hasServiceOf)),
  ]);
  const own = [...hosts];
  const serving = knownOf(certificates).filter(isServedFor({ has, hosts: own }));
  return {
    has,
    hosts: own,
    secrets: new Set(serving.flatMap(({ value }) => value.secret ?? value.waitsFor ?? [])),
    hasServiceOf,
  };
}

/** Whether a certificate is for a host of the owner's, or for a Gateway of theirs, which may have no routes yet. */
export const isServedFor =
  ({ has, hosts }: Pick<Owner, 'has' | 'hosts'>) =>
  ({ value: { host, gateway } }: Pick<HostRow, 'value'>): boolean =>
    (gateway !== undefined && has(gateway)) || (host !== undefined && meetsAny(host, hosts));

/** False where no host, route or object of theirs is known: the name may be wrong. */
export const isKnownOwner = ({ has, hosts }: Owner, facts: Facts): boolean =>
  hosts.length > 0 || objectFacts.some((name) => knownOf(facts[name]).some((one) => has(refOf(one))));

const knownOf = <T>(fact: Known<readonly T[]>): readonly T[] => ('known' in fact ? fact.known : []);

/** Wildcards on either side. */
export const meetsAny = (host: string, others: readonly string[]): boolean => others.some((other) => meet(host, other));

const refOf = ({ metadata: { namespace = '', name } }: KubeObject) => ({ namespace, name });

function hostsOf({ spec }: KubeObject): string[] {
  const hosts = field(spec, 'hosts');
  return Array.isArray(hosts) ? hosts.map((host) => String(host).toLowerCase()) : [];
}

/** Of `*` those that its Gateways let in; where none is, the hosts as they are written. */
function hostsAt(virtualService: KubeObject, gateways: readonly KubeObject[]): string[] {
  const names = new Set(gatewaysOf(virtualService));
  const named = gateways.filter((one) => names.has(keyOf(refOf(one))));
  // One that is not there may let in anything.
  const open = named.length < names.size ? [] : named.flatMap((one) => openFor(virtualService, one));
  return hostsOf(virtualService).flatMap((host) => {
    const both = open.flatMap((one) => (covers(one, host) ? [host] : covers(host, one) ? [one] : []));
    return both.length === 0 ? [host] : both;
  });
}

function openFor({ metadata: { namespace = '' } }: KubeObject, gateway: KubeObject): string[] {
  const own = gateway.metadata.namespace ?? '';
  const servers = specOf(gateway).servers ?? [];
  return servers.flatMap(({ hosts = [] }) =>
    hostsForNamespace(sanitizedHosts(hosts, own), namespace).map((host) => host.toLowerCase()),
  );
}

function servedHosts(
  { routes }: Pick<Configuration, 'routes'>,
  isOwnRoute: (route: Route) => boolean,
  leadsToOwner: (cluster: string) => boolean,
): string[] {
  const isOwn = ({ routes: own }: RouteConfiguration['virtualHosts'][number]): boolean =>
    own.some((route) => isOwnRoute(route) || answeringClusters(route.action).some(leadsToOwner));
  return routes
    .flatMap(({ virtualHosts }) => virtualHosts)
    .filter(isOwn)
    .flatMap(({ domains }) => domains.map(hostOfDomain));
}

/** As Envoy matches server names: a wildcard stands for any number of labels, `*` alone for every host. */
const covers = (pattern: string, host: string): boolean =>
  pattern === host || (pattern.startsWith('*') && host.length >= pattern.length && host.endsWith(pattern.slice(1)));

const meet = (a: string, b: string): boolean => covers(a, b) || covers(b, a);

/** Only what hurts the owner. What another one's object does to the owner's hosts names whose hands it is in. */
export function concerning(result: CheckResult, owner: Owner): CheckResult {
  const findings = result.findings.flatMap((finding) => forOwner(finding, owner));
  const outcome = result.outcome === 'found' && findings.length === 0 ? 'passed' : result.outcome;
  return { ...result, findings, outcome, others: result.findings.length - findings.length };
}

function forOwner(finding: Finding, owner: Owner): Finding[] {
  if (finding.concerns.some(owner.has)) return [finding];
  const { hosts = [], secrets = [], clusters = [] } = finding;
  const hurt = owner.hosts.filter((own) => meetsAny(own, hosts));
  const own = clusters.filter(owner.hasServiceOf);
  if (hurt.length === 0 && own.length === 0 && !secrets.some((name) => owner.secrets.has(name))) return [];
  const { hosts: _, clusters: __, ...rest } = finding;
  return [
    {
      ...rest,
      ...(hurt.length > 0 ? { hosts: hurt } : {}),
      ...(own.length > 0 ? { clusters: own } : {}),
      inHandsOf: handsOf(finding),
    },
  ];
}

/** Equal for findings at places that are the owner's, or in the same hands and hurt them, or are no matter of theirs. */
export function partFor(owner: Owner, finding: Finding): string {
  const [own] = forOwner(finding, owner);
  return own === undefined ? 'of others' : `for the owner ${own.inHandsOf ?? ''}`;
}

/** Of a finding that concerns others. */
export const inOtherHands = (finding: Finding): Finding => ({ ...finding, inHandsOf: handsOf(finding) });

function handsOf({ concerns: [first] }: Finding): string {
  if (first === undefined) return 'those who run the gateway';
  const { kind, namespace, name } = first;
  return kind === undefined ? `the owner of ${namespace}/${name}` : `${kind} ${namespace}/${name}`;
}
