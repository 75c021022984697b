// The configuration under test: Gateways with twin hosts, wildcards, redirects, mutual TLS and passthrough, and
// VirtualServices whose rules are drawn at random. It knows Istio's API, and nothing of the tool.

import type { Backend } from './backends.ts';
import { oddRoutes, type } from './odd-routes.ts';
import { headerSettings } from './own/bootstrap.ts';
import type { Random } from './random.ts';
import { type Destination, rule } from './rules.ts';

export const namespaces = ['explain-a', 'explain-b'];
const [here, there] = namespaces as [string, string];
const domain = 'explain.test';

export interface Certificates {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

const object = (apiVersion: string, kind: string, namespace: string, name: string, fields: object): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
  ...fields,
});
const istio = (kind: string, namespace: string, name: string, spec: object): KubeObject =>
  object('networking.istio.io/v1', kind, namespace, name, { spec });

export const allNamespaces = (): KubeObject[] =>
  namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));

// Services
// --------------------------------------------------------------------------------------------------------------------------

/** Its own name is the Service's; the bridge's address is its endpoint. */
function service({ name, port }: Backend): KubeObject[] {
  const ports = [{ name: 'http', port: 80, targetPort: port, protocol: 'TCP' }];
  const slice = {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.200.255.254'], conditions: { ready: true } }],
    ports: [{ name: 'http', port, protocol: 'TCP' }],
  };
  return [
    object('v1', 'Service', here, name, { spec: { ports } }),
    {
      ...object('discovery.k8s.io/v1', 'EndpointSlice', here, `${name}-1`, slice),
      metadata: { name: `${name}-1`, namespace: here, labels: { 'kubernetes.io/service-name': name } },
    },
  ];
}

const fqdn = (name: string): string => `${name}.${here}.svc.cluster.local`;

/** Subsets, by the labels of a ServiceEntry's endpoints. */
function parts(v1: Backend, v2: Backend): KubeObject[] {
  const endpoints = [v1, v2].map(({ port }, index) => ({
    address: '10.200.255.254',
    ports: { http: port },
    labels: { version: `v${index + 1}` },
  }));
  const hosts = [`parts.${domain}`];
  const subsets = ['v1', 'v2', 'v3'].map((version) => ({ name: version, labels: { version } }));
  return [
    istio('ServiceEntry', here, 'parts', {
      hosts,
      location: 'MESH_INTERNAL',
      resolution: 'STATIC',
      ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
      endpoints,
    }),
    istio('DestinationRule', here, 'parts', { host: hosts[0], subsets }),
  ];
}

export interface Backends {
  readonly plain: readonly Backend[];
  readonly secure: Backend;
  /** TLS that the gateway knows nothing of. */
  readonly raw: Backend;
  readonly v1: Backend;
  readonly v2: Backend;
}

function services({ plain, secure, raw, v1, v2 }: Backends): KubeObject[] {
  return [
    ...plain.flatMap(service),
    ...service(secure),
    ...service(raw),
    istio('DestinationRule', here, 'secure', {
      host: fqdn(secure.name),
      trafficPolicy: { tls: { mode: 'SIMPLE', insecureSkipVerify: true } },
    }),
    object('v1', 'Service', here, 'empty', { spec: { ports: [{ name: 'http', port: 80, protocol: 'TCP' }] } }),
    ...parts(v1, v2),
  ];
}

function destinations({ plain, secure }: Backends): Destination[] {
  const good = [...plain, ...plain, ...plain, secure, secure].map(
    ({ name }): Destination => ({ host: fqdn(name), port: 80 }),
  );
  const subsets = ['v1', 'v2', 'v3'].map((subset): Destination => ({ host: `parts.${domain}`, port: 80, subset }));
  return [
    ...good,
    ...subsets,
    { host: `parts.${domain}`, port: 80 },
    { host: fqdn('empty'), port: 80 },
    { host: fqdn('missing'), port: 80 },
  ];
}

