// The client here is what kubectl does: github.com/moby/spdystream and kubectl's portforward.go.

import { once } from 'node:events';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { constants, createDeflate, inflateSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { controlFrame, dataFrame, dictionary, type Frame, finFlag, frames, frameType } from '#apiserver/spdy.ts';
import { type Demo, startDemo } from '#demo/server.ts';
import { ask } from '../support/demo-request.ts';

let demo: Demo;
test.before(async () => {
  demo = await startDemo({ closeDelayMs: 20 });
});
test.after(() => demo.close());

async function dial(): Promise<Duplex> {
  const request = https.request(
    `${demo.url}/api/v1/namespaces/istio-system/pods/istio-ingressgateway-66qlf/portforward`,
    {
      ca: demo.ca,
      agent: false,
      method: 'POST',
      headers: {
        authorization: `Bearer ${demo.token}`,
        connection: 'Upgrade',
        upgrade: 'SPDY/3.1',
        'x-stream-protocol-version': 'portforward.k8s.io',
      },
    },
  );
  request.end();
  const [response, socket] = await once(request, 'upgrade');
  assert.equal([response.statusCode, response.headers['x-stream-protocol-version']], [101, 'portforward.k8s.io']);
  return socket;
}

const sized = (text: string): Buffer => Buffer.concat([number(text.length), Buffer.from(text)]);
function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** New streams with their headers, compressed as one deflate stream. */
function synStreams(): (stream: number, flags: number, headers: Readonly<Record<string, string>>) => Promise<Buffer> {
  const deflate = createDeflate({ dictionary });
  return async (stream, flags, headers) => {
    const pairs = Object.entries(headers);
    deflate.write(
      Buffer.concat([number(pairs.length), ...pairs.flatMap(([name, value]) => [sized(name), sized(value)])]),
    );
    await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, () => resolve()));
    const frame = controlFrame(
      frameType.synStream,
      Buffer.concat([number(stream), number(0), Buffer.of(0, 0), deflate.read() as Buffer]),
    );
    frame[4] = flags;
    return frame;
  };
}

interface Forwarded {
  readonly data: string;
  readonly error: string;
}

/** One request per port, each in a pair of streams of its own, all over one connection. */
async function forwarded(
  socket: Duplex,
  requests: readonly { readonly port: number; readonly path: string }[],
): Promise<Forwarded[]> {
  const synStream = synStreams();
  const texts = new Map<number, string>();
  let left = requests.length * 2;
  for (const [i, { port, path }] of requests.entries()) {
    const headers = { port: String(port), requestid: String(i) };
    const [error, data] = [4 * i + 1, 4 * i + 3];
    socket.write(await synStream(error, finFlag, { ...headers, streamtype: 'error' }));
    socket.write(await synStream(data, 0, { ...headers, streamtype: 'data' }));
    socket.write(dataFrame(data, 0, Buffer.from(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)));
  }
  for await (const { type, stream, flags, body } of frames(socket)) {
    if (type !== undefined) continue;
    texts.set(stream, (texts.get(stream) ?? '') + body.toString());
    if (flags & finFlag && --left === 0) break;
  }
  return requests.map((_, i) => ({ error: texts.get(4 * i + 1) ?? '', data: texts.get(4 * i + 3) ?? '' }));
}

const chunked = (answer: string): string => {
  let rest = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  let body = '';
  for (let size = Number.parseInt(rest, 16); size > 0; size = Number.parseInt(rest, 16)) {
    const at = rest.indexOf('\r\n') + 2;
    body += rest.slice(at, at + size);
    rest = rest.slice(at + size + 2);
  }
  return body;
};

test('carries several connections at once, large answers whole, and says which port is refused', async () => {
  const requests = [
    { port: 15000, path: '/config_dump' },
    { port: 9, path: '/' },
    { port: 15000, path: '/ready' },
    ...Array.from({ length: 20 }, () => ({ port: 15020, path: '/healthz/ready' })),
  ];
  const [dump, refused, ready, ...others] = await forwarded(await dial(), requests);
  assert.is(JSON.parse(chunked(dump?.data ?? '')).configs.length, 6);
  assert.match(refused?.error ?? '', /^error forwarding port 9 to pod .*connection refused/);
  assert.is(refused?.data, '');
  assert.match(ready?.data ?? '', /LIVE/);
  for (const answer of others) assert.match(answer.data, /^HTTP\/1.1 200 OK/);
  assert.equal([dump, ready, ...others].map((answer) => answer?.error).join(''), '');
});

test('answers pings, and frames wherever they are cut', async () => {
  const socket = await dial();
  for (const byte of controlFrame(frameType.ping, number(7))) socket.write(Buffer.of(byte));
  const { value } = await frames(socket)[Symbol.asyncIterator]().next();
  assert.equal([(value as Frame).type, (value as Frame).body], [frameType.ping, number(7)]);
  socket.destroy();
});

test('every new stream is answered, with headers that the client can inflate', async () => {
  const socket = await dial();
  const synStream = synStreams();
  for (const stream of [1, 5])
    socket.write(await synStream(stream, finFlag, { port: '15000', requestid: String(stream), streamtype: 'error' }));
  const seen: Frame[] = [];
  for await (const frame of frames(socket)) if (seen.push(frame) === 2) break;
  assert.equal(
    seen.map(({ type, stream }) => [type, stream]),
    [
      [frameType.synReply, 1],
      [frameType.synReply, 5],
    ],
  );
  // Zlib's head once, then a count of 0 for each.
  const blocks = Buffer.concat(seen.map(({ body }) => body.subarray(4)));
  assert.equal(inflateSync(blocks, { finishFlush: constants.Z_SYNC_FLUSH }), Buffer.alloc(8));
});

test('a client that speaks nonsense, or goes away in the middle, is no event for the server', async () => {
  const failures: unknown[] = [];
  const onFailure = (error: unknown): void => {
    failures.push(error);
  };
  process.on('unhandledRejection', onFailure);
  const nonsense = await dial();
  nonsense.write(controlFrame(frameType.synStream, Buffer.alloc(40, 'x')));
  const [endedFirst] = await Promise.race([
    once(nonsense.resume(), 'end').then(() => ['end']),
    new Promise<string[]>((resolve) => setTimeout(resolve, 2000, ['open'])),
  ]);
  assert.is(endedFirst, 'end');
  const gone = await dial();
  const synStream = synStreams();
  gone.write(await synStream(1, finFlag, { port: '15000', requestid: '0', streamtype: 'error' }));
  gone.write(await synStream(3, 0, { port: '15000', requestid: '0', streamtype: 'data' }));
  gone.write(dataFrame(3, 0, Buffer.from('GET /config_dump HTTP/1.1\r\nhost: x\r\n\r\n')));
  await once(gone, 'data');
  gone.destroy();
  await new Promise((resolve) => setTimeout(resolve, 150));
  process.off('unhandledRejection', onFailure);
  assert.equal(failures, []);
  assert.is((await ask(demo, '/version')).status, 200);
});

test.run();
