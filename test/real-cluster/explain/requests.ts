// Requests near the rules: to every host, well-formed and odd, with what rules ask for and without.

import { forHttp2, type GeneratedRequest } from './exchange.ts';
import { drawnRoutes, oddities } from './odd-routes.ts';
import { faultHeaders, preflightHeaders, treated } from './own/requests.ts';
import type { Random } from './random.ts';
import { oddPath, queryOf } from './targets.ts';
import { headers, methods, paths, values } from './words.ts';

const named = (...names: readonly string[]): string[] => names.map((name) => `${name}.explain.test`);

/** Where a connection is served, by scheme and port; and what is not. */
const places = [
  {
    scheme: 'https',
    port: 443,
    hosts: named('a', 'a', 'a', 'b', 'b', 'x.w', 'x.w', 'y.w', 'z.z.w', 'c', 'c', 'lost', 'nosecret', 'unknown', 'w'),
  },
  { scheme: 'https', port: 8444, hosts: named('a', 'm', 'm', 'o', 'b') },
  { scheme: 'http', port: 80, hosts: named('a', 'b', 'x.w', 'y.w', 'c', 'd', 'e', 'z.z.w', 'unknown', 'f.g') },
  { scheme: 'https', port: 8445, hosts: named('p', 's.q', 'r.q', 't.s.q', 'a') },
] as const;

export function requestOf(random: Random): GeneratedRequest {
  const place = places[[0, 0, 0, 0, 1, 2, 2, 3][random.below(random.chance(0.2) ? 8 : 7)] ?? 0] ?? places[0];
  const host = random.pick(place.hosts);
  const isTls = place.scheme === 'https';
  const protocol = isTls && place.port !== 8445 && random.chance(0.3) ? 'h2' : 'http/1.1';
  const isOther = protocol === 'http/1.1' && random.chance(0.01);
  const headers = [...headersOf(random), ...(host.startsWith('c.') && random.chance(0.6) ? oddHeaders(random) : [])];
  return {
    scheme: isOther ? (isTls ? 'http' : 'https') : place.scheme,
    port: place.port,
    host: random.chance(0.05) ? host.toUpperCase() : host,
    sni: isTls ? random.maybe(0.1, () => random.pick(place.hosts)) : undefined,
    authority: random.maybe(0.15, () => oddAuthority(random, host, place.port)),
    method: random.pick(methods),
    path: pathOf(random) + queryOf(random),
    headers: protocol === 'h2' ? forHttp2(headers) : headers,
    hasCertificate: random.chance(0.5),
    protocol,
  };
}

const oddAuthority = (random: Random, host: string, port: number): string =>
  random.pick([
    host.toUpperCase(),
    `${host}:${port}`,
    `${host}:1234`,
    `${host}.`,
    'b.explain.test',
    'unknown.explain.test',
    'other.test',
    'x.w.explain.test',
    '.w.explain.test',
  ]);

function pathOf(random: Random): string {
  const path = random.pick(paths);
  const kind = random.below(10);
  if (kind < 5) return path;
  if (kind < 7) return path + random.pick(['/', '/x', 'x', '/1', '.json', '/v1/x']);
  if (kind < 8) return random.chance(0.5) ? path.toUpperCase() : path.toLowerCase();
  return path + oddPath(random);
}

function oddHeaders(random: Random): [string, string][] {
  const clusters = [
    'outbound|80||two.explain-a.svc.cluster.local',
    'outbound|80||empty.explain-a.svc.cluster.local',
    'none',
  ];
  return [
    ['x-odd', random.chance(0.4) ? random.pick(oddities) : `drawn-${random.below(drawnRoutes)}`],
    ...(random.chance(0.7) ? [['x-cluster', random.pick(clusters)] as [string, string]] : []),
    ...(random.chance(0.5)
      ? [
          [
            'content-type',
            random.pick(['application/grpc', 'application/grpc+proto', 'application/grpc-web', 'text/plain']),
          ] as [string, string],
        ]
      : []),
  ];
}

function headersOf(random: Random): [string, string][] {
  if (random.chance(0.3)) return [];
  const more = [
    ...(random.chance(0.2) ? random.some(2, () => treated(random)) : []),
    ...(random.chance(0.1) ? faultHeaders(random) : []),
    ...(random.chance(0.1) ? preflightHeaders(random) : []),
  ];
  const own = random.some(3, (): [string, string] => [random.pick(headers), random.pick(values)]);
  if (random.chance(0.1))
    return [
      ...own,
      ['origin', random.pick(['https://a.explain.test', 'http://else.test'])],
      ['access-control-request-method', 'GET'],
    ];
  return [...own, ...more];
}
