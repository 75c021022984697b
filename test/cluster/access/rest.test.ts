// Calls to the API server against one that answers as each test says.

import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Connection } from '#cluster/access/connection.ts';
import { openApi, openRest } from '#cluster/access/rest.ts';
import { hintLines, hintText, ToolError } from '#core/error.ts';
import { rejection } from '../../support/rejection.ts';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

interface Seen {
  readonly urls: string[];
  readonly methods: string[];
  connections: number;
  renewed: number;
}

interface Options {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly canRenew?: boolean;
}

/** `answers[n]` to the n-th request, the last one again and again. */
async function withServer<T>(
  answers: readonly Answer[],
  use: (connection: Connection, seen: Seen) => Promise<T>,
  { canRenew = false }: Options = {},
): Promise<T> {
  const seen: Seen = { urls: [], methods: [], connections: 0, renewed: 0 };
  const server = http.createServer((request, response) => {
    seen.urls.push(request.url ?? '');
    seen.methods.push(request.method ?? '');
    request.resume();
    (answers[Math.min(seen.urls.length, answers.length) - 1] as Answer)(response, request);
  });
  server.on('connection', () => seen.connections++);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 }) as never;
  const connection: Connection = {
    context: 'test',
    files: [],
    identity: [],
    server: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix/`),
    options: async () => ({
      headers: { authorization: 'Bearer t' },
      tls: {},
      agent,
      streamAgent: agent,
      idleAgent: () => undefined,
    }),
    renew: async () => {
      seen.renewed++;
      return canRenew;
    },
    close: () => {},
  };
  try {
    return await use(connection, seen);
  } finally {
    (agent as http.Agent).destroy();
    server.closeAllConnections();
    server.close();
  }
}

const json =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const statusOf = (code: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  json(code, { kind: 'Status', status: 'Failure', message, code }, headers);
const page = (names: readonly string[], next = ''): Answer =>
  json(200, { metadata: { continue: next }, items: names.map((name) => ({ metadata: { name } })) });
const reset: Answer = (response) => response.socket?.resetAndDestroy();

const rest = (
  connection: Connection,
  { timeoutMs = 5_000, signal = new AbortController().signal }: Options = {},
): ReturnType<typeof openRest> => openRest(connection, timeoutMs, signal);
const listed = async (connection: Connection, options?: Options): Promise<string[]> =>
  (await rest(connection, options).list('pods', { namespace: 'ns', labelSelector: 'a=b' })).map(
    ({ metadata }) => metadata.name,
  );

test('a list is every page of it, over one connection', () =>
  withServer([page(['a', 'b'], 'next 1'), page(['c'], 'next 2'), page([])], async (connection, seen) => {
    assert.equal(await listed(connection), ['a', 'b', 'c']);
    assert.equal(seen.urls, [
      '/prefix/api/v1/namespaces/ns/pods?labelSelector=a%3Db&limit=500',
      '/prefix/api/v1/namespaces/ns/pods?labelSelector=a%3Db&limit=500&continue=next+1',
      '/prefix/api/v1/namespaces/ns/pods?labelSelector=a%3Db&limit=500&continue=next+2',
    ]);
    assert.is(seen.connections, 1);
  }));

test('a list whose next page is gone begins anew, in one piece', () =>
  withServer([page(['a'], 'next'), statusOf(410, 'expired'), page(['a', 'b'])], async (connection, seen) => {
    assert.equal(await listed(connection), ['a', 'b']);
    assert.is(seen.urls[2], '/prefix/api/v1/namespaces/ns/pods?labelSelector=a%3Db');
  }));

test('a list without items is empty: Go writes null', () =>
  withServer([json(200, { metadata: {}, items: null })], async (connection) =>
    assert.equal(await listed(connection), []),
  ));

test('an object that is not there is undefined; a kind that is not there is an error', async () => {
  await withServer(
    [json(404, { kind: 'Status', details: { name: 'x' }, message: 'pods "x" not found' })],
    async (connection) => {
      assert.is(await rest(connection).read('pods', 'ns', 'x'), undefined);
    },
  );
  await withServer([statusOf(404, 'the server could not find the requested resource')], async (connection) => {
    const error = await rejection(rest(connection).read('certificates', 'ns', 'x'));
    assert.equal(
      [error.code, error.message],
      ['not-found', 'cannot read certificate ns/x: the server could not find the requested resource'],
    );
  });
});

const unserved: Answer = (response) =>
  response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('404 page not found\n');
const gatewaysIn = (version: string): string => `/prefix/apis/networking.istio.io/${version}/gateways?limit=500`;

test('a version that is not served is followed by the next older, once in a process', () =>
  withServer([unserved, unserved, page(['a'], 'next'), page(['b'])], async (connection, seen) => {
    const opened = rest(connection);
    assert.is((await opened.list('gateways', {})).length, 2);
    await opened.list('gateways', {});
    const oldest = gatewaysIn('v1alpha3');
    assert.equal(seen.urls, [gatewaysIn('v1'), gatewaysIn('v1beta1'), oldest, `${oldest}&continue=next`, oldest]);
  }));

test('where the newest version is served, nothing else is asked', () =>
  withServer([page(['a'])], async (connection, seen) => {
    await rest(connection).list('gateways', {});
    assert.equal(seen.urls, [gatewaysIn('v1')]);
  }));

test('a kind that is served in no version is the error that the server gives', () =>
  withServer([unserved], async (connection, seen) => {
    const opened = rest(connection);
    const error = await rejection(opened.list('gateways', {}));
    assert.equal(
      [error.code, error.message],
      ['not-found', 'cannot list gateways of all namespaces: 404 page not found'],
    );
    assert.equal(seen.urls, ['v1', 'v1beta1', 'v1alpha3'].map(gatewaysIn));
    await rejection(opened.list('certificates', {}));
    assert.is(seen.urls.length, 4, 'one version, one request');
  }));

test('what is forbidden, or names an object or namespace that is missing, is no matter of versions', async () => {
  const missing = (kind: string, name: string): Answer =>
    json(404, { kind: 'Status', message: `${kind} "${name}" not found`, details: { name, kind }, code: 404 });
  for (const answer of [statusOf(403, 'no'), missing('namespaces', 'ns'), statusOf(400, 'no')])
    await withServer([answer], async (connection, seen) => {
      await rejection(rest(connection).list('gateways', { namespace: 'ns' }));
      assert.is(seen.urls.length, 1);
    });
  await withServer([missing('gateways', 'x')], async (connection, seen) => {
    assert.is(await rest(connection).read('gateways', 'ns', 'x'), undefined);
    assert.equal(seen.urls, ['/prefix/apis/networking.istio.io/v1/namespaces/ns/gateways/x']);
  });
});

test('forbidden in an older version is forbidden: the rule is the same', () =>
  withServer([unserved, statusOf(403, 'no')], async (connection, seen) => {
    const { code, hint } = await rejection(rest(connection).list('gateways', {}));
    assert.is(code, 'forbidden');
    assert.match(
      hintText({ hint }) ?? '',
      'apiGroups: ["networking.istio.io"], resources: ["gateways"], verbs: ["list"]',
    );
    assert.is(seen.urls.length, 2);
  }));

test('an object is read in the version that is served', () =>
  withServer([unserved, json(200, { metadata: { name: 'x' } })], async (connection, seen) => {
    assert.is((await rest(connection).read('gateways', 'ns', 'x'))?.metadata.name, 'x');
    assert.is(seen.urls[1], '/prefix/apis/networking.istio.io/v1beta1/namespaces/ns/gateways/x');
  }));

test('names are escaped', () =>
  withServer([json(200, { metadata: { name: 'x' } })], async (connection, seen) => {
    await rest(connection).read('pods', 'a/b', '../c?d');
    assert.is(seen.urls[0], '/prefix/api/v1/namespaces/a%2Fb/pods/..%2Fc%3Fd');
  }));

test('compressed answers are read', () =>
  withServer(
    [
      (response) =>
        response
          .writeHead(200, { 'content-encoding': 'gzip' })
          .end(gzipSync('{"metadata": {}, "items": [{"metadata": {"name": "z"}}]}')),
    ],
    async (connection) => assert.equal(await listed(connection), ['z']),
  ));

for (const [title, answer] of [
  ['a connection that is reset', reset],
  [
    'an answer that ends in the middle',
    (response: ServerResponse) =>
      response.writeHead(200, { 'content-length': '100' }).write('{"me', () => response.destroy()),
  ],
  ['a server that says 500', statusOf(500, 'etcd')],
  ['a server that says 503', statusOf(503, 'down')],
  ['a server that says 429', statusOf(429, 'busy')],
] as const) {
  test(`${title} is asked again, three times in all`, async () => {
    await withServer([answer, answer, page(['a'])], async (connection) =>
      assert.equal(await listed(connection), ['a']),
    );
    await withServer([answer], async (connection, seen) => {
      assert.match((await rejection(listed(connection))).message, /^cannot list pods in ns: /);
      assert.is(seen.urls.length, 3);
    });
  });
}

test('Retry-After is waited for', () =>
  withServer([statusOf(429, 'busy', { 'retry-after': '1' }), page(['a'])], async (connection) => {
    const began = performance.now();
    assert.equal(await listed(connection), ['a']);
    assert.ok(performance.now() - began >= 990);
  }));

test('a POST is not sent again', () =>
  withServer([statusOf(503, 'down')], async (connection, seen) => {
    const send = openApi(connection, 5_000, new AbortController().signal);
    assert.is((await send({ path: '/x', attempted: 'ask', object: {} })).status, 503);
    assert.equal(seen.methods, ['POST']);
  }));

test('a refused credential is renewed once, and what was asked is asked again', async () => {
  await withServer(
    [statusOf(401, 'Unauthorized'), page(['a'])],
    async (connection, seen) => assert.equal([await listed(connection), seen.renewed], [['a'], 1]),
    {
      canRenew: true,
    },
  );
  for (const canRenew of [true, false]) {
    await withServer(
      [statusOf(401, 'Unauthorized')],
      async (connection, seen) => {
        assert.is((await rejection(listed(connection))).code, 'credentials');
        assert.equal([seen.renewed, seen.urls.length], [1, canRenew ? 2 : 1]);
      },
      { canRenew },
    );
  }
});

test('what is forbidden is not asked again, and the rule is named: a Role in a namespace, a ClusterRole without one', () =>
  withServer([statusOf(403, 'no')], async (connection, seen) => {
    const inNamespace = await rejection(rest(connection).list('virtualservices', { namespace: 'ns' }));
    const everywhere = await rejection(rest(connection).list('nodes', {}));
    assert.equal([inNamespace.code, inNamespace.message], ['forbidden', 'cannot list virtualservices in ns: no']);
    assert.equal(hintLines(inNamespace).slice(2), [
      'kind: Role',
      'metadata: {name: istio-ingress-reader, namespace: ns}',
      'rules: [{apiGroups: ["networking.istio.io"], resources: ["virtualservices"], verbs: ["list"]}]',
    ]);
    assert.is(hintLines(everywhere)[2], 'kind: ClusterRole');
    assert.is(seen.urls.length, 2);
  }));

for (const [title, body] of [
  ['HTML', '<html>log in</html>'],
  ['JSON of something else', '{"hello": 1}'],
  ['nothing', ''],
] as const) {
  test(`a 200 with ${title} is no answer of an API server`, () =>
    withServer([(response) => response.end(body)], async (connection, seen) => {
      const error = await rejection(listed(connection));
      assert.equal([error.code, seen.urls.length], ['bad-answer', 1]);
    }));
}

test('a server that does not answer is late after the request timeout, and is not asked again', () =>
  withServer([() => {}], async (connection, seen) => {
    const error = await rejection(listed(connection, { timeoutMs: 50 }));
    assert.equal([error.code, error.hint, seen.urls.length], ['timeout', 'allow more with --request-timeout', 1]);
  }));

test('a server that speaks no TLS, or does not say anything, is not there', async () => {
  const sockets: Socket[] = [];
  const silent = net.createServer((socket) => sockets.push(socket.on('error', () => {})));
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  await withServer([page([])], async (plain) => {
    const server = new URL(`https://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    const agent = new https.Agent();
    const connection: Connection = {
      ...plain,
      server,
      options: async () => ({ headers: {}, tls: {}, agent, streamAgent: agent, idleAgent: () => undefined }),
    };
    const send = openApi(connection, 60_000, new AbortController().signal, 50);
    const error = await rejection(send({ path: '/version', attempted: 'ask' }));
    assert.equal(
      [error.code, error.message],
      ['unreachable', `cannot ask: no connection to the API server ${server.origin} within 0.05 s`],
    );
    agent.destroy();
  });
  for (const socket of sockets) socket.destroy();
  silent.close();
});

