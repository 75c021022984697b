// The node's side of port-forward over SPDY/3.1, which is all that kubectl speaks: two streams per TCP connection, one
// for data and one for errors, with the port and a number of the pair in their headers. Faults of connections and
// answers are for the tool's own streams (port-forward.ts). Source: kubernetes
// cri-streaming/pkg/streaming/portforward/httpstream.go.

import type { Duplex } from 'node:stream';
import type { PodDoor } from './pod-http.ts';
import { ignoreClientGone } from './port-forward.ts';
import { controlFrame, dataFrame, type Frame, finFlag, frames, frameType, headerReader, synReplies } from './spdy.ts';

export interface SpdyTunnel {
  readonly pod: PodDoor;
  readonly closeDelayMs: number;
}

const switching =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: portforward.k8s.io\r\n\r\n';

/** Until the client ends the connection, or breaks the protocol. Never rejects. */
export async function serveSpdyPortForward(socket: Duplex, tunnel: SpdyTunnel): Promise<void> {
  const open = new Map<number, Duplex>();
  socket.write(switching);
  try {
    await serveFrames(socket, tunnel, open);
  } catch {
    // The client has gone, or speaks something else: no event for a node.
  } finally {
    for (const stream of open.values()) stream.destroy();
  }
}

async function serveFrames(socket: Duplex, tunnel: SpdyTunnel, open: Map<number, Duplex>): Promise<void> {
  const begin = streamOpener(socket, tunnel, open);
  for await (const frame of frames(socket)) {
    if (frame.type === frameType.goAway) return;
    if (frame.type === frameType.ping) socket.write(controlFrame(frameType.ping, frame.body));
    else if (frame.type === frameType.rstStream) open.get(frame.stream)?.destroy();
    else if (frame.type === frameType.synStream) begin(frame);
    else if (frame.type === undefined) receive(frame, open.get(frame.stream), tunnel.closeDelayMs);
  }
}

/** Answers SYN_STREAMs. The error stream of a pair comes first; the data stream connects. */
function streamOpener(socket: Duplex, tunnel: SpdyTunnel, open: Map<number, Duplex>): (frame: Frame) => void {
  const readHeaders = headerReader();
  const reply = synReplies();
  const errorStreams = new Map<string, number>();
  return (frame) => {
    const headers = readHeaders(frame);
    socket.write(reply(frame.stream));
    const pair = headers.get('requestid') ?? '';
    if (headers.get('streamtype') === 'error') errorStreams.set(pair, frame.stream);
    else {
      forward(socket, tunnel, open, {
        data: frame.stream,
        error: errorStreams.get(pair) ?? 0,
        port: Number(headers.get('port')),
      });
      errorStreams.delete(pair);
    }
  };
}

/** There is no half-close: after the client's end the pod may still speak for a while. */
function receive({ flags, body }: Frame, stream: Duplex | undefined, closeDelayMs: number): void {
  if (!stream || stream.destroyed) return;
  if (body.length > 0) stream.write(body);
  if (flags & finFlag) setTimeout(() => stream.destroy(), closeDelayMs).unref();
}

interface Pair {
  readonly data: number;
  readonly error: number;
  readonly port: number;
}

function forward(socket: Duplex, { pod }: SpdyTunnel, open: Map<number, Duplex>, { data, error, port }: Pair): void {
  const connection = pod.connect(port);
  const end = (text: string): void => {
    open.delete(data);
    if (!socket.writable) return;
    socket.write(dataFrame(error, finFlag, Buffer.from(text)));
    socket.write(dataFrame(data, finFlag, Buffer.alloc(0)));
  };
  if (!connection) {
    end(pod.whyNot(port));
    return;
  }
  open.set(data, connection.stream);
  void carry(socket, data, connection.stream)
    .catch(ignoreClientGone)
    .then(() => end(''));
}

async function carry(socket: Duplex, data: number, stream: Duplex): Promise<void> {
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    await new Promise<void>((resolve) => socket.write(dataFrame(data, 0, chunk), () => resolve()));
  }
}
