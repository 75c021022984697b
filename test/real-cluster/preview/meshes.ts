// Gateways and VirtualServices drawn at random: protocols and TLS modes, twins, wildcards, namespaces in hosts, delegates,
// exportTo, several VirtualServices for a host, matches for gateways, ports and labels; connections that are handed on. It
// knows Istio's API, and nothing of the tool.

import type { KubeObject } from '../explain/objects.ts';
import type { Random } from '../explain/random.ts';
import { type Destination, rule } from '../explain/rules.ts';

export const namespaces = ['preview-a', 'preview-b'];
const domain = 'preview.test';

const istio = (kind: string, namespace: string, name: string, spec: object): KubeObject => ({
  apiVersion: 'networking.istio.io/v1',
  kind,
  metadata: { name, namespace },
  spec,
});

const names = ['a', 'b', 'x.w', 'y.w', '*.w', 'c', 'd', '*'].map((name) => (name === '*' ? name : `${name}.${domain}`));

/** With a port, and some of them with several, so that a destination without one is not clear of itself. */
export const services = (): KubeObject[] =>
  [
    ['one', [80]],
    ['two', [80, 8443]],
  ].map(([name, ports]) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: name as string, namespace: namespaces[0] as string },
    spec: { ports: (ports as number[]).map((port) => ({ name: `http-${port}`, port, protocol: 'TCP' })) },
  }));

/** A route that tells one mesh from the one before. */
export const marked = (mark: string): KubeObject[] => [
  istio('Gateway', namespaces[0] as string, 'marker', {
    selector: { istio: 'ingressgateway' },
    servers: [{ port: { name: 'http-m', number: 8099, protocol: 'HTTP' }, hosts: [`marker.${domain}`] }],
  }),
  istio('VirtualService', namespaces[0] as string, 'marker', {
    hosts: [`marker.${domain}`],
    gateways: ['marker'],
    http: [{ directResponse: { status: 200, body: { string: mark } } }],
  }),
];

/** The same names every time, so that one mesh is a change of the one before. */
export function meshOf(random: Random): KubeObject[] {
  const gateways = ['one', 'two', 'three'].map((name, index) => gateway(random, namespaces[index % 2] as string, name));
  const keys = gateways.map(({ metadata: { namespace, name } }) => `${namespace}/${name}`);
  const roots = Array.from({ length: 6 }, (_, index) => virtualService(random, index, keys));
  return [...gateways, ...roots, delegate(random), ...streams(random)];
}

function gateway(random: Random, namespace: string, name: string): KubeObject {
  const servers = random.some(3, (index) => server(random, `${name}-${index}`, namespace));
  return istio('Gateway', namespace, name, {
    selector: random.chance(0.9) ? { istio: 'ingressgateway' } : { istio: 'other' },
    servers,
  });
}

function server(random: Random, name: string, namespace: string): object {
  const hosts = [...new Set(random.some(3, () => hostOf(random, namespace)))];
  const kind = random.below(10);
  const https = (number: number, mode: string): object => ({
    port: { name: `https-${name}`, number, protocol: 'HTTPS' },
    hosts,
    tls: { mode, credentialName: 'preview-none' },
  });
  if (kind < 5)
    return https(random.pick([443, 443, 8444]), random.pick(['SIMPLE', 'SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL']));
  const redirects = random.chance(0.3) ? { tls: { httpsRedirect: true } } : {};
  return {
    port: {
      name: `http-${name}`,
      number: random.pick([80, 80, 8081]),
      protocol: random.pick(['HTTP', 'HTTP2', 'GRPC']),
    },
    hosts,
    ...redirects,
  };
}

function hostOf(random: Random, namespace: string): string {
  const host = random.pick(names);
  // With another host behind it, the star with a namespace makes istiod end: KII045.
  if (host === '*') return host;
  return random.pick([
    host,
    host,
    host,
    `*/${host}`,
    `./${host}`,
    `${random.pick(namespaces)}/${host}`,
    `${namespace}/${host}`,
  ]);
}

