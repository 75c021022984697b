// What a stanza says to no effect, or to another than it seems to: numbered as checks are.

import { fullHost } from '#analysis/istio/host-names.ts';
import { count } from '#core/phrase.ts';
import { nearest } from '#core/suggestion.ts';
import type { Severity } from '#model/finding.ts';
import {
  corsPolicyOf,
  gatewayHostsOf,
  labelsOf,
  ownHost,
  ownService,
  routeHostsOf,
  ruledHosts,
  type StanzaContext,
} from './objects.ts';
import type { HttpRoute, Stanza } from './stanza.ts';
import { counts, isSince, portKeyOf, stanzaKeys, type TemplateVersion } from './template.ts';
import { isMap, isTrue, type Values } from './values.ts';

export type ValuePath = readonly (string | number)[];

export interface StanzaProblem {
  readonly text: string;
  /** Of the value, from the top of the values. */
  readonly path: ValuePath;
}

/** A stanza that is enabled and makes objects. */
export interface GivenStanza {
  readonly context: StanzaContext;
  readonly ingress: Stanza;
  /** The stanza as the values files have it, without what the chart says. */
  readonly said: Values;
}

export interface StanzaRule {
  /** `KII080`: never used again for something else. */
  readonly id: string;
  readonly name: string;
  readonly severity: Severity;
  /** What is so where there is nothing to say. */
  readonly title: string;
  readonly reason: string;
  readonly remedy: string;
  find(given: GivenStanza): readonly StanzaProblem[];
}