// Gateways
// --------------------------------------------------------------------------------------------------------------------------

const named = (...names: readonly string[]): string[] => names.map((name) => `${name}.${domain}`);

interface ServerOptions {
  readonly mode?: string;
  readonly credential?: string;
  readonly port?: number;
}

const https = (
  name: string,
  hosts: readonly string[],
  { mode = 'SIMPLE', credential = 'explain-tls', port = 443 }: ServerOptions = {},
): object => ({
  port: { name, number: port, protocol: 'HTTPS' },
  hosts,
  tls: { mode, credentialName: credential },
});
const http = (name: string, hosts: readonly string[], redirects: 'redirects' | 'serves'): object => ({
  port: { name, number: 80, protocol: 'HTTP' },
  hosts,
  ...(redirects === 'redirects' ? { tls: { httpsRedirect: true } } : {}),
});

const gateway = (namespace: string, name: string, ...servers: readonly object[]): KubeObject =>
  istio('Gateway', namespace, name, { selector: { istio: 'ingressgateway' }, servers });

function gateways(): KubeObject[] {
  return [
    gateway(
      here,
      'one',
      https('https-ab', named('a', 'b')),
      https('https-w', named('*.w')),
      https('https-other', named('a'), { port: 8444 }),
      http('http', named('a', 'b', '*.w'), 'serves'),
    ),
    gateway(
      there,
      'two',
      // Twin: `a` is taken, and the server is skipped as a whole.
      https('https-twin', named('a', 'lost')),
      https('https-x', named('x.w', 'c')),
      http('http-r', named('c', 'd'), 'redirects'),
      http('http-all', named('*'), 'serves'),
    ),
    gateway(
      here,
      'mutual',
      https('https-m', named('m'), { mode: 'MUTUAL', credential: 'explain-mutual', port: 8444 }),
      https('https-o', named('o'), { mode: 'OPTIONAL_MUTUAL', credential: 'explain-mutual', port: 8444 }),
      https('https-n', named('nosecret'), { credential: 'explain-missing' }),
    ),
    // The same port at an address of its own, which nobody reaches from outside.
    gateway(there, 'bound.to.loopback', { ...http('http-bound', named('*'), 'serves'), bind: '127.0.0.1' }),
    gateway(there, 'pass', {
      port: { name: 'tls-p', number: 8445, protocol: 'TLS' },
      hosts: named('p', '*.q', 'r.q'),
      tls: { mode: 'PASSTHROUGH' },
    }),
  ];
}

// VirtualServices
// -------------------------------------------------------------------------------------------------------------------

/** The hosts of each VirtualService, and the Gateways it is bound to; some have the same host twice. */
const bindings: readonly { readonly hosts: readonly string[]; readonly gateways: readonly string[] }[] = [
  { hosts: named('a'), gateways: [`${here}/one`] },
  { hosts: named('a', 'b'), gateways: [`${here}/one`] },
  { hosts: named('*.w'), gateways: [`${here}/one`] },
  { hosts: named('y.w', '*.w'), gateways: [`${here}/one`, `${there}/two`] },
  { hosts: named('x.w'), gateways: [`${there}/two`, `${here}/one`] },
  { hosts: named('c'), gateways: [`${there}/two`] },
  { hosts: named('c', 'd', 'lost'), gateways: [`${there}/two`] },
  { hosts: named('*'), gateways: [`${there}/two`] },
  { hosts: named('m', 'o'), gateways: [`${here}/mutual`] },
  { hosts: named('*'), gateways: [`${there}/bound.to.loopback`] },
];

/** A route that tells one configuration from the one before. */
const marker = (text: string): KubeObject =>
  istio('VirtualService', here, 'marker', {
    hosts: named('nosecret'),
    gateways: [`${here}/mutual`],
    http: [{ directResponse: { status: 200, body: { string: text } } }],
  });

