// The Gateway, VirtualService and DestinationRules that the template makes of a stanza, compared as data with what helm
// renders.

import type { KubeObject } from '#core/kube-object.ts';
import type { ChartValues, GatewayHosts, HttpRoute, Stanza } from './stanza.ts';
import { isSince, portKeyOf, type TemplateVersion } from './template.ts';
import { isTrue } from './values.ts';

export interface Release {
  readonly name: string;
  readonly namespace: string;
  readonly chart: { readonly name: string; readonly version: string };
}

/** How the template ends without objects. */
export interface TemplateFailure {
  /** In its own words. */
  readonly message: string;
  /** Of the value it comes from. */
  readonly path: readonly string[];
  readonly hint: string;
}

export type Rendered = { readonly objects: readonly KubeObject[] } | { readonly failed: TemplateFailure };

export interface StanzaContext {
  readonly version: TemplateVersion;
  readonly release: Release;
  readonly values: ChartValues;
}

/** None of a stanza that is not enabled. */
export function objectsOfStanza(context: StanzaContext): Rendered {
  const failed = failureOf(context);
  if (failed) return { failed };
  const { ingress = {} } = context.values;
  if (!isTrue(ingress.enabled)) return { objects: [] };
  return {
    objects: [
      ...(isTrue(ingress.existingGatewayName) ? [] : [gatewayOf(context, ingress)]),
      virtualServiceOf(context, ingress),
      ...destinationRulesOf(context, ingress),
    ],
  };
}

/** In the order in which the template comes to it. */
function failureOf(context: StanzaContext): TemplateFailure | undefined {
  const { version, values } = context;
  const { ingress, proxy } = values;
  if (ingress === undefined)
    return failure('nil pointer evaluating interface {}.enabled', [], 'there is no stanza ingress:');
  if (!isTrue(ingress.enabled)) return undefined;
  const takesPort = ingress.httproutes?.length === 0;
  return (
    (isTrue(ingress.existingGatewayName) ? undefined : gatewayHostsFailure(context, ingress)) ??
    routeHostsFailure(version, ingress) ??
    httpRoutesFailure(ingress) ??
    (takesPort && !proxy ? noProxy(version, 'public_port') : undefined) ??
    // The DestinationRule trusts the hosts of the Gateway that is not made, too.
    (isSince(version, '1.1') ? undefined : gatewayHostsFailure(context, ingress))
  );
}

const failure = (message: string, path: readonly string[], hint: string): TemplateFailure => ({
  message,
  path: ['ingress', ...path],
  hint,
});

function gatewayHostsFailure(
  { version, values }: StanzaContext,
  { gatewayHosts }: Stanza,
): TemplateFailure | undefined {
  if (!isSince(version, '0.4')) return undefined;
  if (gatewayHosts === undefined)
    return failure(
      'nil pointer evaluating interface {}.disableDefaultHosts',
      ['gatewayHosts'],
      'null takes the default of the chart away: leave gatewayHosts out, or write gatewayHosts: {}',
    );
  if (Array.isArray(gatewayHosts))
    return failure(
      "can't evaluate field disableDefaultHosts in type interface {}",
      ['gatewayHosts'],
      'a list is what 0.4-seed takes; since March 2022 it is a map: gatewayHosts: {disableDefaultHosts: true, extraFQDNs: [HOST]}',
    );
  const usesProxy = isSince(version, '1.1') && !isTrue((gatewayHosts as GatewayHosts).disableDefaultHosts);
  return usesProxy && values.proxy === undefined ? noProxy(version, 'certmanager') : undefined;
}

function noProxy(version: TemplateVersion, field: string): TemplateFailure {
  const key = portKeyOf(version);
  return {
    message: `nil pointer evaluating interface {}.${field}`,
    path: [key],
    hint: `the template takes ${key}.${field}, which stands in the chart's own values: give --chart-dir, or that file as the first --values`,
  };
}