export const stanzaRules: readonly StanzaRule[] = [
  {
    id: 'KII080',
    name: 'value-without-effect',
    severity: 'warning',
    title: 'every key of the stanza counts',
    reason:
      'The template ignores keys that it does not know, and says nothing: hosts and routes are others than the file seems to ask for.',
    remedy: 'Take the key out, or write the one that this version of the template reads.',
    find: ({ context, ingress, said }) => [
      ...ignoredKeys(said, [], context.version),
      ...ignoredBesides(context, ingress, said),
    ],
  },
  {
    id: 'KII081',
    name: 'text-for-false',
    severity: 'warning',
    title: 'what is switched off is false and no text',
    reason: 'Templates take any text but the empty one for true, "false" too.',
    remedy: 'Write false without quotes.',
    find: ({ said }) =>
      flagPaths
        .filter((path) => isFalseText(valueAt(said, path)))
        .map((path) => ({
          text: `${nameOf(path)} is the text ${JSON.stringify(valueAt(said, path))}, which counts as true`,
          path: ['ingress', ...path],
        })),
  },
  {
    id: 'KII082',
    name: 'stanza-without-hosts',
    severity: 'error',
    title: 'Gateway and VirtualService have hosts',
    reason: "The API server or Istio's webhook refuses an object without hosts, and the whole release with it.",
    remedy: 'Give extraFQDNs or routeHosts, or leave disableDefaultHosts out.',
    find: ({ context, ingress }) => [
      ...(!isTrue(ingress.existingGatewayName) && gatewayHostsOf(context, ingress).length === 0
        ? [
            {
              text: 'the Gateway has no hosts: there are no default hosts, and no extraFQDNs',
              path: ['ingress', 'gatewayHosts'],
            },
          ]
        : []),
      ...(routeHostsOf(context, ingress).length === 0
        ? [{ text: 'the VirtualService has no hosts', path: ['ingress', 'routeHosts'] }]
        : []),
    ],
  },
  {
    id: 'KII083',
    name: 'route-without-destination',
    severity: 'error',
    title: 'every route has a destination, a redirect, a direct response or a delegate',
    reason: "Istio's webhook refuses the VirtualService: HTTP route, redirect or direct_response is required.",
    remedy: 'Give the route a destination.',
    find: ({ ingress }) =>
      routesIn(ingress)
        .filter(({ route }) => !actions.some((field) => isTrue(route[field])))
        .map(({ path, index }) => ({
          text: `route ${index + 1} has no ${actions.slice(0, -1).join(', no ')} and no ${actions.at(-1)}`,
          path,
        })),
  },
  {
    id: 'KII084',
    name: 'destination-without-port',
    severity: 'warning',
    title: 'every destination has a port',
    reason:
      'istiod takes the only port of a Service; of a Service with several it takes the port of the Gateway, and requests get 503 with flag NC.',
    remedy: 'Name the port of the Service.',
    find: ({ context, ingress }) => [...portlessDestinations(ingress), ...portlessDefault(context, ingress)],
  },
  {
    id: 'KII085',
    name: 'own-service-without-rule',
    severity: 'error',
    title: "the chart's own Service has a DestinationRule",
    reason:
      'destinationrulehosts replaces the default. Without a rule the gateway speaks plain text to a port that speaks TLS, and the connection is reset.',
    remedy: "Add the chart's own Service to destinationrulehosts.",
    find: ({ context, ingress }) =>
      leadsTo(ownHost(context), context, ingress) && !ruledHosts(context, ingress).includes(ownHost(context))
        ? [
            {
              text: `routes lead to ${ownHost(context)}, which is not among destinationrulehosts`,
              path: ['ingress', 'destinationrulehosts'],
            },
          ]
        : [],
  },
  {
    id: 'KII086',
    name: 'cors-of-the-last-route',
    severity: 'warning',
    title: 'the CORS policy is for all routes',
    reason: 'The template writes it after the routes, and so it is a field of the last one.',
    remedy: 'Write corsPolicy into each route.',
    find: ({ context, ingress }) => corsProblems(context, ingress),
  },
  {
    id: 'KII087',
    name: 'gateway-of-own-namespace',
    severity: 'info',
    title: 'existingGatewayName names a namespace',
    reason: "A name without one is a Gateway of the release's own namespace.",
    remedy: 'Write NAMESPACE/NAME.',
    find: ({ context, ingress: { existingGatewayName: name = '' } }) =>
      name === '' || name.includes('/')
        ? []
        : [
            {
              text: `existingGatewayName ${name} is Gateway ${context.release.namespace}/${name}`,
              path: ['ingress', 'existingGatewayName'],
            },
          ],
  },
  {
    id: 'KII088',
    name: 'service-name-too-long',
    severity: 'error',
    title: "the name of the chart's Service fits",
    reason: 'Names of Services have at most 63 characters; the template shortens the name and then adds -tls-service.',
    remedy: 'Take a shorter name of the release, or chartName.',
    find: ({ context }) =>
      ownService(context).length > 63
        ? [{ text: `Service ${ownService(context)} has ${ownService(context).length} characters`, path: ['chartName'] }]
        : [],
  },
  {
    id: 'KII089',
    name: 'gateway-for-every-gateway',
    severity: 'warning',
    title: 'selectors names a gateway',
    reason: 'A Gateway without a selector is for all gateways of the cluster.',
    remedy: 'Leave selectors out: the default is istio: ingressgateway.',
    find: ({ context, ingress }) =>
      isSince(context.version, '1.0.1') &&
      Object.hasOwn(ingress, 'selectors') &&
      !isTrue(ingress.selectors) &&
      !isTrue(ingress.existingGatewayName)
        ? [{ text: 'selectors is empty', path: ['ingress', 'selectors'] }]
        : [],
  },
  {
    id: 'KII090',
    name: 'label-too-long',
    severity: 'error',
    title: 'the labels of the objects fit',
    reason: 'The API server refuses objects with a label of more than 63 characters; the template shortens app alone.',
    remedy: 'Take a shorter name or version of the chart, or a shorter name of the release.',
    find: ({ context }) =>
      Object.entries(labelsOf(context))
        .filter(([, value]) => value.length > 63)
        .map(([name, value]) => ({
          text: `label ${name}: ${value} has ${value.length} characters`,
          path: ['ingress'],
        })),
  },
];

const nameOf = (path: ValuePath): string => ['ingress', ...path].join('.');

const valueAt = (values: unknown, path: ValuePath): unknown =>
  path.reduce<unknown>((value, key) => (isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined), values);

const flagPaths = [
  ['enabled'],
  ['keepNodePort'],
  ['staging'],
  ['mlstaging'],
  ['base_cors_policy'],
  ['gatewayHosts', 'disableDefaultHosts'],
] as const;

const isFalseText = (value: unknown): boolean => typeof value === 'string' && /^(?:false|no|off|n|0)$/i.test(value);

