// Which Gateway gets a host on a port, as istiod decides it. Servers of all Gateways that select the pods are gone
// through from the oldest Gateway on; a server that does not go with what is there already is left out with all its
// hosts. Source: istio pilot/pkg/model/gateway.go mergeGateways, CheckDuplicates, sanitizeServerHostNamespace.

import { compareText } from '#core/compare.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { ObjectRef } from '#model/resource.ts';

export interface GatewayServer {
  readonly gateway: ObjectRef;
  /** RFC 3339. */
  readonly createdAt: string | undefined;
  /** The port of the Gateway, and that of the listener behind it. */
  readonly port: number;
  readonly listenerPort: number;
  readonly portName: string;
  /** `HTTPS`, `TLS`, `HTTP`, `GRPC`, `TCP`… */
  readonly protocol: string;
  readonly bind: string;
  /** Where a server has any, istiod compares its hosts with others'. So has a plain one that redirects to https. */
  readonly tls: ServerTls | undefined;
  /** It speaks TLS. */
  readonly isTls: boolean;
  /** As istiod compares them: without the namespace where that is any, with the Gateway's own in place of a dot. */
  readonly hosts: readonly string[];
}

export interface ServerTls {
  readonly mode?: string;
  readonly httpsRedirect?: boolean;
  readonly credentialName?: string;
  readonly credentialNames?: readonly string[];
  readonly serverCertificate?: string;
  readonly privateKey?: string;
  readonly caCertificates?: string;
  readonly tlsCertificates?: readonly { readonly serverCertificate?: string; readonly privateKey?: string }[];
}

export interface LostServer {
  readonly server: GatewayServer;
  readonly winner: GatewayServer;
  /** Hosts that the winners have; empty where the port itself does not go with theirs. */
  readonly duplicates: readonly { readonly host: string; readonly winner: GatewayServer }[];
}

export interface MergedGateways {
  readonly kept: readonly GatewayServer[];
  readonly lost: readonly LostServer[];
  /** Kept by istiod, which compares text, although clients name the same host: Envoy rejects the listener for that. */
  readonly clashes: readonly { readonly host: string; readonly servers: readonly GatewayServer[] }[];
}

interface Spec {
  readonly selector?: Readonly<Record<string, string>>;
  readonly servers?: readonly {
    readonly port?: { readonly number?: number; readonly name?: string; readonly protocol?: string };
    readonly bind?: string;
    readonly hosts?: readonly string[];
    readonly tls?: ServerTls;
  }[];
}

export const specOf = (object: KubeObject): Spec => (object['spec'] ?? {}) as Spec;

