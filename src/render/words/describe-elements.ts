// A pod's configuration as elements in words, for `diff`. What changes by itself (times, versions, counters, the pod's
// own identity) is no field.

import { isOwnIdentity, type Secret } from '#model/certificate.ts';
import type { Cluster, Endpoint, UpstreamTls } from '#model/cluster.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import { raw } from '#model/content.ts';
import type { DescribedElement, Element, OtherElement } from '#model/difference.ts';
import type { FilterChain, FilterChainMatch, Listener } from '#model/listener.ts';
import type { Rejection } from '#model/resource.ts';
import { describeObject } from '#model/resource.ts';
import { faultsOf, type Route, type RouteConfiguration, type VirtualHost } from '#model/route.ts';
import { describeAction, describeChoice, describeFault } from './describe-action.ts';
import { describeMatch } from './describe-match.ts';
import { describeUpstreamTls } from './describe-tls.ts';

const described = (element: Element, lastUpdated: string | undefined): DescribedElement => ({
  element: shortElement(element),
  lastUpdated,
});

const shortElement = (element: Element): Element => ({ ...element, fields: withoutEmpty(element.fields) });

const withoutEmpty = (fields: Element['fields']): Element['fields'] =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));

const made = new WeakMap<object, { readonly from: string; readonly elements: readonly Element[] }>();

/** Elements of a list that several pods have in common: made once, so that they are the same objects for all pods. */
function madeOnce(list: object, from: string, make: () => readonly Element[]): readonly Element[] {
  const known = made.get(list);
  if (known?.from === from) return known.elements;
  const elements = make().map(shortElement);
  made.set(list, { from, elements });
  return elements;
}

/** The same of a single one; `state` and a rejection stand beside its content. */
function madeOneOnce(
  { name, state = '', rejected, lastUpdated, [raw]: content }: SingleElement,
  make: () => Element,
): DescribedElement {
  if (content === undefined) return described(make(), lastUpdated);
  const [element] = madeOnce(content, `${state} ${name} ${describeRejection(rejected)}`, () => [make()]);
  return { element: element as Element, lastUpdated };
}

type SingleElement = Pick<Cluster | Secret | OtherElement, 'name' | 'rejected' | 'lastUpdated' | typeof raw> & {
  readonly state?: string;
};

/** Two elements can have the same kind and name. */
export function describeElements({
  listeners,
  routeConfigurations,
  clusters,
  endpoints,
  secrets,
  others = [],
}: Omit<PodConfiguration, 'envoyVersion'>): DescribedElement[] {
  return [
    ...listeners.flatMap(describeListener),
    ...routeConfigurations.flatMap(describeRoutes),
    ...clusters.map((one) => madeOneOnce(one, () => clusterElement(one))),
    ...endpoints.map(describeEndpoint),
    ...secrets.filter((one) => !isOwnIdentity(one)).map((one) => madeOneOnce(one, () => secretElement(one))),
    ...others.map((one) => madeOneOnce(one, () => otherElement(one))),
  ];
}

const describeRejection = (rejected: Rejection | undefined): string => (rejected ? rejected.details : '');

const stateOf = (state: string): string => (state === 'active' || state === 'static' ? '' : state);

function describeListener(listener: Listener): DescribedElement[] {
  const {
    name,
    state,
    address,
    port,
    transport = '',
    additionalAddresses,
    filterChains,
    defaultFilterChain,
    rejected,
    lastUpdated,
    listenerFilters,
  } = listener;
  const fields = {
    state: stateOf(state),
    address: port === 0 ? '' : `${address}:${port}`,
    transport,
    'additional addresses': additionalAddresses.join(', '),
    'listener filters': listenerFilters.join(', '),
    'rejected update': describeRejection(rejected),
  };
  const place = state === 'active' || state === 'static' ? name : `${name} (${state})`;
  const describeChain = (match: string, chain: FilterChain): Element => ({
    kind: 'filter chain',
    name: `${place} ${match}`,
    fields: chainFields(chain),
    [raw]: chain[raw],
  });
  const chains = madeOnce(filterChains, place, () =>
    filterChains.map((chain) => describeChain(describeChainMatch(chain.match), chain)),
  );
  return [
    described({ kind: 'listener', name: place, fields, [raw]: listener[raw] }, lastUpdated),
    ...chains.map((element) => ({ element, lastUpdated })),
    ...(defaultFilterChain ? [described(describeChain('default', defaultFilterChain), lastUpdated)] : []),
  ];
}

