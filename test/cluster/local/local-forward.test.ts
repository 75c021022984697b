import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { forwardingServer, type LocalForward } from '#cluster/local/local-forward.ts';
import { listenOnLoopback } from '#cluster/local/loopback.ts';
import { ToolError } from '#core/error.ts';

interface Forwarding {
  connect(): Socket;
  readonly failures: ToolError[];
  readonly controller: AbortController;
}

/** `pod` is the other end of each connection that is dialled. */
async function withForward(
  pod: (end: Duplex, number: number) => void,
  use: (forwarding: Forwarding) => Promise<void>,
  more: Partial<LocalForward> = {},
): Promise<void> {
  const failures: ToolError[] = [];
  const controller = new AbortController();
  let dials = 0;
  const dial = async (): Promise<Duplex> => {
    const [near, far] = duplexPair();
    far.on('error', () => {});
    pod(far, dials++);
    return near;
  };
  const opened = await listenOnLoopback(
    () => forwardingServer({ dial, failed: (error) => failures.push(error), signal: controller.signal, ...more }),
    0,
  );
  try {
    await use({
      connect: () => net.connect({ port: opened.port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {}),
      failures,
      controller,
    });
  } finally {
    controller.abort();
    opened.close();
  }
}

/** The near side was destroyed. */
const isOver = (end: Duplex): Promise<unknown> => Promise.race([once(end.resume(), 'end'), once(end, 'close')]);

const echo = (end: Duplex): void => {
  end.on('data', (chunk: Buffer) => end.write(chunk));
};

test('many connections at once, each with its own in the pod, and every byte as it was', async () => {
  await withForward(
    (end) => echo(end),
    async ({ connect, failures }) => {
      const sent = Array.from({ length: 8 }, (_, i) => Buffer.alloc(300_000 + i, `${i}-abcdefg`));
      await Promise.all(
        sent.map(async (bytes) => {
          const socket = connect();
          socket.write(bytes);
          const got: Buffer[] = [];
          for await (const chunk of socket as AsyncIterable<Buffer>) {
            got.push(chunk);
            if (Buffer.concat(got).length >= bytes.length) break;
          }
          assert.ok(Buffer.concat(got).equals(bytes));
        }),
      );
      assert.equal(failures, []);
    },
  );
});

test('a reply that comes after the client’s FIN arrives whole', async () => {
  const pod = (end: Duplex): void => {
    end.once('data', () => {
      end.write('first ');
      setTimeout(() => {
        end.write('second');
        end.end();
      }, 50);
    });
  };
  await withForward(pod, async ({ connect, failures }) => {
    const socket = connect();
    socket.end('question');
    assert.is(await text(socket), 'first second');
    assert.equal(failures, []);
  });
});

test('a pod that stays silent after the client’s FIN is not waited for for ever', async () => {
  const closed: Promise<unknown>[] = [];
  await withForward(
    (end) => closed.push(isOver(end)),
    async ({ connect }) => {
      const socket = connect();
      socket.end('question');
      assert.is(await text(socket), '');
      await closed[0];
    },
    { lingerMs: 30 },
  );
});

test('what the pod sent before it ended arrives, whatever the client is still sending', async () => {
  const bytes = 'x'.repeat(500_000);
  await withForward(
    (end) => end.end(bytes),
    async ({ connect, failures }) => {
      const socket = connect();
      socket.write('y'.repeat(200_000));
      assert.is((await text(socket)).length, bytes.length);
      socket.end();
      assert.equal(failures, []);
    },
  );
});

test('an error ends its own connection, is said once, and the listener goes on', async () => {
  const broken = new ToolError('refused', 'cannot reach istio-system/gw:1: nothing listens on that port');
  let dials = 0;
  const dial = async (): Promise<Duplex> => {
    const [near, far] = duplexPair();
    echo(far);
    if (dials++ === 0) setImmediate(() => near.destroy(broken));
    return near;
  };
  await withForward(
    () => {},
    async ({ connect, failures }) => {
      assert.is(await text(connect()), '');
      assert.equal(failures, [broken]);
      const second = connect();
      second.write('hello');
      assert.is(String((await once(second, 'data'))[0]), 'hello');
      second.destroy();
    },
    { dial },
  );
});

test('a dial that fails ends the connection, and says why', async () => {
  const gone = new ToolError('not-found', 'cannot reach istio-system/gw:1: it does not exist');
  await withForward(
    () => {},
    async ({ connect, failures }) => {
      assert.is(await text(connect()), '');
      assert.equal(failures, [gone]);
    },
    { dial: () => Promise.reject(gone) },
  );
});

test('a client that goes away ends the pod’s connection, and is no failure', async () => {
  const closed: Promise<unknown>[] = [];
  await withForward(
    (end) => closed.push(isOver(end)),
    async ({ connect, failures }) => {
      const socket = connect();
      await once(socket, 'connect');
      socket.resetAndDestroy();
      while (closed.length === 0) await new Promise(setImmediate);
      await closed[0];
      assert.equal(failures, []);
    },
  );
});

test('a client that goes away while the pod is dialled ends the dial', async () => {
  const aborted: Promise<unknown>[] = [];
  const dial = (signal: AbortSignal): Promise<Duplex> =>
    new Promise((_, reject) => {
      aborted.push(once(signal, 'abort').then(() => reject(new Error('aborted'))));
    });
  await withForward(
    () => {},
    async ({ connect, failures }) => {
      const socket = connect();
      while (aborted.length === 0) await new Promise(setImmediate);
      socket.resetAndDestroy();
      await aborted[0];
      assert.equal(failures, []);
    },
    { dial },
  );
});

test('a client that does not read makes the pod wait', async () => {
  let sent = 0;
  const pod = (end: Duplex): void => {
    const chunk = Buffer.alloc(64 * 1024);
    const more = (): void => {
      do sent += chunk.length;
      while (sent < 1e9 && end.write(chunk));
      end.once('drain', more);
    };
    more();
  };
  await withForward(pod, async ({ connect }) => {
    const socket = connect();
    socket.pause();
    await once(socket, 'connect');
    let before = -1;
    while (sent !== before) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.ok(sent < 50e6, `${sent} bytes were taken from the pod`);
    socket.destroy();
  });
});

test('Ctrl-C ends every connection on both sides', async () => {
  const closed: Promise<unknown>[] = [];
  await withForward(
    (end) => {
      closed.push(isOver(end));
      end.write('hello');
    },
    async ({ connect, controller, failures }) => {
      const socket = connect();
      await once(socket, 'data');
      controller.abort();
      await Promise.all([once(socket, 'close'), closed[0], socket.end()]);
      assert.equal(failures, []);
    },
  );
});

test.run();
