// The node's side of `v4.channel.k8s.io` for port-forward, as kubelet 1.37 with containerd 2.4 does it. One data and
// one error channel per port, each opened by the port's number (2 bytes, little-endian); TCP is dialled at once; there
// is no half-close. Source: kubernetes cri-streaming/pkg/streaming/portforward/websocket.go, containerd
// sandbox_portforward_linux.go.

import { setTimeout as pause } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { PodRef } from '#core/fleet.ts';
import type { Faults } from './fault.ts';
import type { PodConnection, PodDoor } from './pod-http.ts';

export interface Tunnel {
  readonly pod: PodDoor;
  readonly ports: readonly number[];
  readonly faults: Faults;
  /** How long after one direction ended containerd waits for the other. */
  readonly closeDelayMs: number;
}

/** What io.Copy reads at once. */
const chunkBytes = 32 * 1024;

const preamble = (channel: number, port: number): Buffer => Buffer.of(channel, port & 0xff, port >> 8);

/** What the node says on the error channel of a port that nothing listens on. */
export const connectionRefused = (pod: PodRef, port: number): string =>
  `error forwarding port ${port} to pod ${sandboxId(pod)}, uid : failed to execute portforward in network namespace "/var/run/netns/cni-demo": failed to connect to localhost:${port} inside namespace "${sandboxId(pod)}", IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused IPv6 dial tcp6: address localhost: no suitable address found `;

const resetText = (pod: PodRef, port: number): string =>
  `error forwarding port ${port} to pod ${sandboxId(pod)}, uid : failed to execute portforward in network namespace "/var/run/netns/cni-demo": read tcp4 127.0.0.1:41234->127.0.0.1:${port}: read: connection reset by peer`;

const sandboxId = (pod: PodRef): string => Buffer.from(pod.name).toString('hex').padEnd(64, '0').slice(0, 64);

/** Connects every port at once; closes the socket (1000) when all of them are done. */
export function servePortForward(socket: WebSocket, tunnel: Tunnel): void {
  let open = tunnel.ports.length;
  const onEnd = (): void => {
    // Only when every port is done does the WebSocket end, even where one was refused.
    open -= 1;
    if (open === 0) socket.close(1000);
  };
  const inputs = tunnel.ports.map((port, index) => forward(socket, tunnel, port, index * 2, onEnd));
  socket.on('message', (message: Buffer) => {
    const input = inputs[(message[0] as number) / 2];
    if (!input || input.stream.destroyed || input.stream.writableEnded) return;
    if (!input.stream.write(message.subarray(1))) {
      socket.pause();
      input.stream.once('drain', () => socket.resume());
    }
  });
}

function forward(
  socket: WebSocket,
  tunnel: Tunnel,
  port: number,
  channel: number,
  onEnd: () => void,
): PodConnection | undefined {
  const { pod, faults } = tunnel;
  const fault = faults.take('connection', { on: 'portforward', pod: pod.name, port });
  const connection = fault?.does === 'refuse' ? undefined : pod.connect(port);
  socket.send(preamble(channel, port));
  socket.send(preamble(channel + 1, port));
  const fail = (text: string): void => {
    socket.send(Buffer.concat([Buffer.of(channel + 1), Buffer.from(text)]));
    onEnd();
  };
  if (!connection) {
    fail(pod.whyNot(port));
    return undefined;
  }
  socket.on('close', () => setTimeout(() => connection.stream.destroy(), tunnel.closeDelayMs).unref());
  if (fault?.does === 'stall') return connection;
  if (fault?.does === 'drop') socket.terminate();
  else if (fault?.does === 'close') setTimeout(onEnd, tunnel.closeDelayMs);
  else if (fault?.does === 'reset') setTimeout(() => fail(resetText(pod, port)), tunnel.closeDelayMs);
  else {
    const send = (bytes: Buffer): Promise<void> =>
      new Promise((resolve) => socket.send(Buffer.concat([Buffer.of(channel), bytes]), () => resolve()));
    void carry(connection, send).then(async (ending) => {
      if (ending === 'stall') return;
      if (ending === 'drop') return socket.terminate();
      await pause(tunnel.closeDelayMs);
      if (ending === 'reset') fail(resetText(pod, port));
      else onEnd();
    }, ignoreClientGone);
  }
  return connection;
}

/** The pod's connection is destroyed, in mid-answer or idle, once its client has gone: no event for a node. */
export function ignoreClientGone(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
}

type Ending = 'close' | 'stall' | 'reset' | 'drop';

/** From the pod to the client until the pod ends, or until the fault of the answer under way says so. */
async function carry(connection: PodConnection, send: (bytes: Buffer) => Promise<void>): Promise<Ending> {
  let left: number | undefined;
  for await (const chunk of connection.stream as AsyncIterable<Buffer>) {
    const fault = connection.spoiled;
    const isCut = fault !== undefined && fault.does !== 'drip';
    if (isCut) left ??= fault.afterBytes === undefined ? 0 : headLength(chunk) + fault.afterBytes;
    const bytes = left === undefined ? chunk : chunk.subarray(0, left);
    await sendInPieces(connection, bytes, send);
    if (left !== undefined) left -= bytes.length;
    if (isCut && left === 0) return fault.does;
  }
  return 'close';
}

async function sendInPieces(
  { stream, spoiled }: PodConnection,
  bytes: Buffer,
  send: (bytes: Buffer) => Promise<void>,
): Promise<void> {
  const drip = spoiled?.does === 'drip' ? spoiled : undefined;
  const step = drip?.bytes ?? chunkBytes;
  for (let at = 0; at < bytes.length && !stream.destroyed; at += step) {
    await send(bytes.subarray(at, at + step));
    if (drip) await pause(drip.everyMs);
  }
}

/** Node writes the head of an answer in one piece. */
const headLength = (chunk: Buffer): number => chunk.indexOf('\r\n\r\n') + 4;