/** Keys that no version knows, and keys of other versions that ask for something. */
function ignoredKeys(values: Values, above: readonly string[], version: TemplateVersion): StanzaProblem[] {
  const known = stanzaKeys.filter(
    ({ path }) => path.length === above.length + 1 && above.every((key, at) => path[at] === key),
  );
  return Object.entries(values).flatMap(([key, value]) => {
    const path = [...above, key];
    const entry = known.find((one) => one.path.at(-1) === key);
    const place = { path: ['ingress', ...path] };
    if (entry === undefined)
      return [{ text: `${nameOf(path)} is no key of the template${suggestion(key, known)}`, ...place }];
    if (!counts(entry, version))
      return isTrue(value)
        ? [{ text: `${nameOf(path)} has no effect: ${whenItCounts(entry)}, and this is ${version}`, ...place }]
        : [];
    return isMap(value) && key === 'gatewayHosts' ? ignoredKeys(value, path, version) : [];
  });
}

/** The documentation of 2022 has a shorter key than the template ever had. */
function suggestion(key: string, known: readonly (typeof stanzaKeys)[number][]): string {
  const names = known.map(({ path }) => path.at(-1) as string);
  const near = key === 'existingGateway' ? 'existingGatewayName' : nearest(key, names);
  if (near === undefined) return '';
  return `: ${near} is${key === 'existingGateway' ? '. So a Gateway of its own is made' : ''}`;
}

const whenItCounts = ({ first, last }: (typeof stanzaKeys)[number]): string =>
  [
    ...(first === undefined ? [] : [`it counts since template ${first}`]),
    ...(last === undefined ? [] : [`it counts up to template ${last}`]),
  ].join(' and ');

/** Keys that another key of the stanza makes idle. */
function ignoredBesides({ version }: StanzaContext, ingress: Stanza, said: Values): StanzaProblem[] {
  const problem = (key: string, why: string): StanzaProblem[] =>
    isTrue(said[key]) ? [{ text: `ingress.${key} has no effect: ${why}`, path: ['ingress', key] }] : [];
  if (isTrue(ingress.existingGatewayName)) {
    const why = 'with existingGatewayName there is no Gateway of its own';
    return [...problem('gatewayHosts', why), ...(isSince(version, '1.0.1') ? problem('selectors', why) : [])];
  }
  return isSince(version, '1.3')
    ? []
    : problem('routeHosts', 'up to template 1.2 it counts only with existingGatewayName');
}

const actions = ['route', 'redirect', 'directResponse', 'delegate'] as const;

interface PlacedRoute {
  readonly route: HttpRoute;
  readonly index: number;
  readonly path: ValuePath;
}

const routesIn = ({ httproutes = [] }: Stanza): PlacedRoute[] =>
  httproutes.map((route, index) => ({ route, index, path: ['ingress', 'httproutes', index] }));

const portlessDestinations = (ingress: Stanza): StanzaProblem[] =>
  routesIn(ingress).flatMap(({ route, index, path }) =>
    (route.route ?? []).flatMap(({ destination: { host, port } }, at) =>
      port?.number ? [] : [{ text: `route ${index + 1} goes to ${host} without a port`, path: [...path, 'route', at] }],
    ),
  );

function portlessDefault({ version, values }: StanzaContext, { httproutes = [] }: Stanza): StanzaProblem[] {
  const key = portKeyOf(version);
  return httproutes.length > 0 || values.proxy?.public_port !== undefined
    ? []
    : [{ text: `the default route has no port: ${key}.public_port is not set`, path: [key] }];
}

const leadsTo = (host: string, { release }: StanzaContext, { httproutes = [] }: Stanza): boolean =>
  httproutes.length === 0 ||
  httproutes.some(({ route = [] }) =>
    route.some(({ destination }) => fullHost(destination.host, release.namespace, 'cluster.local') === host),
  );

function corsProblems({ version }: StanzaContext, ingress: Stanza): StanzaProblem[] {
  const { httproutes = [] } = ingress;
  if (corsPolicyOf(version, ingress) === undefined) return [];
  const key = isTrue(ingress.custom_cors_policy) ? 'custom_cors_policy' : 'base_cors_policy';
  const last = httproutes.at(-1);
  return [
    ...(httproutes.length > 1
      ? [{ text: `of ${count(httproutes.length, 'route')} the last one alone gets ${key}`, path: ['ingress', key] }]
      : []),
    ...(last && isTrue(last['corsPolicy'])
      ? [
          {
            text: `the last route has a corsPolicy, and ${key} writes a second one, which counts`,
            path: ['ingress', 'httproutes', httproutes.length - 1],
          },
        ]
      : []),
  ];
}
