// Why istiod makes nothing of a VirtualService although Gateways take its hosts: its routes are for others, or of another
// kind than the servers want. Source: istio pilot/pkg/networking/core/gateway.go, route/route.go sourceMatchHTTP.

import type { KubeObject } from '#core/kube-object.ts';
import { andList } from '#core/phrase.ts';
import { describeObject } from '#model/resource.ts';
import { type GatewayServer, isForServices, isHttp, mergeGateways, passesThrough } from './gateway-merge.ts';
import { hostsForNamespace, hostsMeet } from './host-names.ts';
import { type HttpMatch, type L4Match, specOf } from './virtual-service.ts';
import { gatewayKey, keyOf, refOf } from './virtual-service-binding.ts';
import type { Unreached } from './virtual-service-reach.ts';

const everyKind = ['http', 'tls', 'tcp'] as const;
type Kind = (typeof everyKind)[number];
type Match = L4Match & Pick<HttpMatch, 'sourceLabels'>;

/** `own`: Gateways that it names, of pods with these labels. None where istiod may make a route of it. */
export function whyNoRoute(
  virtualService: KubeObject,
  own: readonly KubeObject[],
  labels: Readonly<Record<string, string>>,
): Unreached[] {
  const servers = serversFor(virtualService, own, labels);
  if (servers.some(isForServices)) return [];
  const kinds = servers.length === 0 ? everyKind : [...new Set(servers.map(kindOf))];
  const spec = specOf(virtualService);
  const routes = kinds.flatMap((kind): readonly { readonly match?: readonly Match[] }[] => spec[kind] ?? []);
  if (routes.length === 0) return otherKind(virtualService, servers, kinds);
  const matches = routes.map(({ match = [] }) => match);
  if (matches.some((some) => some.length === 0)) return [];
  return whyNoMatch(matches.flat(), virtualService, { own, servers, labels });
}

function serversFor(
  virtualService: KubeObject,
  own: readonly KubeObject[],
  labels: Readonly<Record<string, string>>,
): GatewayServer[] {
  const { kept, lost } = mergeGateways(own, labels, (port) => port);
  const namespace = virtualService.metadata.namespace ?? '';
  const { hosts = [] } = specOf(virtualService);
  return [...kept, ...lost.map(({ server }) => server)].filter((server) =>
    hostsForNamespace(server.hosts, namespace).some((open) => hosts.some((host) => hostsMeet(open, host))),
  );
}

/** Of the routes that a server takes. */
function kindOf({ protocol, tls }: GatewayServer): Kind {
  if (isHttp(protocol) || (protocol === 'HTTPS' && !passesThrough(tls))) return 'http';
  return tls && passesThrough(tls) ? 'tls' : 'tcp';
}

/** One without any routes istiod's webhook refuses, where it is asked. */
function otherKind(virtualService: KubeObject, servers: readonly GatewayServer[], kinds: readonly Kind[]): Unreached[] {
  const spec = specOf(virtualService);
  const there = everyKind.filter((kind) => (spec[kind] ?? []).length > 0);
  if (there.length === 0) return [{ text: 'it has no routes at all', objects: [] }];
  const [server] = servers;
  if (!server) return [];
  const { gateway, port, protocol, tls } = server;
  const mode = tls?.mode === undefined ? '' : ` ${tls.mode}`;
  const has = `it has ${andList(there)} routes alone, and what takes its hosts wants ${andList(kinds)} routes`;
  return [{ text: `${has}: ${describeObject(gateway)} has ${protocol}${mode} on port ${port}`, objects: [gateway] }];
}

interface Place {
  readonly own: readonly KubeObject[];
  readonly servers: readonly GatewayServer[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Each match may fail by its Gateways, its port, or the labels of pods that it is for. */
function whyNoMatch(matches: readonly Match[], virtualService: KubeObject, place: Place): Unreached[] {
  const failures = matches.map((match) => whyNotFor(match, virtualService, place));
  if (failures.includes(undefined)) return [];
  const texts = [...new Set(failures.flat())].sort();
  const names = andList(place.own.map((one) => keyOf(refOf('Gateway', one))));
  return [{ text: `it is bound to Gateway ${names}, and all of its matches are for ${texts.join(', ')}`, objects: [] }];
}

function whyNotFor(
  { gateways = [], port, sourceLabels = {} }: Match,
  { metadata: { namespace = '' } }: KubeObject,
  { own, servers, labels }: Place,
): string[] | undefined {
  const bound = own.map((one) => keyOf(refOf('Gateway', one)));
  const others = gateways.map((name) => gatewayKey(name, namespace));
  if (others.length > 0 && !others.some((name) => bound.includes(name))) return others;
  // Where none takes a host, that is the reason.
  if (port && servers.length > 0 && !servers.some((server) => server.port === port)) return [`port ${port}`];
  const foreign = Object.entries(sourceLabels).find(([key, value]) => labels[key] !== value);
  return gateways.length === 0 && foreign ? [`pods with ${foreign.join('=')}`] : undefined;
}