/** `SNI a, b · ALPN h2`, where a server name means TLS; `everything` for a chain without conditions. */
export function describeChainMatch(match: FilterChainMatch): string {
  const parts = [
    match.serverNames.length > 0 ? `SNI ${match.serverNames.join(', ')}` : '',
    match.transportProtocol === 'tls' && match.serverNames.length > 0 ? '' : (match.transportProtocol ?? ''),
    match.applicationProtocols.length > 0 ? `ALPN ${match.applicationProtocols.join(', ')}` : '',
    match.destinationPort === undefined ? '' : `port ${match.destinationPort}`,
    match.destinationPrefixes.length > 0 ? `to ${match.destinationPrefixes.join(', ')}` : '',
    match.sourcePrefixes.length > 0 ? `from ${match.sourcePrefixes.join(', ')}` : '',
    match.directSourcePrefixes.length > 0 ? `directly from ${match.directSourcePrefixes.join(', ')}` : '',
    match.sourcePorts.length > 0 ? `source port ${match.sourcePorts.join(', ')}` : '',
    match.sourceType === 'any' ? '' : match.sourceType,
  ];
  return parts.filter((part) => part !== '').join(' · ') || 'everything';
}

function chainFields({ tls, handler, networkFilters }: FilterChain): Record<string, string> {
  const common = {
    TLS: tls?.mode ?? 'none',
    certificate: tls?.certificates.join(', ') ?? '',
    'client CA': tls?.clientCa ?? '',
    ALPN: tls?.alpn.join(', ') ?? '',
    'TLS versions': [tls?.minVersion, tls?.maxVersion].filter(Boolean).join(' to '),
    'network filters': networkFilters.join(', '),
  };
  if (handler.kind === 'unknown') return { ...common, handler: handler.type };
  if (handler.kind === 'tcp') {
    const totalWeight = handler.clusters.reduce((sum, { weight }) => sum + weight, 0);
    return { ...common, TCP: describeChoice({ kind: 'weighted', clusters: handler.clusters, totalWeight }) };
  }
  const {
    httpFilters,
    normalizePath,
    mergeSlashes,
    escapedSlashes,
    stripHostPort,
    stripTrailingHostDot,
    useRemoteAddress,
    accessLogs,
  } = handler;
  return {
    ...common,
    'route configuration': handler.routeConfiguration ?? 'inline',
    'HTTP filters': httpFilters.map(({ name, disabled }) => (disabled ? `${name} (disabled)` : name)).join(', '),
    'path normalization': [normalizePath ? 'normalize' : '', mergeSlashes ? 'merge slashes' : '', escapedSlashes ?? '']
      .filter(Boolean)
      .join(', '),
    'host normalization': [stripHostPort ? `strip ${stripHostPort} port` : '', stripTrailingHostDot ? 'strip dot' : '']
      .filter(Boolean)
      .join(', '),
    'remote address': useRemoteAddress ? 'used' : '',
    'access logs': accessLogs.length === 0 ? '' : JSON.stringify(accessLogs),
  };
}

function describeRoutes(configuration: RouteConfiguration): DescribedElement[] {
  const { name, virtualHosts, rejected, lastUpdated, ignorePortInHostMatching } = configuration;
  const whole: Element = { kind: 'route configuration', name, fields: {}, [raw]: configuration[raw] };
  const from = JSON.stringify([name, ignorePortInHostMatching, describeRejection(rejected)]);
  const hosts = madeOnce(virtualHosts, from, () => virtualHosts.flatMap((host) => describeHost(host, configuration)));
  return [described(whole, lastUpdated), ...hosts.map((element) => ({ element, lastUpdated }))];
}

function describeHost(
  host: VirtualHost,
  { name, rejected, ignorePortInHostMatching }: RouteConfiguration,
): readonly Element[] {
  const matches = host.routes.map(({ match }) => describeMatch(match));
  return [
    {
      kind: 'virtual host',
      name: `${name} ${host.name}`,
      fields: hostFields(host, ignorePortInHostMatching, rejected),
      order: matches,
      [raw]: host[raw],
    },
    ...host.routes.map(
      (route, index): Element => ({
        kind: 'route',
        name: `${name} ${host.name} ${matches[index]}`,
        fields: routeFields(route),
        [raw]: route[raw],
      }),
    ),
  ];
}

