import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { Duplex, duplexPair } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NotHttp } from '#cluster/stream/answer-reader.ts';
import { ByteBudget } from '#cluster/stream/byte-budget.ts';
import { HttpStream } from '#cluster/stream/http-stream.ts';
import { type PodHttpOptions, podHttp } from '#cluster/stream/pod-http.ts';
import { hintText, ToolError } from '#core/error.ts';
import type { PodHttp } from '#core/stream.ts';
import { rejection } from '../../support/rejection.ts';

/** No test waits for these. */
const never = 600_000;
const deadlines = { firstByteMs: never, inactivityMs: never };

type Answer = (socket: Socket, request: string) => void;

/** A port of a pod that answers each request with `answers[n]`, the last one again and again, for `mostDials` connections. */
async function withPod<T>(
  answers: readonly Answer[],
  use: (http: PodHttp, seen: { requests: string[]; dials: number }) => Promise<T>,
  options: Partial<PodHttpOptions> = {},
  mostDials = Number.POSITIVE_INFINITY,
): Promise<T> {
  const seen = { requests: [] as string[], dials: 0 };
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      seen.requests.push(data.toString().split('\r\n')[0] as string);
      (answers[Math.min(seen.requests.length, answers.length) - 1] as Answer)(socket, data.toString());
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const http = podHttp(
    async () => {
      if (++seen.dials > mostDials) throw new ToolError('refused', 'cannot reach ns/gw:15000: nothing listens');
      const { port } = server.address() as AddressInfo;
      // As a stream to a pod.
      const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      await once(socket, 'connect');
      return socket;
    },
    {
      pod: { namespace: 'ns', name: 'gw' },
      port: 15000,
      maxAnswerBytes: 1000,
      budget: new ByteBudget(1e6).share(),
      signal: new AbortController().signal,
      deadlines,
      ...options,
    },
  );
  try {
    return await use(http, seen);
  } finally {
    http.close();
    server.close();
  }
}

