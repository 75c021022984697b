// Which DestinationRules are for a host, and which of them count for a gateway. Source: istio
// pilot/pkg/model/push_context.go destinationRule: first those of the client's own namespace, then those that the
// Service's namespace exports, then those of the root namespace; others never.

import { field } from '#core/json.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { serviceOfFqdn } from '#model/cluster-name.ts';
import { describeObject, type ObjectRef } from '#model/resource.ts';
import { exportsOf, exportToOf, isVisibleIn } from './export-to.ts';
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
    .filter((rule) => takesHost(hostOfRule(rule, domainOf(fqdn)), fqdn))
    .map((rule) => ({ rule, ref: refOf('DestinationRule', rule), ignored: whyIgnored(rule, fqdn, namespace) }));
  return found.toSorted((a, b) => Number(a.ignored !== undefined) - Number(b.ignored !== undefined));
}

/** `domain`: `cluster.local`. */
export const hostOfRule = ({ spec, metadata }: KubeObject, domain: string): string =>
  fullHost(String(field(spec, 'host') ?? '').toLowerCase(), metadata.namespace ?? '', domain);

const domainOf = (fqdn: string): string => fqdn.split('.').slice(3).join('.');

/**
 * Those that make the clusters of the host, oldest first: of one namespace, those for the nearest host. The gateway's own
 * namespace goes first, where that is the root namespace only with what is for nobody else.
 */
export function rulesThatCount(fqdn: string, rules: readonly KubeObject[], namespace: string): KubeObject[] {
  const own = rulesForHost(fqdn, rules, namespace).flatMap(({ rule, ignored }) =>
    ignored === undefined ? [rule] : [],
  );
  const ranked = Map.groupBy(own, (rule) => rankOf(rule, fqdn, namespace));
  const [first = []] = [0, 1, 2].flatMap((rank) => (ranked.has(rank) ? [ranked.get(rank)] : []));
  const hosts = first.map((rule) => hostOfRule(rule, domainOf(fqdn)));
  const nearest = hosts.includes(fqdn) ? fqdn : hosts.toSorted((a, b) => b.length - a.length)[0];
  return first.filter((_, index) => hosts[index] === nearest).toSorted(compareAge);
}

function rankOf(rule: KubeObject, fqdn: string, namespace: string): number {
  const own = rule.metadata.namespace ?? '';
  const isLocal = namespace !== rootNamespace || [...exportsOf(rule)].join() === own;
  if (own === namespace && isLocal) return 0;
  return own === serviceOfFqdn(fqdn)?.namespace ? 1 : 2;
}

function whyIgnored(rule: KubeObject, fqdn: string, namespace: string): string | undefined {
  const own = rule.metadata.namespace ?? '';
  if (!isVisibleIn(namespace, rule)) return `exportTo [${exportToOf(rule).join(', ')}] hides it from ${namespace}`;
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