test('a slow answer over a connection that stands is not late before its time', () =>
  withServer(
    [page([]), (response) => setTimeout(() => page(['a'])(response, undefined as never), 200)],
    async (connection) => {
      const send = openApi(connection, 60_000, new AbortController().signal, 50);
      await send({ path: '/x', attempted: 'ask' });
      assert.is((await send({ path: '/x', attempted: 'ask' })).status, 200);
    },
  ));

test('whoever has to log in first takes the time that it takes', () =>
  withServer([page([])], async (connection) => {
    const slow: Connection = {
      ...connection,
      options: async (signal) => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        return connection.options(signal);
      },
    };
    // Asked for once before the deadline begins, and once more, when it is at hand, within it.
    let asked = 0;
    const send = openApi(
      { ...slow, options: (signal) => (asked++ === 0 ? slow : connection).options(signal) },
      100,
      new AbortController().signal,
    );
    assert.is((await send({ path: '/x', attempted: 'ask' })).status, 200);
  }));

test('an abort ends a call at once, with its reason', async () => {
  const controller = new AbortController();
  const reason = new ToolError('interrupted', 'interrupted by SIGINT');
  await withServer([() => controller.abort(reason)], async (connection) => {
    assert.is(await rejection(listed(connection, { signal: controller.signal })), reason);
  });
});