function virtualService(random: Random, index: number, gateways: readonly string[]): KubeObject {
  const namespace = random.pick([namespaces[index % 2] as string]);
  const hosts = [...new Set(random.some(3, () => random.pick(names)))];
  const bound = [...new Set(random.some(2, () => random.pick(gateways)))];
  return istio('VirtualService', namespace, `preview-${index}`, {
    hosts,
    gateways: bound,
    ...(random.chance(0.3) ? { exportTo: random.pick([['*'], ['.'], ['istio-system'], ['istio-system', '.']]) } : {}),
    http: random.some(5, (number) => http(random, `r${index}-${number}`, hosts, gateways)),
  });
}

const destinations: readonly Destination[] = [
  { host: `one.${namespaces[0]}.svc.cluster.local`, port: 80 },
  { host: `two.${namespaces[0]}.svc.cluster.local`, port: 8443, subset: 'v1' },
  { host: 'one', port: 80 },
];

function http(random: Random, name: string, hosts: readonly string[], gateways: readonly string[]): object {
  if (random.chance(0.1))
    return {
      name,
      match: [{ uri: { prefix: random.pick(['/api', '/']) } }],
      delegate: { name: 'delegate', namespace: namespaces[1] },
    };
  const own = rule(random, name, destinations, hosts) as {
    readonly match?: readonly object[];
    readonly route?: readonly object[];
  };
  return {
    ...own,
    ...(own.match && random.chance(0.3)
      ? { match: own.match.map((one) => ({ ...one, ...sourceOf(random, gateways) })) }
      : {}),
    ...(own.route && random.chance(0.2) ? { retries: retriesOf(random) } : {}),
    ...(own.route?.length === 1 && random.chance(0.2)
      ? { route: [{ destination: { host: random.pick(['one', 'two', 'none']) } }] }
      : {}),
    ...(own.route && random.chance(0.25) ? { headers: headersOf(random) } : {}),
    ...(own.route && random.chance(0.15)
      ? {
          route: destinations.map(({ host, port }, index) => ({
            destination: { host, port: { number: port } },
            weight: [20, 80, 0][index],
            ...(random.chance(0.6) ? { headers: headersOf(random) } : {}),
          })),
        }
      : {}),
    ...(own.route && random.chance(0.1)
      ? { mirror: { host: 'one' }, mirrorPercentage: { value: random.pick([0, 12.5, 100]) } }
      : {}),
  };
}

const headersOf = (random: Random): object => {
  const operations = (): object => ({
    ...(random.chance(0.5) ? { set: { 'X-Set': random.pick(['1', '%REQ(x)%']), 'x-Other': 'b' } } : {}),
    ...(random.chance(0.5) ? { add: { 'x-added': random.pick(['a', 'b']) } } : {}),
    ...(random.chance(0.4) ? { remove: ['X-Gone', 'server'] } : {}),
  });
  return random.pick([
    { request: operations() },
    { response: operations() },
    { request: operations(), response: operations() },
  ]);
};

const sourceOf = (random: Random, gateways: readonly string[]): object =>
  random.pick([
    { gateways: [random.pick(gateways)] },
    { gateways: ['mesh'] },
    { sourceLabels: { istio: 'ingressgateway' } },
    { sourceLabels: { app: 'other' } },
    { sourceNamespace: random.pick(['istio-system', 'other']) },
    { port: random.pick([80, 443, 8081, 8444]) },
  ]);

const retriesOf = (random: Random): object =>
  random.pick([
    { attempts: 0 },
    { attempts: 3, perTryTimeout: '1.5s', retryOn: '5xx,429' },
    { attempts: 1, retryOn: 'gateway-error' },
    { attempts: 2 },
  ]);

function delegate(random: Random): KubeObject {
  return istio('VirtualService', namespaces[1] as string, 'delegate', {
    ...(random.chance(0.2) ? { exportTo: ['.'] } : {}),
    http: random.some(3, (number) =>
      rule(
        random,
        `d${number}`,
        destinations,
        names.filter((name) => name !== '*'),
      ),
    ),
  });
}

