import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type WebSocket from 'ws';
import { portForwarder } from '#cluster/stream/port-forward.ts';
import { ToolError } from '#core/error.ts';
import { withApiServer } from '../../support/api-server.ts';
import { rejection } from '../../support/rejection.ts';

const pod = { namespace: 'istio-system', name: 'gw-1' };
const port = Buffer.of(15000 & 255, 15000 >> 8);

type Node = Parameters<typeof withApiServer>[0];
const withServer = <T>(
  node: Node,
  use: (dial: (signal?: AbortSignal) => Promise<Duplex>, seen: readonly IncomingMessage[]) => Promise<T>,
): Promise<T> =>
  withApiServer(node, (connection, seen) =>
    use((signal = new AbortController().signal) => portForwarder(connection)(pod, 15000, signal), seen),
  );

async function readAll(stream: Duplex): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const message = (channel: number, data: Buffer | string): Buffer =>
  Buffer.concat([Buffer.of(channel), Buffer.from(data)]);

test('reads the same bytes wherever the messages are cut, the port before them included', async () => {
  const bytes = Buffer.concat([port, Buffer.from('hello world')]);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const serve = (socket: WebSocket): void => {
      socket.send(message(0, bytes.subarray(0, cut)));
      socket.send(message(1, port));
      socket.send(message(0, bytes.subarray(cut)));
      socket.close(1000);
    };
    assert.is(await withServer({ serve }, async (dial) => readAll(await dial())), 'hello world', `cut at ${cut}`);
  }
});

test('asks for the port of the pod below the path of the server, as v4.channel.k8s.io, with the credential', async () => {
  await withServer({ serve: (socket) => socket.close(1000) }, async (dial, seen) => {
    (await dial()).destroy();
    assert.is(seen[0]?.url, '/prefix/api/v1/namespaces/istio-system/pods/gw-1/portforward?ports=15000');
    assert.is(seen[0]?.headers['sec-websocket-protocol'], 'v4.channel.k8s.io');
    assert.is(seen[0]?.headers.authorization, 'Bearer t');
  });
});

const refusedText =
  'error forwarding port 15000 to pod 5f3c, uid : failed to execute portforward in network namespace "/run/netns/x": dial tcp4 127.0.0.1:15000: connect: connection refused IPv6';

test('a port that nobody listens on is refused, wherever the text of the node is cut, and its paths are not shown', async () => {
  const bytes = Buffer.concat([port, Buffer.from(refusedText)]);
  for (let cut = 0; cut <= bytes.length; cut += 7) {
    const serve = (socket: WebSocket): void => {
      socket.send(message(0, port));
      socket.send(message(1, bytes.subarray(0, cut)));
      socket.send(message(1, bytes.subarray(cut)));
      socket.close(1000);
    };
    const error = await withServer({ serve }, async (dial) => rejection(readAll(await dial())));
    assert.is(error.code, 'refused');
    assert.is(error.message, 'cannot reach istio-system/gw-1:15000: nothing listens on that port');
  }
});

test('a reset in the pod is a broken connection with its reason', async () => {
  const serve = (socket: WebSocket): void => {
    socket.send(message(0, port));
    socket.send(message(1, Buffer.concat([port, Buffer.from('… read: connection reset by peer')])));
    socket.close(1000);
  };
  const error = await withServer({ serve }, async (dial) => rejection(readAll(await dial())));
  assert.is(error.code, 'broken');
  assert.is(error.message, 'lost the connection to istio-system/gw-1:15000: connection reset by peer');
});

test('a reason that is not known is shown without the sandbox before it', async () => {
  const serve = (socket: WebSocket): void => {
    socket.send(message(0, port));
    socket.send(
      message(
        1,
        Buffer.concat([
          port,
          Buffer.from('error forwarding port 15000 to pod ns/gw, uid : no forward found for port 15000'),
        ]),
      ),
    );
    socket.close(1000);
  };
  const error = await withServer({ serve }, async (dial) => rejection(readAll(await dial())));
  assert.is(error.message, 'lost the connection to istio-system/gw-1:15000: no forward found for port 15000');
});

test('an end without a close frame is a broken connection, one with code 1000 only an end', async () => {
  const broken = await withServer({ serve: (socket) => socket.terminate() }, async (dial) =>
    rejection(readAll(await dial())),
  );
  assert.is(broken.code, 'broken');
  assert.is(await withServer({ serve: (socket) => socket.close(1000) }, async (dial) => readAll(await dial())), '');
});

