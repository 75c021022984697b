// Why a cluster that a route leads to is not there, has no endpoint, or gets plain text: the destination, against the
// Service, its DestinationRules and its pods.

import { field } from '#core/json.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { andList, count, someOf } from '#core/phrase.ts';
import { nearest } from '#core/suggestion.ts';
import { type ClusterName, parseClusterName, type ServiceName, serviceOfFqdn } from '#model/cluster-name.ts';
import type { Reason, ReasonCode } from '#model/reason.ts';
import { describeObject, type ObjectRef } from '#model/resource.ts';
import {
  describeIgnored,
  givesTls,
  type RuleForHost,
  rulesForHost,
  type Subset,
  subsetsOf,
} from './destination-rules.ts';
import { isVisibleIn } from './export-to.ts';
import { showObject } from './show-object.ts';
import { keyOf, refOf } from './virtual-service-binding.ts';

/** Objects of all namespaces, or of those that the destinations are in. */
export interface Destinations {
  readonly services: readonly KubeObject[];
  /** Undefined where they may not be read: then nothing is said of subsets and TLS. */
  readonly destinationRules: readonly KubeObject[] | undefined;
  /** The pods of the Services' namespaces; undefined where they may not be read. */
  readonly pods: readonly KubeObject[] | undefined;
  /** The gateway's namespace. */
  readonly namespace: string;
}

export interface ServicePort {
  readonly name?: string;
  readonly port?: number;
  readonly appProtocol?: string;
}

interface Destination extends ClusterName {
  readonly service: ServiceName;
  readonly object: KubeObject | undefined;
}

/** Undefined for what is no Service of this cluster. */
function destinationOf(cluster: string, { services }: Destinations): Destination | undefined {
  const parsed = parseClusterName(cluster);
  const service = parsed && serviceOfFqdn(parsed.fqdn);
  if (!parsed || !service) return undefined;
  const object = services.find(
    ({ metadata }) => metadata.namespace === service.namespace && metadata.name === service.name,
  );
  return { ...parsed, service, object };
}

const portsOf = (service: KubeObject | undefined): readonly ServicePort[] => {
  const ports = field(service?.['spec'], 'ports');
  return Array.isArray(ports) ? ports : [];
};

const reason = (code: ReasonCode, objects: readonly ObjectRef[], text: string): Reason => ({
  code,
  objects,
  text,
  next: objects.map(showObject),
});

/** `routed`: the VirtualServices that lead to it, which the destination stands in. */
export function whyNoCluster(cluster: string, routed: readonly ObjectRef[], known: Destinations): Reason | undefined {
  const { fqdn = '', port } = parseClusterName(cluster) ?? {};
  const half = halfNamed(fqdn, known.services);
  if (half) {
    const { namespace, name } = half.metadata;
    const text = `istiod takes a host with a dot as it stands: Service ${namespace}/${name} is ${name}.${namespace}.svc.cluster.local, or that with the domain of the cluster`;
    return reason('service-absent', routed, text);
  }
  const to = destinationOf(cluster, known);
  if (!to)
    return fqdn === ''
      ? undefined
      : reason(
          'service-absent',
          routed,
          `${fqdn} is no Service's name: a ServiceEntry of this very host and port ${port} brings it`,
        );
  if (!to.object) return reason('service-absent', routed, describeAbsent(to, known.services));
  const service = refOf('Service', to.object);
  const ports = portsOf(to.object).flatMap(({ port }) => port ?? []);
  if (!ports.includes(to.port)) {
    const has =
      ports.length === 0 ? 'no port' : `${ports.length === 1 ? 'port' : 'ports'} ${andList(ports.map(String))}`;
    return reason('service-port', [...routed, service], `${describeObject(service)} has ${has}, not ${to.port}`);
  }
  return whyHidden(to.object, known.namespace) ?? (to.subset === '' ? undefined : whyNoSubset(to, routed, known));
}

/** Source: istio pilot/pkg/serviceregistry/kube/conversion.go ConvertService. */
function whyHidden(service: KubeObject, gateway: string): Reason | undefined {
  const annotation = 'networking.istio.io/exportTo';
  const value = service.metadata.annotations?.[annotation];
  const object = { ...service, spec: { exportTo: value?.split(',').map((one) => one.trim()) } };
  if (!value || isVisibleIn(gateway, object)) return undefined;
  const ref = refOf('Service', service);
  return reason(
    'service-absent',
    [ref],
    `annotation ${annotation} of ${describeObject(ref)} is "${value}", which hides it from ${gateway}`,
  );
}