/** What the gateway hands on without reading it as HTTP. Of its ports none has chains of HTTPS, with which Envoy could refuse them. */
function streams(random: Random): KubeObject[] {
  const gateways = ['four', 'five'].map((name, index) => {
    const namespace = namespaces[index] as string;
    const servers = random.some(4, (number) => streamServer(random, `${name}-${number}`, namespace));
    return istio('Gateway', namespace, name, { selector: { istio: 'ingressgateway' }, servers });
  });
  const keys = gateways.map(({ metadata: { namespace, name } }) => `${namespace}/${name}`);
  return [...gateways, ...Array.from({ length: 5 }, (_, index) => streamService(random, index, keys))];
}

function streamServer(random: Random, name: string, namespace: string): object {
  const hosts = [...new Set(random.some(3, () => hostOf(random, namespace)))];
  const port = (number: number, protocol: string): object => ({
    name: `${protocol.toLowerCase()}-${name}`,
    number,
    protocol,
  });
  return random.pick([
    { port: port(9443, random.pick(['TLS', 'HTTPS'])), hosts, tls: { mode: 'PASSTHROUGH' } },
    { port: port(9443, 'TLS'), hosts, tls: { mode: 'PASSTHROUGH' } },
    {
      port: port(9444, random.pick(['TLS', 'TCP'])),
      // Two ways of writing one host make two chains for it, and Envoy refuses both.
      hosts: [...new Set(random.some(3, () => random.pick(names)))],
      tls: { mode: random.pick(['SIMPLE', 'MUTUAL']), credentialName: 'preview-none' },
    },
    { port: port(random.pick([9000, 9001, 8081]), 'TCP'), hosts },
  ]);
}

function streamService(random: Random, index: number, gateways: readonly string[]): KubeObject {
  const hosts = [...new Set(random.some(3, () => random.pick(names)))];
  const match = (): object => ({
    ...(random.chance(0.3) ? { port: random.pick([9443, 9444, 9000, 9001]) } : {}),
    ...(random.chance(0.2) ? { gateways: [random.pick(gateways)] } : {}),
    ...(random.chance(0.2) ? { sourceLabels: { app: 'other' } } : {}),
  });
  const sniHosts = (): string[] => [...new Set(random.some(2, () => serverName(random, random.pick(hosts))))];
  return istio('VirtualService', namespaces[index % 2] as string, `stream-${index}`, {
    hosts,
    gateways: [...new Set(random.some(2, () => random.pick(gateways)))],
    ...(random.chance(0.2) ? { exportTo: random.pick([['*'], ['.'], ['istio-system']]) } : {}),
    ...(random.chance(0.8)
      ? {
          tls: random.some(3, () => ({
            match: random.some(2, () => ({ ...match(), sniHosts: sniHosts() })),
            route: sharesOf(random),
          })),
        }
      : {}),
    ...(random.chance(0.7)
      ? {
          tcp: random.some(2, () => ({
            ...(random.chance(0.5) ? { match: random.some(2, match) } : {}),
            route: sharesOf(random),
          })),
        }
      : {}),
  });
}

/** A part of what the host stands for: others are not valid. */
function serverName(random: Random, host: string): string {
  const parts = names.filter((name) => name !== '*' && (host === '*' || name.endsWith(host.replace(/^\*/, ''))));
  return random.pick(parts);
}

function sharesOf(random: Random): object[] {
  const to = (): object => {
    const { host, port, subset } = random.pick(destinations);
    return { host, ...(random.chance(0.7) ? { port: { number: port } } : {}), ...(subset ? { subset } : {}) };
  };
  return random.pick([
    () => [{ destination: to() }],
    () => [
      { destination: to(), weight: 30 },
      { destination: to(), weight: 70 },
    ],
    () => [
      { destination: to(), weight: 100 },
      { destination: to(), weight: 0 },
    ],
  ])();
}