function virtualServices(random: Random, backends: Backends): KubeObject[] {
  const to = destinations(backends);
  return bindings.map(({ hosts, gateways: of }, index) =>
    istio('VirtualService', here, `explain.${index}.example`, {
      hosts,
      gateways: of,
      http: random.some(7, (number) => rule(random, `r${index}.${number}:80/x`, to, hosts)),
    }),
  );
}

function passthrough({ raw }: Backends): KubeObject {
  const route = (name: string): object => ({ route: [{ destination: { host: fqdn(name), port: { number: 80 } } }] });
  return istio('VirtualService', there, 'pass', {
    hosts: named('p', '*.q', 'r.q'),
    gateways: ['pass'],
    tls: [
      { match: [{ port: 8445, sniHosts: named('p') }], ...route(raw.name) },
      { match: [{ port: 8445, sniHosts: named('*.q') }], ...route(raw.name) },
      { match: [{ port: 8445, sniHosts: named('r.q') }], ...route('empty') },
    ],
  });
}

function secrets({ key, cert, ca }: Certificates): KubeObject[] {
  const secret = (name: string, data: Readonly<Record<string, string>>): KubeObject =>
    object('v1', 'Secret', 'istio-system', name, {
      type: 'kubernetes.io/tls',
      stringData: { 'tls.key': key, 'tls.crt': cert, ...data },
    });
  return [secret('explain-tls', {}), secret('explain-mutual', { 'ca.crt': ca })];
}

/** What Istio's own API does not produce: by EnvoyFilters, on some filter chains and the virtual host of `c`. */
function envoyFilters(random: Random): KubeObject[] {
  const manager = (name: string, port: number, sni: string, typed: object): object => ({
    applyTo: 'NETWORK_FILTER',
    match: {
      context: 'GATEWAY',
      listener: {
        portNumber: port,
        filterChain: { sni, filter: { name: 'envoy.filters.network.http_connection_manager' } },
      },
    },
    patch: {
      operation: 'MERGE',
      value: {
        typed_config: { '@type': `${type}.filters.network.http_connection_manager.v3.HttpConnectionManager`, ...typed },
      },
    },
    name,
  });
  const slashes = (): object => ({
    ...(random.chance(0.5) ? { merge_slashes: true } : {}),
    path_with_escaped_slashes_action: random.pick([
      'KEEP_UNCHANGED',
      'REJECT_REQUEST',
      'UNESCAPE_AND_REDIRECT',
      'UNESCAPE_AND_FORWARD',
    ]),
  });
  const managers = [
    manager('x', 8443, named('x.w')[0] as string, { ...slashes(), ...headerSettings(random) }),
    manager('w', 8443, named('*.w')[0] as string, { ...slashes(), ...headerSettings(random) }),
    manager('m', 8444, named('m')[0] as string, { ...slashes(), strip_matching_host_port: true }),
    manager('o', 8444, named('o')[0] as string, {
      strip_any_host_port: true,
      strip_trailing_host_dot: true,
      normalize_path: random.chance(0.5),
    }),
  ].map(({ name: _, ...patch }: { name?: string }) => patch);
  const routes = oddRoutes(random).map((value) => ({
    applyTo: 'HTTP_ROUTE',
    match: { context: 'GATEWAY', routeConfiguration: { vhost: { name: `${named('c')[0]}:443` } } },
    patch: { operation: 'INSERT_FIRST', value },
  }));
  const spec = { workloadSelector: { labels: { istio: 'ingressgateway' } }, configPatches: [...managers, ...routes] };
  return [object('networking.istio.io/v1alpha3', 'EnvoyFilter', 'istio-system', 'explain', { spec })];
}

/**
 * Drawn from `random` except for Gateways and Services, which are always the same; `mark` stands in one of its routes.
 */
export const configurationOf = (
  random: Random,
  mark: string,
  backends: Backends,
  certificates: Certificates,
): KubeObject[] => [
  marker(mark),
  ...secrets(certificates),
  ...services(backends),
  ...gateways(),
  ...virtualServices(random, backends),
  passthrough(backends),
  ...envoyFilters(random),
];