function routeHostsFailure(
  version: TemplateVersion,
  { existingGatewayName, routeHosts }: Stanza,
): TemplateFailure | undefined {
  if (existingGatewayName === '' || isTrue(routeHosts)) return undefined;
  const hint =
    existingGatewayName === undefined
      ? 'null takes the default of the chart away: leave existingGatewayName out, or write existingGatewayName: ""'
      : `name the hosts of Gateway ${existingGatewayName} that the routes are for: routeHosts: [HOST]`;
  return failure(
    missingRouteHosts(version),
    [existingGatewayName === undefined ? 'existingGatewayName' : 'routeHosts'],
    hint,
  );
}

function missingRouteHosts(version: TemplateVersion): string {
  if (isSince(version, '1.3')) return 'ingress.routeHosts is required when ingress.existingGatewayName is set';
  return `ingress${isSince(version, '1.0') ? '.istio' : ''}.routeHosts is required when ingress.existingGateway is set`;
}

const httpRoutesFailure = ({ httproutes }: Stanza): TemplateFailure | undefined =>
  httproutes === undefined
    ? failure(
        'len of nil pointer',
        ['httproutes'],
        'null takes the default of the chart away: leave httproutes out, or write httproutes: []',
      )
    : undefined;

/** One dash that is left at the end goes, too. */
const shortened = (name: string): string => name.slice(0, 63).replace(/-$/, '');

const chartName = ({ release, values }: StanzaContext): string => values.chartName || release.chart.name;

const fullName = (context: StanzaContext): string => shortened(`${chartName(context)}-${context.release.name}`);

/** Of the Service in front of the chart's pods. */
export const ownService = (context: StanzaContext): string => `${fullName(context)}-tls-service`;

export const ownHost = (context: StanzaContext): string =>
  `${ownService(context)}.${context.release.namespace}.svc.cluster.local`;

/** Of each object. */
export function labelsOf(context: StanzaContext): Readonly<Record<string, string>> {
  const { chart, name } = context.release;
  return {
    app: shortened(chartName(context)),
    chart: `${chart.name}-${chart.version.replaceAll('+', '_')}`,
    release: name,
    heritage: 'Helm',
  };
}

const objectOf = (kind: string, name: string, spec: object, context: StanzaContext): KubeObject => ({
  apiVersion: 'networking.istio.io/v1beta1',
  kind,
  metadata: { name, namespace: context.release.namespace, labels: labelsOf(context) },
  spec,
});

const productionDomains = ['discovery.wmnet', 'svc.codfw.wmnet', 'svc.eqiad.wmnet'] as const;

/** The environment whose hosts the stanza asks for, where the version knows it. */
function stagingOf(version: TemplateVersion, { staging, mlstaging }: Stanza): 'staging' | 'ml-staging' | undefined {
  if (isSince(version, '1.1')) return undefined;
  if (isTrue(staging)) return 'staging';
  return isSince(version, '1.0.2') && isTrue(mlstaging) ? 'ml-staging' : undefined;
}

export function gatewayHostsOf({ version, release, values }: StanzaContext, ingress: Stanza): readonly string[] {
  const staging = stagingOf(version, ingress);
  if (!isSince(version, '0.4')) {
    const own = (ingress.gatewayHosts ?? []) as readonly string[];
    return own.length > 0 ? own : [`${release.namespace}.${staging ? 'staging.' : ''}discovery.wmnet`];
  }
  const { default: host, domains, disableDefaultHosts, extraFQDNs = [] } = (ingress.gatewayHosts ?? {}) as GatewayHosts;
  if (isTrue(disableDefaultHosts)) return extraFQDNs;
  const own = isSince(version, '1.1') ? [domains, values.proxy?.certmanager?.domains].find(isTrue) : undefined;
  const all = staging ? [`k8s-${staging}.discovery.wmnet`] : (own ?? productionDomains);
  return [...all.map((domain) => `${host || release.namespace}.${domain}`), ...extraFQDNs];
}

