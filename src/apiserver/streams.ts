// Upgrades of the API server: port-forward and exec of a pod over WebSockets, and port-forward over SPDY for kubectl.
// What is refused, by whom (a Status is the API server's word, text the kubelet's) and in which order is measured:
// kubelet 1.37, containerd 2.4.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { KubeObject } from '#core/kube-object.ts';
import type { ApiPath } from './api-path.ts';
import type { ServedCluster } from './cluster.ts';
import { serveExec } from './exec.ts';
import type { Faults } from './fault.ts';
import type { PodDoor } from './pod-http.ts';
import { podParts } from './pod-parts.ts';
import { servePortForward } from './port-forward.ts';
import { podType } from './resource-type.ts';
import { serveSpdyPortForward } from './spdy-port-forward.ts';
import { type ApiAnswer, badRequest, notFound, textAnswer, unknownResource } from './status.ts';

export interface Streams {
  /** Serves the stream, or says why not. */
  upgrade(upgrade: Upgrade): Promise<ApiAnswer | undefined>;
  /** WebSockets that were open at the same time, at the most. */
  mostOpen(): number;
  /** Drops every stream without a close frame. */
  close(): void;
}

export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly path: ApiPath | undefined;
  readonly query: URLSearchParams;
}

/** In the order of the server's preference, by subresource. */
const protocols: Readonly<Record<string, readonly string[]>> = {
  portforward: ['v4.channel.k8s.io'],
  exec: ['v5.channel.k8s.io', 'v4.channel.k8s.io'],
};

/** `closeDelayMs`: how long after the end of a pod's connection its stream is closed. */
export function podStreams(
  cluster: ServedCluster,
  doorOf: (pod: KubeObject) => PodDoor,
  faults: Faults,
  closeDelayMs: number,
): Streams {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered, request) => protocolOf(request, offered) ?? false,
  });
  const serve = (socket: WebSocket, pod: PodDoor, subresource: string, query: URLSearchParams): void => {
    // A client that breaks the protocol or goes away is no event here.
    socket.on('error', () => {});
    if (subresource === 'exec')
      void serveExec(socket, { pod, command: query.getAll('command'), faults, noCommand: cluster.words?.noCommand });
    else servePortForward(socket, { pod, ports: query.getAll('ports').map(Number), faults, closeDelayMs });
  };
  /** Undefined where the stream has begun. */
  const begin = (
    { request, socket, head, query }: Upgrade,
    pod: PodDoor,
    subresource: string,
  ): ApiAnswer | undefined => {
    if (subresource === 'portforward' && request.headers.upgrade?.toLowerCase() === 'spdy/3.1') {
      socket.unshift(head);
      void serveSpdyPortForward(socket, { pod, closeDelayMs });
      return undefined;
    }
    if (subresource === 'portforward' && !query.has('ports'))
      return textAnswer(400, 'query parameter "port" is required');
    if (!protocolOf(request, offeredBy(request))) return { status: 403, headers: {}, body: '' };
    sockets.handleUpgrade(request, socket, head, (open) => serve(open, pod, subresource, query));
    most = Math.max(most, sockets.clients.size);
    return undefined;
  };
  let most = 0;
  return {
    mostOpen: () => most,
    upgrade: async (upgrade) => {
      const { resource, namespace = '', name = '', subresource = '' } = upgrade.path ?? {};
      if (resource !== 'pods' || !Object.hasOwn(protocols, subresource)) return unknownResource;
      const pod = await cluster.read(podType, namespace, name);
      if (!pod) return notFound(podType, name);
      return refusal(pod, subresource, upgrade.query) ?? begin(upgrade, doorOf(pod), subresource);
    },
    close: () => {
      for (const socket of sockets.clients) socket.terminate();
    },
  };
}

function offeredBy(request: IncomingMessage): Set<string> {
  const header = request.headers['sec-websocket-protocol'] ?? '';
  return new Set(header.split(',').map((name) => name.trim()));
}

function protocolOf(request: IncomingMessage, offered: ReadonlySet<string>): string | undefined {
  const subresource = /\/(portforward|exec)(\?|$)/.exec(request.url ?? '')?.[1] ?? '';
  return protocols[subresource]?.find((name) => offered.has(name));
}

/** Why a stream of the pod cannot be had, before any protocol is spoken. */
export function refusal(pod: KubeObject, subresource: string, query: URLSearchParams): ApiAnswer | undefined {
  const { name, namespace } = pod.metadata;
  const { containers, nodeName, status } = podParts(pod);
  const container = query.get('container') ?? containers[0]?.name ?? '';
  const isExec = subresource === 'exec';
  if (isExec && !containers.some((c) => c.name === container))
    return badRequest(`container ${container} is not valid for pod ${name}`);
  const ports = query.getAll('ports');
  const bad = ports.find((port) => !/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65535);
  if (bad !== undefined) return badRequest(`port ${JSON.stringify(bad)} must be between 1 and 65535, inclusive`);
  if (nodeName === undefined) return badRequest(`pod ${name} does not have a host assigned`);
  if (status.phase === 'Running') return undefined;
  return textAnswer(500, isExec ? `container not found ("${container}")` : `pod not found ("${name}_${namespace}")`);
}