test('what is written arrives in order, in messages of at most 64 KiB', async () => {
  const sent = Buffer.alloc(1_000_003, 'abcdefghijk');
  const sizes: number[] = [];
  const got: Buffer[] = [];
  await withServer(
    {
      serve: (socket) =>
        socket.on('message', (data: Buffer) => {
          assert.is(data[0], 0);
          sizes.push(data.length - 1);
          got.push(data.subarray(1));
        }),
    },
    async (dial) => {
      const stream = await dial();
      await new Promise((resolve) => stream.write(sent, resolve));
      for (let i = 0; i < 200 && Buffer.concat(got).length < sent.length; i++) await wait(5);
      stream.destroy();
    },
  );
  assert.ok(Buffer.concat(got).equals(sent));
  assert.is(Math.max(...sizes), 64 * 1024);
});

test('a reader that waits makes the node wait: little is buffered, and nothing is lost', async () => {
  const chunk = Buffer.alloc(32 * 1024, 'x');
  const count = 1024;
  let unsent = 0;
  const serve = (socket: WebSocket): void => {
    socket.send(message(0, port));
    for (let i = 0; i < count; i++) {
      unsent++;
      socket.send(message(0, chunk), () => unsent--);
    }
    socket.send(message(0, 'end'), () => socket.close(1000));
  };
  await withServer({ serve }, async (dial) => {
    const stream = await dial();
    stream.once('readable', () => {});
    await wait(300);
    assert.ok(stream.readableLength <= 2 * 1024 * 1024, `${stream.readableLength} bytes are buffered`);
    assert.ok(unsent > 0, 'the server could send everything to a client that does not read');
    const all = await readAll(stream);
    assert.is(all.length, count * chunk.length + 3);
    assert.ok(all.endsWith('xend'));
  });
});

test('a handshake that is refused says why', async () => {
  const cases = [
    [403, '', 'unsupported'],
    [403, JSON.stringify({ kind: 'Status', reason: 'Forbidden', message: 'pods "gw-1" is forbidden: ' }), 'forbidden'],
    [500, 'pod not found ("gw-1_istio-system")', 'not-ready'],
    [
      500,
      JSON.stringify({
        kind: 'Status',
        message: 'error dialing backend: dial tcp 10.0.0.1:10250: connect: connection refused',
      }),
      'unreachable',
    ],
    // containerd 2.4 that is down, through kubelet 1.37
    [
      500,
      'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused"',
      'unreachable',
    ],
    [404, JSON.stringify({ kind: 'Status', reason: 'NotFound', message: 'pods "gw-1" not found' }), 'not-found'],
    [401, JSON.stringify({ kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized' }), 'credentials'],
  ] as const;
  for (const [status, body, code] of cases) {
    const error = await withServer({ refuse: () => ({ status, body }) }, (dial) => rejection(dial()));
    assert.instance(error, ToolError);
    assert.is(error.code, code, `${status} ${body}: ${error.message}`);
    assert.match(error.message, /reach istio-system\/gw-1:15000/);
    assert.not.match(error.message, 'containerd.sock');
  }
});

test('a credential that is refused is renewed once, and then used', async () => {
  let asked = 0;
  let renewed = 0;
  const refuse = (): { status: number; body: string } | undefined =>
    ++asked === 1 ? { status: 401, body: '' } : undefined;
  await withServer({ refuse, renew: () => ++renewed > 0, serve: (socket) => socket.close(1000) }, async (dial) =>
    (await dial()).destroy(),
  );
  assert.equal([asked, renewed], [2, 1]);
});

test('an abort during the handshake ends it at once, with the reason of the abort', async () => {
  const controller = new AbortController();
  const reason = new ToolError('interrupted', 'interrupted by SIGINT');
  const refuse = (): undefined => controller.abort(reason) as undefined;
  await withApiServer({ refuse }, async (connection) => {
    assert.is(await rejection(portForwarder(connection)(pod, 15000, controller.signal)), reason);
  });
});

test('a node whose error does not end is not listened to for ever, on no channel', async () => {
  for (const channel of [1, 7]) {
    const serve = (socket: WebSocket): void => {
      const words = message(channel, Buffer.alloc(16 * 1024, 'x'));
      const send = (): void => socket.send(words, () => socket.readyState === 1 && setImmediate(send));
      send();
    };
    await withServer({ serve }, async (dial) => {
      const error = await rejection(dial().then(readAll));
      assert.equal(
        [error.code, error.message],
        ['broken', 'lost the connection to istio-system/gw-1:15000: the node sends an error that does not end'],
      );
    });
  }
});

test.run();