export function routeHostsOf(context: StanzaContext, ingress: Stanza): readonly string[] {
  const { existingGatewayName, routeHosts = [] } = ingress;
  const counts = existingGatewayName !== '' || (isSince(context.version, '1.3') && routeHosts.length > 0);
  return counts ? routeHosts : gatewayHostsOf(context, ingress);
}

function gatewayOf(context: StanzaContext, ingress: Stanza): KubeObject {
  const hasSelectors = isSince(context.version, '1.0.1') && Object.hasOwn(ingress, 'selectors');
  const server = {
    port: { number: 443, name: 'https', protocol: 'HTTPS' },
    tls: { credentialName: `${context.release.namespace}-tls-certificate`, mode: 'SIMPLE' },
    hosts: gatewayHostsOf(context, ingress),
  };
  return objectOf(
    'Gateway',
    fullName(context),
    { selector: hasSelectors ? (ingress.selectors ?? {}) : { istio: 'ingressgateway' }, servers: [server] },
    context,
  );
}

function virtualServiceOf(context: StanzaContext, ingress: Stanza): KubeObject {
  const spec = {
    hosts: routeHostsOf(context, ingress),
    gateways: [ingress.existingGatewayName || fullName(context)],
    http: httpOf(context, ingress),
  };
  return objectOf('VirtualService', fullName(context), spec, context);
}

/** The CORS policy is written after the routes, and so is a field of the last one. */
function httpOf(context: StanzaContext, ingress: Stanza): readonly HttpRoute[] {
  const routes = ingress.httproutes?.length ? ingress.httproutes : [defaultRoute(context)];
  const corsPolicy = corsPolicyOf(context.version, ingress);
  return routes.map((route, index) => (corsPolicy && index === routes.length - 1 ? { ...route, corsPolicy } : route));
}

const defaultRoute = (context: StanzaContext): HttpRoute =>
  ({
    name: 'default-destination',
    route: [{ destination: { host: ownHost(context), port: { number: context.values.proxy?.public_port } } }],
  }) as HttpRoute;

export function corsPolicyOf(
  version: TemplateVersion,
  { custom_cors_policy, base_cors_policy }: Stanza,
): object | undefined {
  if (!isSince(version, '1.0.3')) return undefined;
  if (isTrue(custom_cors_policy)) return custom_cors_policy;
  return isTrue(base_cors_policy) ? baseCorsPolicy : undefined;
}

const baseCorsPolicy = {
  allowCredentials: false,
  allowHeaders: ['Api-User-Agent'],
  allowMethods: ['POST', 'GET'],
  allowOrigins: [{ exact: '*' }],
};

export const ruledHosts = (context: StanzaContext, { destinationrulehosts = [] }: Stanza): readonly string[] =>
  isSince(context.version, '1.2') && destinationrulehosts.length > 0 ? destinationrulehosts : [ownHost(context)];

const destinationRulesOf = (context: StanzaContext, ingress: Stanza): KubeObject[] =>
  ruledHosts(context, ingress).map((host) =>
    objectOf(
      'DestinationRule',
      isSince(context.version, '1.2') ? host : fullName(context),
      {
        host,
        trafficPolicy: {
          tls: {
            mode: 'SIMPLE',
            caCertificates: '/etc/ssl/certs/wmf-ca-certificates.crt',
            subjectAltNames: isSince(context.version, '1.1') ? [host] : trustedNames(context, ingress),
          },
        },
      },
      context,
    ),
  );

/** Names twice stay twice. */
function trustedNames(context: StanzaContext, ingress: Stanza): string[] {
  const staging = stagingOf(context.version, ingress);
  return [
    ...(staging
      ? [`${staging}.svc.eqiad.wmnet`, `${staging}.svc.codfw.wmnet`]
      : [`${context.release.namespace}.discovery.wmnet`]),
    ownHost(context),
    ...gatewayHostsOf(context, ingress),
    ...routeHostsOf(context, ingress),
  ];
}
