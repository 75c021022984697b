// Answers, errors, channels and lists without an end: each stops at a limit, in bounded memory, with a message.
// test/cluster has each reader by itself.

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGzip } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { WebSocket } from 'ws';
import { limits } from '#core/limits.ts';
import { attack, generated, isLong } from './attack.ts';
import { type Lies, withLies } from './lying-server.ts';
import { type Ended, runProgram } from './program.ts';

const mebibyte = 1024 * 1024;
/** Node, twice the answer that is allowed (its pieces, and the whole), and what the collector has not looked at yet. */
const mostMebibytes = (3 * limits.apiAnswerBytes) / mebibyte + 256;

/** Exit code 2 and 3 say that something is missing; a defect, a crash and silence are failures. */
function assertLimited({ code, signal, err, mostMebibytes: found }: Ended, expected: RegExp): void {
  assert.ok(code === 2 || code === 3, `${code} ${signal}: ${err.slice(0, 500)}`);
  assert.match(err, expected);
  assert.not.match(err, /defect|at .*main\.cjs/);
  assert.ok(found < mostMebibytes, `${found} MiB`);
}

async function attacked(lies: Lies, words: string, expected: RegExp): Promise<void> {
  await withLies(lies, async ({ url }) =>
    assertLimited(await runProgram([...words.split(' '), '--server', url]), expected),
  );
}

/** Writes for as long as somebody reads. */
function pour(
  to: { write(chunk: Buffer): boolean; once(event: 'drain', go: () => void): unknown },
  chunk: Buffer,
): void {
  const go = (): void => {
    for (let free = true; free; ) free = to.write(chunk);
    to.once('drain', go);
  };
  go();
}

const blanks = Buffer.alloc(mebibyte, ' ');
const isList = ({ pathname, searchParams }: URL): boolean => pathname.endsWith('/pods') && !searchParams.has('watch');

function endless(response: ServerResponse, status: number, begin: string, isGzip = false): true {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
  });
  const stream = isGzip ? createGzip({ level: 1 }) : response;
  if (isGzip) {
    (stream as ReturnType<typeof createGzip>).pipe(response);
    response.on('close', () => (stream as ReturnType<typeof createGzip>).destroy());
    stream.on('error', () => {});
  }
  stream.write(begin);
  pour(stream, blanks);
  return true;
}

const begin = '{"metadata":{},"items":[';

attack('limits', [81], 'a list that does not end, in memory', () =>
  attacked(
    { answer: (url, response) => isList(url) && endless(response, 200, begin) },
    'status',
    /larger than 256 MiB|more than 256 MiB/,
  ),
);

if (isLong)
  attack('limits', [82], 'a list that unpacks without end, in memory', () =>
    attacked(
      { answer: (url, response) => isList(url) && endless(response, 200, begin, true) },
      'status',
      /larger than 256 MiB|more than 256 MiB/,
    ),
  );

attack('limits', [83], 'pages that go on for ever', () => {
  let pages = 0;
  const page = (): string => JSON.stringify({ metadata: { continue: `x${pages++}` }, items: [] });
  return attacked({ answer: (url, response) => isList(url) && !!response.end(page()) }, 'status', /1,?000 pages/);
});

attack('limits', [84], 'an error of a log that does not end', () =>
  attacked(
    { answer: ({ pathname }, response) => pathname.endsWith('/log') && endless(response, 500, 'no') },
    'logs',
    /cannot read the log/,
  ),
);

const flood = (socket: WebSocket, channel: number): void => {
  const message = Buffer.concat([Buffer.of(channel), Buffer.alloc(mebibyte, 'A')]);
  const go = (): void => {
    if (socket.readyState === socket.OPEN) socket.send(message, () => setImmediate(go));
  };
  go();
};
const forbidden = { status: 403, body: JSON.stringify({ kind: 'Status', message: 'pods is forbidden', code: 403 }) };
const execOnly: Lies['refuse'] = ({ pathname }) => (pathname.endsWith('/exec') ? undefined : forbidden);

for (const [row, what, lies] of [
  [92, "a node's error that does not end", { serve: (socket) => flood(socket, 1) }],
  [93, 'a Status of exec that does not end', { refuse: execOnly, serve: (socket) => flood(socket, 3) }],
  [93, 'stderr of exec that does not end', { refuse: execOnly, serve: (socket) => flood(socket, 2) }],
  [94, 'stdout of exec that does not end', { refuse: execOnly, serve: (socket) => flood(socket, 1) }],
] as const satisfies readonly (readonly [number, string, Lies])[])
  attack('limits', [row], what, () =>
    attacked(lies, 'routes --max-dump 64 --pod-timeout 60s', /none of 3 pods answered/),
  );

/** Whatever is said without end, in whatever state: it is over, and nothing is taken for an answer. */
generated(
  'limits',
  [81, 84, 92, 93, 95],
  'another place, another beginning, another size of the pieces',
  async (random) => {
    const chunk = Buffer.alloc(1 + random.number(3 * mebibyte), random.pick(['a', ' ', '[', '"', '\n', '{"a":']));
    const status = random.pick([200, 403, 404, 429, 500]);
    const channel = random.number(4);
    const over = random.pick(['list', 'log', 'stream', 'refusal'] as const);
    const pourInto = (response: ServerResponse): true => {
      response.writeHead(status, { 'content-type': random.pick(['application/json', 'text/plain']) });
      pour(response, chunk);
      return true;
    };
    const lies: Readonly<Record<typeof over, Lies>> = {
      list: { answer: (url, response) => isList(url) && pourInto(response) },
      log: { answer: ({ pathname }, response) => pathname.endsWith('/log') && pourInto(response) },
      stream: { serve: (socket) => flood(socket, channel) },
      refusal: { refuse: () => ({ status, body: chunk.toString() }) },
    };
    const words = over === 'log' ? 'logs --max-log 4' : 'routes --pod-timeout 20s --max-dump 8';
    await withLies(lies[over], async ({ url }) => {
      const ended = await runProgram([...words.split(' '), '--server', url, '--request-timeout', '20s']);
      if (!(over === 'log' && status === 200)) assertLimited(ended, /^error: /m);
      assert.ok(ended.mostMebibytes < mostMebibytes, `${over}: ${ended.mostMebibytes} MiB`);
    });
  },
  0.1,
);

attack('limits', [83], 'a server that says to come back in three years', async () => {
  const server = createServer((_, response) => response.writeHead(429, { 'retry-after': '99999999' }).end('busy'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ended = await runProgram(['status', '--server', url, '--request-timeout', '5s']);
  server.closeAllConnections();
  server.close();
  assertLimited(ended, /^error: /);
});

test.run();