/** `NAME.NAMESPACE` and `NAME.NAMESPACE.svc`. Source: istio pilot/pkg/model/virtualservice.go ResolveShortnameToFQDN. */
function halfNamed(fqdn: string, services: readonly KubeObject[]): KubeObject | undefined {
  const [, name, namespace] = /^([^.]+)\.([^.]+)(?:\.svc)?$/.exec(fqdn) ?? [];
  return services.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
}

function describeAbsent({ service }: Destination, services: readonly KubeObject[]): string {
  const elsewhere = services
    .filter(({ metadata }) => metadata.name === service.name)
    .map((one) => keyOf(refOf('Service', one)));
  const inside = services
    .filter(({ metadata }) => metadata.namespace === service.namespace)
    .map(({ metadata }) => metadata.name);
  const near = nearest(service.name, inside);
  const instead =
    elsewhere.length > 0
      ? `: one of that name is ${someOf(elsewhere, 3)}`
      : near !== undefined
        ? `: ${service.namespace}/${near} is there`
        : inside.length > 0
          ? `: namespace ${service.namespace} has ${someOf(inside, 3)}`
          : `: namespace ${service.namespace} has no Service`;
  return `Service ${service.namespace}/${service.name} does not exist${instead}`;
}

function whyNoSubset(
  { subset, fqdn }: Destination,
  routed: readonly ObjectRef[],
  known: Destinations,
): Reason | undefined {
  if (known.destinationRules === undefined) return undefined;
  const rules = rulesForHost(fqdn, known.destinationRules, known.namespace);
  const hidden = rules.find(({ rule, ignored }) => ignored !== undefined && names(rule).includes(subset));
  const counting = rules.filter(({ ignored }) => ignored === undefined);
  if (counting.some(({ rule }) => names(rule).includes(subset))) return undefined;
  if (hidden) return reason('subset-absent', [hidden.ref, ...routed], describeIgnored(hidden, `give subset ${subset}`));
  const [first] = counting;
  if (!first) return reason('subset-absent', routed, `no DestinationRule gives ${fqdn} a subset ${subset}`);
  const has = names(first.rule);
  const text = `${describeObject(first.ref)} has ${has.length === 0 ? 'no subsets' : `${has.length === 1 ? 'subset' : 'subsets'} ${andList(has)}`}, not ${subset}`;
  return reason('subset-absent', [first.ref, ...routed], text);
}

const names = (rule: KubeObject): string[] => subsetsOf(rule).map(({ name }) => name);

/** Why the cluster has no endpoint. */
export function whyNoEndpoint(cluster: string, known: Destinations): Reason | undefined {
  const to = destinationOf(cluster, known);
  if (!to?.object || known.pods === undefined) return undefined;
  const service = refOf('Service', to.object);
  const selector = field(to.object['spec'], 'selector') as Readonly<Record<string, string>> | undefined;
  if (selector === undefined || Object.keys(selector).length === 0) return undefined;
  const pods = known.pods.filter(
    ({ metadata }) => metadata.namespace === to.service.namespace && hasLabels(metadata.labels, selector),
  );
  if (pods.length === 0)
    return reason(
      'service-without-pods',
      [service],
      `the selector of ${describeObject(service)} (${describeLabels(selector)}) finds no pod`,
    );
  return whyEmptySubset(to, pods, known) ?? noneReady(service, pods);
}

const hasLabels = (labels: Readonly<Record<string, string>> = {}, wanted: Readonly<Record<string, string>>): boolean =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);

const describeLabels = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

function whyEmptySubset(
  { subset, fqdn }: Destination,
  pods: readonly KubeObject[],
  known: Destinations,
): Reason | undefined {
  const rules = rulesForHost(fqdn, known.destinationRules ?? [], known.namespace);
  const [rule] = rules.filter((one) => one.ignored === undefined && names(one.rule).includes(subset));
  const wanted = rule && subsetsOf(rule.rule).find(({ name }) => name === subset);
  if (!rule || !wanted || pods.some(({ metadata }) => hasLabels(metadata.labels, wanted.labels))) return undefined;
  return reason(
    'subset-without-pods',
    [rule.ref],
    `subset ${subset} of ${describeObject(rule.ref)} wants ${describeLabels(wanted.labels)}; the pods have ${describeValues(wanted, pods)}`,
  );
}

