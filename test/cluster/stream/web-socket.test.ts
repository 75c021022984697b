// Which connection a stream is opened on: the one that a request has just left idle, else one of its own.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocketServer } from 'ws';
import { connect } from '#cluster/access/connection.ts';
import { openApi } from '#cluster/access/rest.ts';
import { openWebSocket } from '#cluster/stream/web-socket.ts';
import { rejection } from '../../support/rejection.ts';

const directory = mkdtempSync(join(tmpdir(), 'kii-web-socket-'));
test.after(() => rmSync(directory, { recursive: true }));
const { signal } = new AbortController();

interface Server {
  /** Connections that were opened to it. */
  readonly opened: readonly Socket[];
  /** Numbers of those that streams are on, from 0. */
  readonly upgraded: readonly number[];
  request(): Promise<void>;
  stream(): Promise<void>;
}

/** `onUpgrade`: true where it has answered. */
async function withServer(
  use: (server: Server) => Promise<void>,
  onUpgrade: (socket: Socket) => boolean = () => false,
): Promise<void> {
  const server = http.createServer((_, response) => void response.end('{}'));
  const streams = new WebSocketServer({ noServer: true });
  const opened: Socket[] = [];
  const upgraded: number[] = [];
  server.on('connection', (socket) => opened.push(socket));
  server.on('upgrade', (request, socket, head) => {
    if (onUpgrade(socket as Socket)) return;
    upgraded.push(opened.indexOf(socket as Socket));
    streams.handleUpgrade(request, socket, head, () => {});
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const kubeconfig = join(directory, 'config');
  writeFileSync(
    kubeconfig,
    `{current-context: x, clusters: [{name: c, cluster: {server: "http://127.0.0.1:${(server.address() as AddressInfo).port}"}}], users: [{name: u, user: {}}], contexts: [{name: x, context: {cluster: c, user: u}}]}`,
  );
  const connection = await connect({ kubeconfig }, {}, signal);
  const attempted = 'reach istio-system/gw-1:15000';
  const get = openApi(connection, 5_000, signal);
  try {
    await use({
      opened,
      upgraded,
      request: async () => void (await get({ path: '/x', attempted })),
      stream: async () => {
        const path = '/api/v1/namespaces/istio-system/pods/gw-1/portforward';
        const rule = { apiGroups: [''], resources: ['pods/portforward'], verbs: ['get'], namespace: 'istio-system' };
        const request = { path, query: new URLSearchParams(), protocols: [], attempted, rule };
        (await openWebSocket(connection, request, signal)).on('error', () => {});
      },
    });
  } finally {
    connection.close();
    for (const socket of opened) socket.destroy();
    server.close();
  }
}

test('streams are opened on connections that requests have left idle, each once, and others on their own', async () => {
  await withServer(async ({ request, stream, opened, upgraded }) => {
    await Promise.all([request(), request()]);
    assert.is(opened.length, 2);
    await Promise.all([stream(), stream(), stream()]);
    assert.equal(upgraded.toSorted(), [0, 1, 2]);
    assert.is(opened.length, 3);
    await request();
    assert.is(opened.length, 4, 'none of a stream is used for requests again');
  });
});

test('a connection that has been idle for long is not used: nobody knows whether it is alive', async () => {
  const now = performance.now;
  await withServer(async ({ request, stream, upgraded }) => {
    await request();
    performance.now = () => now.call(performance) + 5_000;
    await stream();
    assert.equal(upgraded, [1]);
  }).finally(() => {
    performance.now = now;
  });
});

test('where the server has just closed the idle one, another is opened', async () => {
  let times = 0;
  const close = (socket: Socket): boolean => {
    if (++times === 1) socket.resetAndDestroy();
    return times === 1;
  };
  await withServer(async ({ request, stream, upgraded }) => {
    await request();
    await stream();
    assert.equal(upgraded, [1]);
  }, close);
});

test('what the server has said on the idle one before it saw a request is no answer, another is opened', async () => {
  for (const said of ['HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n', 'x']) {
    let times = 0;
    const say = (socket: Socket): boolean => {
      if (++times === 1) socket.end(said);
      return times === 1;
    };
    await withServer(async ({ request, stream, upgraded }) => {
      await request();
      await stream();
      assert.equal(upgraded, [1]);
    }, say);
  }
});

test('a server that refuses is asked once', async () => {
  let times = 0;
  const refuse = (socket: Socket): boolean => {
    times++;
    socket.end('HTTP/1.1 404 x\r\ncontent-length: 2\r\n\r\nno');
    return true;
  };
  await withServer(async ({ request, stream }) => {
    await request();
    assert.match((await rejection(stream())).message, /^cannot reach istio-system\/gw-1:15000: /);
    assert.is(times, 1);
  }, refuse);
});

test.run();