test('an abort ends the wait before the next try too', async () => {
  const controller = new AbortController();
  const reason = new ToolError('interrupted', 'interrupted by SIGINT');
  const busy: Answer = (response) => {
    statusOf(429, 'busy', { 'retry-after': '10' })(response, undefined as never);
    setTimeout(() => controller.abort(reason), 20);
  };
  await withServer([busy], async (connection) =>
    assert.is(await rejection(listed(connection, { signal: controller.signal })), reason),
  );
});

/** Blanks until the client has gone. */
const endless =
  (status: number, contentType = 'application/json'): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': contentType });
    const blanks = Buffer.alloc(64 * 1024, ' ');
    const write = (): void => {
      while (!response.destroyed && response.write(blanks));
      response.once('drain', write);
    };
    write();
  };

test('of an answer that unpacks without end so much is read as a limit allows', () =>
  withServer(
    [
      (response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        const part = gzipSync(Buffer.alloc(16 * 1024 * 1024, ' '));
        const write = (): void => void (response.destroyed || response.write(part, write));
        write();
      },
    ],
    async (connection) => {
      const error = await rejection(listed(connection, { timeoutMs: 60_000 }));
      assert.equal(
        [error.code, error.message],
        ['too-large', 'cannot list pods in ns: the answer is larger than 256 MiB'],
      );
    },
  ));

