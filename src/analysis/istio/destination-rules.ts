// Which DestinationRules are for a host, and which of them count for a gateway. Source: istio
// pilot/pkg/model/push_context.go destinationRule: first those of the client's own namespace, then those that the
// Service's namespace exports, then those of the root namespace; others never.

import { field } from '#core/json.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { memoize } from '#core/memoize.ts';
import { parseClusterName, serviceOfFqdn } from '#model/cluster-name.ts';
import { describeObject, type ObjectRef } from '#model/resource.ts';
import { exportsOf, exportToOf, hiddenFrom, isVisibleIn } from './export-to.ts';
import { compareAge } from './gateway-merge.ts';
import { fullHost, takesHost } from './host-names.ts';
import { refOf } from './virtual-service-binding.ts';

export interface RuleForHost {
  readonly rule: KubeObject;
  readonly ref: ObjectRef;
  /** Why the gateway does not follow it: `exportTo [.] hides it from istio-system`; undefined where it counts. */
  readonly ignored: string | undefined;
}

/** `namespace`: the gateway's. Those that count come first. */
export function rulesForHost(fqdn: string, rules: readonly KubeObject[], namespace: string): RuleForHost[] {
  const found = rules
    .filter((rule) => isFor(rule, fqdn))
    .map((rule) => ({ rule, ref: refOf('DestinationRule', rule), ignored: whyIgnored(rule, fqdn, namespace) }));
  return found.toSorted((a, b) => Number(a.ignored !== undefined) - Number(b.ignored !== undefined));
}

/** `domain`: `cluster.local`. */
export const hostOfRule = ({ spec, metadata }: KubeObject, domain: string): string =>
  fullHost(String(field(spec, 'host') ?? '').toLowerCase(), metadata.namespace ?? '', domain);

/** Asked for each of many rules. */
const domainOf = memoize((fqdn: string): string => fqdn.split('.').slice(3).join('.'));

/**
 * Those that make the clusters of the host, oldest first: of one namespace, those for the nearest host that are put
 * together. The gateway's own namespace goes first, where that is the root namespace only with what is for nobody else.
 */
export function rulesThatCount(fqdn: string, rules: readonly KubeObject[], namespace: string): KubeObject[] {
  const own = rulesForHost(fqdn, rules, namespace).flatMap(({ rule, ignored }) =>
    ignored === undefined ? [rule] : [],
  );
  const ranked = Map.groupBy(own, (rule) => rankOf(rule, fqdn, namespace));
  const [first = []] = [0, 1, 2].flatMap((rank) => (ranked.has(rank) ? [ranked.get(rank)] : []));
  const hosts = first.map((rule) => hostOfRule(rule, domainOf(fqdn)));
  const nearest = hosts.includes(fqdn) ? fqdn : hosts.toSorted((a, b) => b.length - a.length)[0];
  return lastMerged(first.filter((_, index) => hosts[index] === nearest).toSorted(compareAge));
}

/**
 * A rule is put together with each older one of which it has the exportTo and maybe more; with none it stands for itself,
 * and of what stands for itself the youngest counts. Source: destination_rule.go mergeDestinationRule, sidecar.go
 * DestinationRule.
 */
function lastMerged(rules: readonly KubeObject[]): KubeObject[] {
  const merged: [KubeObject, ...KubeObject[]][] = [];
  for (const rule of rules) {
    const own = exportToOf(rule);
    const fitting = merged.filter(([oldest]) => {
      const exports = exportToOf(oldest);
      return exports.length === 0 ? own.length === 0 : exports.every((one) => own.includes(one));
    });
    if (fitting.length === 0) merged.push([rule]);
    for (const one of fitting) one.push(rule);
  }
  return merged.at(-1) ?? [];
}

export interface Following {
  readonly rules: readonly KubeObject[];
  /** Where the gateway is. */
  readonly namespace: string;
  /** Names of the clusters that it routes to. */
  readonly routed: Iterable<string>;
  /** False: it may route to others, too. */
  readonly isAllKnown: boolean;
}

/** What of a rule the gateway has not, and why. */
export function withoutEffect(rule: KubeObject, { rules, namespace, routed, isAllKnown }: Following): string[] {
  if (!isVisibleIn(namespace, rule)) return [hiddenFrom(namespace, rule)];
  const all = [...routed].flatMap((name) => parseClusterName(name) ?? []);
  const clusters = all.filter(({ fqdn }) => isFor(rule, fqdn));
  const fqdns = [...new Set(clusters.map(({ fqdn }) => fqdn))].sort();
  const lost = fqdns.flatMap((fqdn) => lostTo(rule, fqdn, rules, namespace)).map(({ text }) => text);
  if (!isAllKnown) return lost;
  if (fqdns.length === 0) {
    const own = all.find(({ fqdn }) => serviceOfFqdn(fqdn));
    return [`no route of this gateway leads to ${hostOfRule(rule, own ? domainOf(own.fqdn) : 'cluster.local')}`];
  }
  const unnamed = subsetsOf(rule).filter(({ name }) => !clusters.some(({ subset }) => subset === name));
  return [...lost, ...unnamed.map(({ name }) => `no route of this gateway names its subset ${name}`)];
}