const hostFields = (
  { domains, requireTls, hasMatcherTree }: VirtualHost,
  ignorePort: boolean,
  rejected: Rejection | undefined,
): Record<string, string> => ({
  domains: [...domains].sort().join(', '),
  'requires TLS': requireTls === 'none' ? '' : requireTls,
  'matcher tree': hasMatcherTree ? 'yes' : '',
  'port in host': ignorePort ? 'ignored' : '',
  'rejected update': describeRejection(rejected),
});

const routeFields = (route: Route): Record<string, string> => ({
  action: describeAction(route.action),
  fault: faultsOf(route).map(describeFault).join(', '),
  from: route.from ? describeObject(route.from) : '',
  name: route.name,
});

function clusterElement(cluster: Cluster): Element {
  const {
    name,
    state,
    type,
    edsServiceName,
    lbPolicy,
    connectTimeoutMs,
    destinationRule,
    tls,
    circuitBreakers,
    outlierDetection,
    panicThreshold,
    inlineEndpoints,
  } = cluster;
  const fields = {
    state: stateOf(state),
    type,
    'EDS service': edsServiceName === name ? '' : edsServiceName,
    'load balancing': lbPolicy ?? '',
    'connect timeout': connectTimeoutMs === undefined ? '' : `${connectTimeoutMs}ms`,
    DestinationRule: destinationRule ? `${destinationRule.namespace}/${destinationRule.name}` : '',
    TLS: describeTlsWhole(tls),
    'circuit breakers': circuitBreakers.map((breaker) => describeFields(breaker)).join('; '),
    'outlier detection': outlierDetection ? describeFields(outlierDetection) : '',
    'panic threshold': `${panicThreshold}%`,
    'in panic': cluster.failsInPanic ? 'requests fail' : '',
    'address from header': cluster.addressHeader ?? '',
    endpoints: [...inlineEndpoints].sort().join(', '),
    'rejected update': describeRejection(cluster.rejected),
  };
  const place = state === 'warming' ? `${name} (warming)` : name;
  return { kind: 'cluster', name: place, fields, [raw]: cluster[raw] };
}

const describeFields = (fields: object): string =>
  Object.entries(fields)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
    .join(', ');

const describeTlsWhole = (tls: UpstreamTls): string =>
  'sni' in tls
    ? `${describeUpstreamTls(tls)}${tls.sni ? ` · SNI ${tls.sni}` : ''}${tls.autoSni ? ' · SNI of the request' : ''}`
    : describeUpstreamTls(tls);

function describeEndpoint(endpoint: Endpoint): DescribedElement {
  const { cluster, address, health, reasons, weight, priority, locality } = endpoint;
  const fields = {
    health: [health, ...reasons].join(', '),
    weight: String(weight),
    priority: String(priority),
    locality,
  };
  return described({ kind: 'endpoint', name: `${cluster} ${address}`, fields, [raw]: endpoint[raw] }, undefined);
}

function secretElement(secret: Secret): Element {
  const { name, state, kind, chain, unreadable, file, rejected } = secret;
  const [leaf, ...issuers] = chain;
  const fields = {
    state: stateOf(state),
    kind,
    serial: leaf?.serial ?? '',
    subject: leaf?.subject ?? '',
    names: leaf?.dnsNames.join(', ') ?? '',
    'not after': leaf?.notAfter ?? '',
    fingerprint: shortened(leaf?.fingerprint ?? ''),
    chain: issuers.map(({ fingerprint }) => shortened(fingerprint)).join(', '),
    file: file ?? '',
    unreadable: unreadable ?? '',
    'rejected update': describeRejection(rejected),
  };
  const place = state === 'warming' ? `${name} (warming)` : name;
  return { kind: 'secret', name: place, fields, [raw]: secret[raw] };
}

function otherElement(other: OtherElement): Element {
  const { kind, name, rejected, localityWeight = '' } = other;
  const fields = { 'rejected update': describeRejection(rejected), 'weight of its locality': `${localityWeight}` };
  return { kind, name, fields, [raw]: other[raw] };
}

/** 64 bits of a SHA-256 tell certificates apart. */
const shortened = (fingerprint: string): string => fingerprint.slice(0, 16);