test('of an error without end the beginning is read', () =>
  withServer([endless(403)], async (connection) => {
    const error = await rejection(listed(connection));
    assert.equal([error.code, error.message], ['forbidden', 'cannot list pods in ns: the API server answered 403']);
  }));

test('a list that goes on for ever ends, also where each second page is gone', async () => {
  for (const answers of [
    [page([], 'again')],
    [
      ...Array.from({ length: 999 }, (_, n) => (n % 2 === 0 ? page([], 'again') : statusOf(410, 'expired'))),
      page([], 'x'),
    ],
  ]) {
    await withServer(answers, async (connection, seen) => {
      const error = await rejection(listed(connection, { timeoutMs: 60_000 }));
      assert.equal(
        [error.code, error.message],
        ['too-large', 'cannot list pods in ns: the list goes on after 1000 pages'],
      );
      assert.is(seen.urls.length, 1001);
    });
  }
});

for (const [body, why] of [
  [{ items: { length: 1e9 } }, 'items is an object, not a list'],
  [{ items: [null] }, 'items[0] is null, not an object'],
  [{ items: [{ metadata: { name: 'a' } }, { metadata: { name: 5 } }] }, 'items[1].metadata.name is 5, not a text'],
  [{ items: [{ metadata: { name: 'a', labels: [] } }] }, 'items[0].metadata.labels is a list, not an object, in a'],
  [
    { items: [{ metadata: { name: 'a' }, status: { containerStatuses: [{ name: 'c', restartCount: 'NaN' }] } }] },
    'items[0].status.containerStatuses[0].restartCount is "NaN", not a number, in a',
  ],
  [
    { items: [{ metadata: { name: 'a', creationTimestamp: 'NaN' } }] },
    'items[0].metadata.creationTimestamp is "NaN", not a time, in a',
  ],
  [{ metadata: { continue: {} } }, 'metadata.continue is an object, not a text'],
] as const) {
  test(`a field of another type is named: ${why}`, () =>
    withServer([json(200, { metadata: {}, ...body })], async (connection) => {
      const error = await rejection(listed(connection));
      assert.equal([error.code, error.message], ['bad-answer', `cannot read the answer to list pods in ns: ${why}`]);
    }));
}

test.run();
