// Port-forward over a WebSocket, subprotocol v4.channel.k8s.io: one WebSocket is one TCP connection in the pod's
// network namespace. Every message is one byte of channel and data: 0 is the connection, 1 what the node says about it.
// The first two bytes of each channel are the port. Source:
// kubernetes/staging/src/k8s.io/cri-streaming/pkg/streaming/portforward/websocket.go.

import { Duplex } from 'node:stream';
import type WebSocket from 'ws';
import type { Connection } from '#cluster/access/connection.ts';
import { podPath } from '#cluster/access/resource-path.ts';
import { ToolError } from '#core/error.ts';
import type { PodRef } from '#core/fleet.ts';
import { limits } from '#core/limits.ts';
import type { Dial } from '#core/stream.ts';
import { openWebSocket } from './web-socket.ts';

const dataChannel = 0;
const errorChannel = 1;
const portBytes = 2;

export function portForwarder(connection: Connection): Dial {
  return async (pod, port, signal) => {
    const attempted = `reach ${pod.namespace}/${pod.name}:${port}`;
    const socket = await openWebSocket(
      connection,
      {
        path: `${podPath(pod)}/portforward`,
        query: new URLSearchParams({ ports: String(port) }),
        protocols: ['v4.channel.k8s.io'],
        attempted,
        // WebSocket upgrades need `get`, and `create` too from Kubernetes 1.35 on.
        rule: { apiGroups: [''], resources: ['pods/portforward'], verbs: ['get', 'create'], namespace: pod.namespace },
      },
      signal,
    );
    return new PortForwardStream(socket, pod, port);
  };
}

/**
 * One TCP connection of a pod. The end of the readable side says only that the node closed: whether an answer was whole
 * is for the protocol inside to decide. The writable side has no end of its own: closing it would drop the answer.
 */
export class PortForwardStream extends Duplex {
  readonly #socket: WebSocket;
  readonly #target: string;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #portBytesLeft = [portBytes, portBytes];
  #nodeSays = '';
  #wordBytes = 0;
  #isAnswered = true;

  constructor(socket: WebSocket, pod: PodRef, port: number) {
    super({
      readableHighWaterMark: limits.streamBufferBytes,
      writableHighWaterMark: limits.streamBufferBytes,
      allowHalfOpen: true,
    });
    this.#socket = socket;
    this.#target = `${pod.namespace}/${pod.name}:${port}`;
    socket.removeAllListeners('error');
    socket.on('error', (error) => this.destroy(this.#broken(error.message, error)));
    socket.on('message', (data: Buffer) => this.#receive(data));
    socket.on('pong', () => {
      this.#isAnswered = true;
    });
    socket.on('close', (code) => this.#closed(code));
    this.#heartbeat = setInterval(() => this.#beat(), limits.heartbeatMs);
    this.#heartbeat.unref();
    socket.resume();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const piece = chunk.subarray(0, limits.streamWriteBytes);
    const rest = chunk.subarray(piece.length);
    this.#socket.send(Buffer.concat([Buffer.of(dataChannel), piece]), (error) => {
      if (error || rest.length === 0) done(error && this.#notSent(error));
      else this._write(rest, _encoding, done);
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearInterval(this.#heartbeat);
    // Not close(): that waits up to 30 s for the peer's answer.
    this.#socket.terminate();
    done(error);
  }

  /** A node may close before it is asked for anything: why, it has said then. */
  #notSent(error: Error): ToolError {
    if (this.#nodeSays !== '') return this.#refused();
    const isOpen = this.#socket.readyState === this.#socket.OPEN;
    return this.#broken(isOpen ? error.message : 'the node closed it', error);
  }

  #receive(data: Buffer): void {
    this.#isAnswered = true;
    const channel = data[0];
    if (channel !== dataChannel) this.#countWords(data.length);
    if (channel !== dataChannel && channel !== errorChannel) return;
    const skipped = Math.min(this.#portBytesLeft[channel] as number, data.length - 1);
    this.#portBytesLeft[channel] = (this.#portBytesLeft[channel] as number) - skipped;
    const payload = data.subarray(1 + skipped);
    if (payload.length === 0 || this.destroyed) return;
    if (channel === errorChannel) this.#nodeSays += payload.toString('utf8');
    else if (!this.push(payload)) this.#socket.pause();
  }

  /** Counts the bytes of the error channel: a node writes one line there, once. */
  #countWords(bytes: number): void {
    this.#wordBytes += bytes;
    if (this.#wordBytes > limits.errorBytes) this.destroy(this.#broken('the node sends an error that does not end'));
  }

  #closed(code: number): void {
    if (this.destroyed) return; // nobody asks why
    if (this.#nodeSays !== '') this.destroy(this.#refused());
    else if (code === 1006) this.destroy(this.#broken('the API server ended the stream and gave no reason'));
    else this.push(null);
  }

  /** The node's text names sandboxes and paths of its own: only the reason of the operating system is kept. */
  #refused(): ToolError {
    if (this.#nodeSays.includes('connection refused')) {
      return new ToolError('refused', `cannot reach ${this.#target}: nothing listens on that port`);
    }
    const reason =
      /connection reset by peer|broken pipe|i\/o timeout|no such file or directory|network is unreachable/.exec(
        this.#nodeSays,
      )?.[0];
    return this.#broken(reason ?? firstWords(this.#nodeSays));
  }

  #broken(why: string, cause?: unknown): ToolError {
    return new ToolError('broken', `lost the connection to ${this.#target}: ${why}`, { cause });
  }

  /** Pongs are not seen while the reader makes the peer wait, so silence means nothing then. */
  #beat(): void {
    if (this.#socket.isPaused) return;
    if (!this.#isAnswered) {
      this.destroy(this.#broken('the API server does not answer any more'));
      return;
    }
    this.#isAnswered = false;
    this.#socket.ping();
  }

  // What http.Agent expects of a net.Socket; deadlines are the caller's.
  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

/** The node's unknown error, without the sandbox id at its beginning. */
const firstWords = (text: string): string =>
  text
    .replace(/^error forwarding port \d+ to pod \S+, uid :\s*/, '')
    .trim()
    .slice(0, 120);