const ok =
  (body: string): Answer =>
  (socket) =>
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
/** After its first bytes, the rest is as long on the way. */
const slow =
  (body: string, ms: number): Answer =>
  (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`);
    void setTimeout(ms).then(() => socket.write(body));
  };
const raw =
  (text: string): Answer =>
  (socket) =>
    socket.end(text);

test('many requests use one connection, one after the other', async () => {
  await withPod([ok('a'), ok('b'), ok('c')], async (http, seen) => {
    const answers = await Promise.all([
      http.request('GET', '/1'),
      http.request('GET', '/2'),
      http.request('POST', '/3'),
    ]);
    assert.equal(
      answers.map(({ body }) => body.toString()),
      ['a', 'b', 'c'],
    );
    assert.equal(seen.requests, ['GET /1 HTTP/1.1', 'GET /2 HTTP/1.1', 'POST /3 HTTP/1.1']);
    assert.is(seen.dials, 1);
  });
});

test('an answer says how long its first byte was waited for, and not how long the rest was on the way', async () => {
  await withPod([slow('late', 50)], async (http) => {
    const began = performance.now();
    const { waitedMs = Number.POSITIVE_INFINITY } = await http.request('GET', '/clusters');
    assert.ok(waitedMs < (performance.now() - began) / 2, `${waitedMs} ms`);
  });
});

test('an answer is the same wherever the network cuts it', async () => {
  const text = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n';
  for (let cut = 1; cut < text.length; cut++) {
    const answer: Answer = (socket) => {
      socket.setNoDelay(true);
      socket.write(text.slice(0, cut), () => setImmediate(() => socket.write(text.slice(cut))));
    };
    await withPod([answer], async (http) =>
      assert.is((await http.request('GET', '/x')).body.toString(), 'hello world'),
    );
  }
});

test('an answer that ends too early is never taken for whole, at whatever byte, and a POST is not sent again', async () => {
  const text = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello';
  for (let cut = 0; cut < text.length; cut++) {
    await withPod([raw(text.slice(0, cut))], async (http, seen) => {
      const error = await rejection(http.request('POST', '/logging'));
      assert.is(error.code, 'broken', `cut at ${cut}: ${error.message}`);
      assert.match(error.message, /^cannot read logging of ns\/gw:15000: /);
      assert.is(seen.requests.length, 1);
    });
  }
});

test('a GET that was cut off is sent again on a fresh connection', async () => {
  await withPod([raw('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel'), ok('hello')], async (http, seen) => {
    assert.is((await http.request('GET', '/x')).body.toString(), 'hello');
    assert.is(seen.dials, 2);
  });
});

test('a proxy that ended in the middle of an answer, and is not there when it is asked again', async () => {
  const cut = raw('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel');
  const use = async (http: PodHttp): Promise<void> => {
    const error = await rejection(http.request('GET', '/x'));
    assert.is(error.code, 'refused');
    assert.match(
      error.message,
      /^cannot read x of ns\/gw:15000: .* in the middle .*, and nothing listens on that port any more$/,
    );
    assert.match(hintText(error) ?? '', 'the proxy has ended, and may be starting again');
  };
  await withPod([cut], use, {}, 1);
});

test('a GET is tried three times in all', async () => {
  await withPod([raw('')], async (http, seen) => {
    assert.is((await rejection(http.request('GET', '/x'))).code, 'broken');
    assert.is(seen.requests.length, 3);
  });
});

test('junk is an answer that cannot be read, and is not asked for again', async () => {
  await withPod([raw('SSH-2.0-OpenSSH_9.6\r\n')], async (http, seen) => {
    const error = await rejection(http.request('GET', '/x'));
    assert.is(error.code, 'bad-answer');
    assert.is(seen.requests.length, 1);
  });
});

test('what comes behind junk in the same moment is not waited for', async () => {
  const stream = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      done();
      for (const part of ['HTTP/1.1 200 OK\r\nno header\r\n', 'a: b\r\n\r\n']) this.push(part);
    },
  });
  const timers = (): number => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
  const before = timers();
  const limits = { maxAnswerBytes: 1000, budget: new ByteBudget(1e6).share(), deadlines };
  assert.instance(await rejection(new HttpStream(stream).exchange('GET', 'stats', limits)), NotHttp);
  assert.is(timers(), before);
});

test('an answer over the limit names the flag', async () => {
  await withPod([ok('x'.repeat(1001))], async (http) => {
    const error = await rejection(http.request('GET', '/x'));
    assert.is(error.code, 'too-large');
    assert.match(hintText(error) ?? '', /--max-dump/);
  });
});

test('nothing, and nothing more, are both late', async () => {
  const half: Answer = (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel');
  const late = async (http: PodHttp): Promise<void> =>
    assert.is((await rejection(http.request('GET', '/x'))).code, 'timeout');
  await withPod([() => {}], late, { deadlines: { firstByteMs: 30, inactivityMs: never } });
  await withPod([half], late, { deadlines: { firstByteMs: never, inactivityMs: 30 } });
});

test('a connection that the server ends, or on which more has come than was asked for, takes no other request', async () => {
  const one = 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n';
  const endings: readonly Answer[] = [
    (socket) => socket.write(`${one}connection: close\r\n\r\na`),
    raw(`${one}\r\na`),
    (socket) => socket.write(`${one}\r\na${one}\r\nb`),
    (socket) => socket.write(`${one}\r\na`, () => void setTimeout(5).then(() => socket.write(`${one}\r\nb`))),
    (socket) => socket.write(`${one}\r\na`, () => void setTimeout(5).then(() => socket.destroy())),
  ];
  for (const ending of endings) {
    await withPod([ending, ok('c')], async (http, seen) => {
      assert.is((await http.request('GET', '/1')).body.toString(), 'a');
      await setTimeout(20);
      assert.is((await http.request('POST', '/2')).body.toString(), 'c');
      assert.is(seen.dials, 2);
    });
  }
});

test('beyond the budget an answer waits until another pod has given back what it holds', async () => {
  const budget = new ByteBudget(10);
  const other = budget.share();
  await other.take(8);
  await withPod(
    [slow('hello', 5)],
    async (http) => {
      let isThere = false;
      const answer = http.request('GET', '/x').then(({ body }) => {
        isThere = true;
        return body.toString();
      });
      await setTimeout(50);
      assert.is(isThere, false);
      other.release();
      assert.is(await answer, 'hello');
    },
    { budget: budget.share() },
  );
});

test('a pod that is made to wait is not late', async () => {
  const budget = new ByteBudget(10);
  const other = budget.share();
  await other.take(8);
  await withPod(
    [ok('hello')],
    async (http) => {
      const answer = http.request('GET', '/');
      await setTimeout(60);
      other.release();
      assert.is((await answer).body.toString(), 'hello');
    },
    { budget: budget.share(), deadlines: { firstByteMs: never, inactivityMs: 20 } },
  );
});

test('an abort ends a request with its reason', async () => {
  const controller = new AbortController();
  const reason = new ToolError('interrupted', 'interrupted');
  await withPod(
    [() => controller.abort(reason)],
    async (http) => assert.is(await rejection(http.request('GET', '/x')), reason),
    { signal: controller.signal },
  );
});

/** A port that `dial` opens, asked by `signal`. */
const overStream = (dial: () => Promise<Duplex>, signal = new AbortController().signal): PodHttp =>
  podHttp(dial, {
    pod: { namespace: 'ns', name: 'gw' },
    port: 15000,
    maxAnswerBytes: 1000,
    budget: new ByteBudget(1e6).share(),
    deadlines,
    signal,
  });

test('what ended the stream is what ends the request, also where it was before there was one', async () => {
  const refused = new ToolError('refused', 'cannot reach ns/gw:15000: nothing listens on that port');
  for (const isBefore of [true, false]) {
    const [stream] = duplexPair();
    stream.on('error', () => {});
    if (isBefore) {
      stream.destroy(refused);
      await setTimeout(1);
    } else setImmediate(() => stream.destroy(refused));
    const http = overStream(async () => stream);
    assert.is(await rejection(http.request('GET', '/x')), refused);
    http.close();
  }
});

test('a stream that opens after the end is closed', async () => {
  const [stream] = duplexPair();
  const controller = new AbortController();
  const dialled = Promise.withResolvers<Duplex>();
  const http = overStream(() => dialled.promise, controller.signal);
  const answer = rejection(http.request('GET', '/x'));
  const reason = new ToolError('interrupted', 'interrupted');
  controller.abort(reason);
  dialled.resolve(stream);
  assert.is(await answer, reason);
  assert.ok(stream.destroyed);
});

test('a path that would be more than a path is never sent', async () => {
  await withPod([ok('a')], async (http, seen) => {
    for (const path of ['/x HTTP/1.1\r\nhost: y\r\n\r\n', '/a b', '/ä', ''])
      assert.is((await rejection(http.request('GET', path))).code, 'usage');
    assert.equal(seen.requests, []);
  });
});

test('a failed request does not harm the next one', async () => {
  await withPod([raw('junk\r\n\r\n'), ok('fine')], async (http) => {
    await rejection(http.request('GET', '/1'));
    assert.is((await http.request('GET', '/2')).body.toString(), 'fine');
  });
});

test.run();