/** `1.4 (3) and v1.5 (1)` of the one label that is asked for. */
function describeValues({ labels }: Subset, pods: readonly KubeObject[]): string {
  const keys = Object.keys(labels);
  const values = pods.map(({ metadata }) =>
    keys.length === 1 ? (metadata.labels?.[keys[0] ?? ''] ?? `no ${keys[0]}`) : describeOwn(keys, metadata.labels),
  );
  return andList([...Map.groupBy(values, (value) => value)].sort().map(([value, all]) => `${value} (${all.length})`));
}

const describeOwn = (keys: readonly string[], labels: Readonly<Record<string, string>> = {}): string =>
  keys.map((key) => (labels[key] === undefined ? `no ${key}` : `${key}=${labels[key]}`)).join(',');

function noneReady(service: ObjectRef, pods: readonly KubeObject[]): Reason | undefined {
  const ready = pods.filter(({ status }) => conditionsOf(status).some((one) => isTrue(one, 'Ready')));
  if (ready.length > 0) return undefined;
  return reason(
    'service-without-pods',
    [service],
    `${describeObject(service)} has ${count(pods.length, 'pod')}, none of them ready`,
  );
}

const conditionsOf = (status: unknown): readonly unknown[] => {
  const conditions = field(status, 'conditions');
  return Array.isArray(conditions) ? conditions : [];
};

const isTrue = (condition: unknown, type: string): boolean =>
  field(condition, 'type') === type && field(condition, 'status') === 'True';

/**
 * Why the port takes TLS; undefined where nothing says so. Source:
 * istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection.
 */
interface TlsPort {
  /** `takes TLS (its name is https)`. */
  readonly says: string;
  /** The Service says so, and it is no guess. */
  readonly isSure: boolean;
}

/** Of what istiod knows. Source: istio pkg/config/kube/conversion.go ConvertProtocol. */
const plainProtocols = /^(?:http|http2|http_proxy|grpc|mongo|redis|mysql|udp|kubernetes\.io\/(?:h2c|ws))$/i;

/** An appProtocol counts alone; of a name what stands before a dash. */
function tlsOfPort({ name = '', port, appProtocol }: ServicePort): TlsPort | undefined {
  const [protocol = ''] = (appProtocol ?? name).split('-');
  const why = appProtocol === undefined ? `its name is ${name}` : `appProtocol ${appProtocol}`;
  if (/^(?:https|tls|kubernetes\.io\/wss)$/i.test(protocol)) return { says: `takes TLS (${why})`, isSure: true };
  if (port !== 443 || plainProtocols.test(protocol)) return undefined;
  return { says: 'may take TLS (by its number; neither name nor appProtocol tells)', isSure: false };
}

export interface PlainTextToTls {
  readonly reason: Reason;
  readonly isSure: boolean;
}

/** What is wrong where a cluster gets plain text: its port says that it takes TLS, and no DestinationRule gives it. */
export function plainTextToTls(cluster: string, known: Destinations): PlainTextToTls | undefined {
  const to = destinationOf(cluster, known);
  const port = portsOf(to?.object).find((one) => one.port === to?.port);
  const tls = port && tlsOfPort(port);
  if (!to?.object || tls === undefined) return undefined;
  const service = refOf('Service', to.object);
  const rules = known.destinationRules && rulesForHost(to.fqdn, known.destinationRules, known.namespace);
  const rule = rules && (rules.find((one) => isHidden(one, to)) ?? rules.find(({ ignored }) => ignored === undefined));
  const text = `port ${to.port} of ${describeObject(service)} ${tls.says}${describeRule(rules, rule, to)}`;
  return { reason: reason('plain-text-to-tls', [...(rule ? [rule.ref] : []), service], text), isSure: tls.isSure };
}

const isHidden = ({ rule, ignored }: RuleForHost, { port, subset }: Destination): boolean =>
  ignored !== undefined && givesTls(rule, port, subset);

function describeRule(
  rules: readonly RuleForHost[] | undefined,
  rule: RuleForHost | undefined,
  to: Destination,
): string {
  if (rules === undefined) return '';
  if (!rule) return `; no DestinationRule is for ${to.fqdn}`;
  if (rule.ignored !== undefined) return `; ${describeIgnored(rule, 'give it')}`;
  return givesTls(rule.rule, to.port, to.subset)
    ? `; ${describeObject(rule.ref)} gives TLS, which has not come to these pods`
    : `; ${describeObject(rule.ref)} gives no TLS to this port`;
}