export const isFor = (rule: KubeObject, fqdn: string): boolean => takesHost(hostOfRule(rule, domainOf(fqdn)), fqdn);

interface Lost {
  /** Goes on after "DestinationRule NS/NAME: ". */
  readonly text: string;
  /** What there is in its place. */
  readonly objects: readonly ObjectRef[];
}

/** What of a rule others have in its place. */
export function lostTo(rule: KubeObject, fqdn: string, rules: readonly KubeObject[], namespace: string): Lost[] {
  const ignored = whyIgnored(rule, fqdn, namespace);
  if (ignored !== undefined) return [{ text: `${fqdn}: ${ignored}`, objects: [] }];
  const counting = rulesThatCount(fqdn, rules, namespace);
  const lost = (winner: KubeObject, describe: (name: string) => string): Lost => {
    const ref = refOf('DestinationRule', winner);
    return { text: `${fqdn}: ${describe(describeObject(ref))}`, objects: [ref] };
  };
  const [oldest] = counting;
  const place = counting.indexOf(rule);
  if (oldest && place < 0)
    return [lost(oldest, (name) => `${name} counts in its place, ${whyBefore(oldest, rule, fqdn)}`)];
  const older = counting.slice(0, place);
  const policy = hasPolicy(rule) ? older.find(hasPolicy) : undefined;
  const subsets = subsetsOf(rule).flatMap(({ name: subset }) => {
    const first = older.find((one) => subsetsOf(one).some(({ name }) => name === subset));
    return first ? [lost(first, (name) => `subset ${subset} is that of ${name}, which is older`)] : [];
  });
  return [
    ...(policy ? [lost(policy, (name) => `the trafficPolicy is that of ${name}, which is older`)] : []),
    ...subsets,
  ];
}

/** Source: push_context.go setDestinationRules: istiod takes it as if it had exportTo `.`. */
export const hasSelector = ({ spec }: KubeObject): boolean => Boolean(field(spec, 'workloadSelector'));

const hasPolicy = ({ spec }: KubeObject): boolean => Boolean(field(spec, 'trafficPolicy'));

function whyBefore(winner: KubeObject, loser: KubeObject, fqdn: string): string {
  const [own, other] = [winner.metadata.namespace, loser.metadata.namespace];
  if (own !== other) return `as rules of namespace ${own} go before those of ${other}`;
  const isNearer = hostOfRule(winner, domainOf(fqdn)) !== hostOfRule(loser, domainOf(fqdn));
  return isNearer ? 'as its host is the nearer one' : 'as it is the younger one, and their exportTo differ';
}

function rankOf(rule: KubeObject, fqdn: string, namespace: string): number {
  const own = rule.metadata.namespace ?? '';
  const isLocal = namespace !== rootNamespace || hasSelector(rule) || [...exportsOf(rule)].join() === own;
  if (own === namespace && isLocal) return 0;
  return own === serviceOfFqdn(fqdn)?.namespace ? 1 : 2;
}

function whyIgnored(rule: KubeObject, fqdn: string, namespace: string): string | undefined {
  const own = rule.metadata.namespace ?? '';
  if (hasSelector(rule) && own !== namespace)
    return `it stands in namespace ${own}, and with a workloadSelector it is for pods of its own namespace alone`;
  if (!isVisibleIn(namespace, rule)) return hiddenFrom(namespace, rule);
  const service = serviceOfFqdn(fqdn);
  return own === namespace || own === rootNamespace || service === undefined || own === service.namespace
    ? undefined
    : `it stands in namespace ${own}, and only rules of ${namespace} and of the Service's namespace ${service.namespace} count`;
}

/** `meshConfig.rootNamespace` where nobody has chosen another. */
const rootNamespace = 'istio-system';

export interface Subset {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export function subsetsOf({ spec }: KubeObject): Subset[] {
  const subsets = field(spec, 'subsets');
  return (Array.isArray(subsets) ? subsets : []).map((one) => ({
    name: String(field(one, 'name') ?? ''),
    labels: (field(one, 'labels') ?? {}) as Readonly<Record<string, string>>,
  }));
}

/** Whether the rule says anything of TLS that is no plain text, for this port where it names ports. */
export function givesTls({ spec }: KubeObject, port: number, subset: string): boolean {
  const subsets = field(spec, 'subsets');
  const own = (Array.isArray(subsets) ? subsets : []).find((one) => field(one, 'name') === subset);
  return [field(own, 'trafficPolicy'), field(spec, 'trafficPolicy')].some((policy) => policyGivesTls(policy, port));
}

function policyGivesTls(policy: unknown, port: number): boolean {
  const ports = field(policy, 'portLevelSettings');
  const ofPort = (Array.isArray(ports) ? ports : []).find((one) => field(field(one, 'port'), 'number') === port);
  const mode = field(field(ofPort ?? policy, 'tls'), 'mode');
  return typeof mode === 'string' && mode !== 'DISABLE';
}

export const describeIgnored = ({ ref, ignored }: RuleForHost, would: string): string =>
  `${describeObject(ref)} would ${would}, but ${ignored}`;