export const selects = (gateway: KubeObject, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(specOf(gateway).selector ?? {}).every(([key, value]) => labels[key] === value);

/** `labels`: those of the gateway's pods. */
export function mergeGateways(
  gateways: readonly KubeObject[],
  labels: Readonly<Record<string, string>>,
  listenerPortOf: (port: number) => number,
): MergedGateways {
  const servers = gateways
    .filter((gateway) => selects(gateway, labels))
    .toSorted(compareAge)
    .flatMap((gateway) => serversOf(gateway, listenerPortOf));
  return mergeServers(servers);
}

function mergeServers(servers: readonly GatewayServer[]): MergedGateways {
  const kept: GatewayServer[] = [];
  const lost: LostServer[] = [];
  const owners = new Map<string, GatewayServer>();
  for (const server of servers) {
    const duplicates = server.tls ? duplicatesOf(server, owners) : [];
    // Even a server that does not fit its port claims its hosts.
    if (server.tls && duplicates.length === 0)
      for (const host of server.hosts) owners.set(ownerKey(server, host), server);
    const there = kept.filter(({ listenerPort }) => listenerPort === server.listenerPort);
    const winner = duplicates[0]?.winner ?? (goesWith(server, there) ? undefined : there[0]);
    if (winner) lost.push({ server, winner, duplicates });
    else kept.push(server);
  }
  return { kept, lost, clashes: clashesOf(kept) };
}

const ownerKey = ({ listenerPort }: GatewayServer, host: string): string => `${listenerPort} ${host}`;

/** Oldest first. Creation times are whole seconds; ties go by name, then namespace. Source: configCompareByCreationTime. */
export function compareAge(a: KubeObject, b: KubeObject): number {
  const [one, other] = [a.metadata, b.metadata];
  return (
    compareText(one.creationTimestamp ?? '', other.creationTimestamp ?? '') ||
    compareText(one.name, other.name) ||
    compareText(one.namespace ?? '', other.namespace ?? '')
  );
}

function serversOf(gateway: KubeObject, listenerPortOf: (port: number) => number): GatewayServer[] {
  const namespace = gateway.metadata.namespace ?? '';
  return (specOf(gateway).servers ?? []).map(({ port = {}, bind = '', hosts = [], tls }) => {
    const protocol = port.protocol?.toUpperCase() ?? '';
    return {
      gateway: { kind: 'Gateway', namespace, name: gateway.metadata.name },
      createdAt: gateway.metadata.creationTimestamp,
      port: port.number ?? 0,
      listenerPort: listenerPortOf(port.number ?? 0),
      portName: port.name ?? '',
      protocol,
      bind,
      tls,
      isTls: tls !== undefined && !isHttp(protocol),
      hosts: sanitizedHosts(hosts, namespace),
    };
  });
}

/** As istiod compares hosts. A star for every namespace and every name leaves no other. */
export const sanitizedHosts = (hosts: readonly string[], namespace: string): string[] =>
  hosts.includes('*/*') ? ['*'] : hosts.map((host) => sanitized(host, namespace));

const sanitized = (host: string, namespace: string): string =>
  host.startsWith('./') ? namespace + host.slice(1) : host.replace(/^\*\//, '');

const duplicatesOf = (server: GatewayServer, owners: ReadonlyMap<string, GatewayServer>): LostServer['duplicates'] =>
  server.hosts.flatMap((host) => {
    const winner = owners.get(ownerKey(server, host));
    return winner && winner.bind === server.bind ? [{ host, winner }] : [];
  });

/** Plain HTTP beside plain HTTP, TLS beside TLS; a plain TCP port is its first server's alone. */
function goesWith(server: GatewayServer, there: readonly GatewayServer[]): boolean {
  const [first] = there;
  if (!first) return true;
  if (!first.isTls) return first.bind !== server.bind || (isHttp(first.protocol) && isHttp(server.protocol));
  return server.tls !== undefined || !there.slice(1).some(({ bind }) => bind === server.bind);
}

/** Without a mode, too. */
export const passesThrough = (tls: ServerTls | undefined): boolean =>
  ['PASSTHROUGH', 'AUTO_PASSTHROUGH'].includes(tls?.mode ?? 'PASSTHROUGH');

/**
 * Its hosts are of Services: clients give names of clusters as server names. Source: istio
 * pilot/pkg/networking/core/gateway.go builtAutoPassthroughFilterChains.
 */
export const isForServices = ({ tls }: { readonly tls?: ServerTls | undefined }): boolean =>
  tls?.mode === 'AUTO_PASSTHROUGH';

export const isHttp = (protocol: string): boolean =>
  ['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB', 'HTTP_PROXY'].includes(protocol);

/** The part that clients name. */
export const plainHost = (host: string): string => host.slice(host.indexOf('/') + 1).toLowerCase();

function clashesOf(kept: readonly GatewayServer[]): MergedGateways['clashes'] {
  const pairs = kept
    // What is passed through has the filter chains of its VirtualServices.
    .filter(({ isTls, tls }) => isTls && !passesThrough(tls))
    .flatMap((server) =>
      server.hosts.map((host) => ({ server, host, key: `${server.bind} ${ownerKey(server, plainHost(host))}` })),
    );
  return [...Map.groupBy(pairs, ({ key }) => key).values()].flatMap((group) => {
    const [first] = group;
    const isClash = first !== undefined && new Set(group.map(({ host }) => host)).size > 1;
    return isClash ? [{ host: plainHost(first.host), servers: group.map(({ server }) => server) }] : [];
  });
}

/** Why istiod takes the winner. */
export function describeAge(winner: GatewayServer, loser: GatewayServer): string {
  const [first, then] = [winner.createdAt, loser.createdAt];
  if (first === undefined || then === undefined) return '';
  if (winner.gateway.name === loser.gateway.name && winner.gateway.namespace === loser.gateway.namespace)
    return 'it comes first in the same Gateway';
  if (first === then) return `created in the same second, ${first}, and first by name`;
  return `older: created ${first}, the other ${then}`;
}
