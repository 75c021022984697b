// A watch whose end does not come: the server says nothing more and keeps the connection.

import { once } from 'node:events';
import http, { type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Connection } from '#cluster/access/connection.ts';
import { watchPods } from '#cluster/stream/watch.ts';
import { limits } from '#core/limits.ts';

const agents = { agent: new http.Agent() as never, streamAgent: new http.Agent() as never, idleAgent: () => undefined };

/** How often a watch of `namespace` was opened within `ms`, where `serve` answers it. */
async function watchesIn(ms: number, serve: (response: ServerResponse) => void): Promise<number> {
  let opened = 0;
  const server = http.createServer((_, response) => {
    opened += 1;
    serve(response.writeHead(200, { 'content-type': 'application/json' }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const controller = new AbortController();
  const connection: Connection = {
    context: 'test',
    files: [],
    identity: [],
    server: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    options: async () => ({ headers: {}, tls: {}, ...agents }),
    renew: async () => false,
    close: () => {},
  };
  const options = { namespace: 'n', signal: controller.signal, note: () => {} };
  await watchPods(connection, { list: async () => [] }, options);
  await pause(ms);
  controller.abort();
  server.closeAllConnections();
  server.close();
  return opened;
}

test('a watch that the server does not end is ended and opened again', async () => {
  const { timeout } = AbortSignal;
  const asked: number[] = [];
  AbortSignal.timeout = (ms) => {
    asked.push(ms);
    return timeout.call(AbortSignal, 30);
  };
  try {
    const opened = await watchesIn(2_500, (response) => response.write('{"type":"BOOKMARK","object":{}}\n'));
    assert.ok(opened > 1, `${opened} times`);
    assert.is(asked[0], 290_000 + limits.firstByteMs);
  } finally {
    AbortSignal.timeout = timeout;
  }
});

test.run();
