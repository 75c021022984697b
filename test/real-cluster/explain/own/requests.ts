// Requests to an Envoy of its own: to each of its addresses, over HTTP/1, HTTP/2 and HTTP/3, with headers that the gateway
// treats in a way of its own.

import { forHttp2, type GeneratedRequest } from '../exchange.ts';
import type { Random } from '../random.ts';
import { oddPath, queryOf } from '../targets.ts';
import { headers, methods, paths, values } from '../words.ts';
import type { Ports } from './bootstrap.ts';
import { brokenClusters, clusters, hosts, origins, treatedHeaders, treatedValues } from './words.ts';

export interface OwnRequest extends GeneratedRequest {
  /** Where the connection goes. */
  readonly address: string;
}

const addresses = ['127.0.0.1', '127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4', '::1'] as const;

const serverNames = [
  'a.test',
  'A.test',
  'x.w.test',
  'y.w.test',
  'y.z.w.test',
  'mutual.test',
  'optional.test',
  'h1.test',
  'a.test.',
];

export const ownRequest = (random: Random, ports: Ports): OwnRequest =>
  random.chance(0.2) ? quicRequest(random, ports) : tcpRequest(random, ports);

/** Its headers are sent as they are: those that HTTP/3 has no place for end the connection. */
function quicRequest(random: Random, ports: Ports): OwnRequest {
  const port = random.chance(0.2) ? ports.plain : ports.tls;
  const address = random.pick(['127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.2', '127.0.0.3']);
  return {
    scheme: 'https',
    port,
    host: address,
    address,
    sni: random.maybe(0.95, () =>
      random.pick(random.chance(0.9) ? serverNames : ['none.test', 'pass.test', 'tls.test']),
    ),
    protocol: 'h3',
    authority: authorityOf(random, port),
    method: random.pick(methods),
    path: pathOf(random) + queryOf(random),
    headers: headersOf(random),
    hasCertificate: random.chance(0.5),
  };
}

function tcpRequest(random: Random, ports: Ports): OwnRequest {
  const isTls = random.chance(0.4);
  const address = isTls ? '127.0.0.1' : random.pick(addresses);
  const sni = isTls
    ? random.maybe(0.9, () => random.pick(random.chance(0.9) ? serverNames : ['none.test', 'pass.test']))
    : undefined;
  const takesHttp2 = isTls && sni !== 'pass.test' && sni !== 'h1.test';
  const protocol = takesHttp2 && random.chance(0.5) ? 'h2' : 'http/1.1';
  return {
    scheme: isTls ? 'https' : 'http',
    port: isTls ? ports.tls : ports.plain,
    host: address.includes(':') ? `[${address}]` : address,
    address,
    sni,
    protocol,
    authority: authorityOf(random, isTls ? ports.tls : ports.plain),
    method: random.pick(methods),
    path: pathOf(random) + queryOf(random),
    headers: protocol === 'h2' ? forHttp2(headersOf(random)) : headersOf(random),
    hasCertificate: random.chance(0.5),
  };
}

function authorityOf(random: Random, port: number): string {
  const host = random.pick(hosts);
  const kind = random.below(12);
  if (kind < 8 || host.startsWith('[')) return host;
  return random.pick([
    host.toUpperCase(),
    `${host}.`,
    `${host}.:${port}`,
    `${host}:${port}`,
    `${host}:1234`,
    `${host}:`,
  ]);
}

const pathOf = (random: Random): string =>
  random.chance(0.75)
    ? random.pick(paths) + random.pick(['', '', '', '/', '/x', 'x', ';p=1', ';p=1/x', '/1', '.json'])
    : random.pick(paths) + oddPath(random);

function headersOf(random: Random): [string, string][] {
  const many = random.below(4);
  const all = Array.from({ length: many }, () => [random.pick(headers), random.pick(values)] as [string, string]);
  return [
    ...all,
    ...(random.chance(0.35) ? random.some(2, () => treated(random)) : []),
    ...(random.chance(0.5)
      ? [['x-cluster', random.pick([...clusters, ...brokenClusters, ''])] as [string, string]]
      : []),
    ...(random.chance(0.15)
      ? [
          [
            'content-type',
            random.pick(['application/grpc', 'application/grpc+proto', 'application/grpc-web', 'text/plain']),
          ] as [string, string],
        ]
      : []),
    ...(random.chance(0.15)
      ? ([
          ['cookie', 'a=1'],
          ['cookie', 'b=2'],
        ].slice(random.below(2)) as [string, string][])
      : []),
    ...(random.chance(0.25) ? preflightHeaders(random) : []),
    ...(random.chance(0.25) ? faultHeaders(random) : []),
  ];
}

export function treated(random: Random): [string, string] {
  const name = random.pick(treatedHeaders);
  return [name, random.pick(treatedValues[name] ?? [''])];
}

export const preflightHeaders = (random: Random): [string, string][] => [
  ['origin', random.pick(origins)],
  ...(random.chance(0.8) ? [['access-control-request-method', random.pick(['GET', ''])] as [string, string]] : []),
];

export const faultHeaders = (random: Random): [string, string][] =>
  random.some(2, () =>
    random.pick([
      ['x-envoy-fault-abort-request', random.pick(['418', '503', '99', '600', 'x'])],
      ['x-envoy-fault-abort-grpc-request', random.pick(['0', '14', 'x'])],
      ['x-envoy-fault-abort-request-percentage', random.pick(['0', '30', '100', '200', 'x'])],
      ['x-envoy-fault-delay-request', random.pick(['1', 'x'])],
      ['x-envoy-downstream-service-node', random.pick(['node-1', 'node-2'])],
    ] as [string, string][]),
  );
