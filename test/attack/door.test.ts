// Pages of other sites at the door of port-forward. test/cluster/local/loopback-door.test.ts has each rule by itself.

import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { doorServer } from '#cluster/local/loopback-door.ts';
import { generated } from './attack.ts';

interface Sent {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

const statusOf = (port: number, { method, headers }: Sent): Promise<number | undefined> =>
  new Promise((resolve) => {
    request({ host: '127.0.0.1', port, method, path: '/clusters', headers, setHost: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    })
      // A request that is none is refused by the end of its connection.
      .once('error', () => resolve(undefined))
      .end();
  });

generated('door', [58, 60, 61, 62], 'a request that any one thing is wrong with', async (random) => {
  let answered = 0;
  const server = doorServer(async () => {
    answered += 1;
    return { status: 200, contentType: 'text/plain', body: 'clusters' };
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const own = random.pick(['localhost', '127.0.0.1', '[::1]']);
  const good: Sent = {
    method: 'GET',
    headers: {
      host: `${own}:${port}`,
      ...random.pick([{}, { origin: `http://${own}:${port}` }]),
      ...random.pick([{}, { 'sec-fetch-site': random.pick(['none', 'same-origin']) }]),
    },
  };
  const name = `${'abcxyz'[random.number(6)]}${random.number(1000)}.example`;
  const wrong: Sent = random.pick([
    { ...good, method: random.pick(['POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) },
    ...[
      name,
      `${name}:${port}`,
      `localhost.${name}:${port}`,
      `localhost:${port + 1}`,
      `user@localhost:${port}`,
      'localhost',
    ].map((host) => ({ ...good, headers: { ...good.headers, host } })),
    ...[
      `http://${name}`,
      'null',
      `https://localhost:${port}`,
      `http://localhost:${port}.${name}`,
      `http://localhost:${port - 1}`,
    ].map((origin) => ({ ...good, headers: { ...good.headers, origin } })),
    ...['cross-site', 'same-site', '', name].map((site) => ({
      ...good,
      headers: { ...good.headers, 'sec-fetch-site': site },
    })),
  ]);
  try {
    assert.is(await statusOf(port, good), 200, JSON.stringify(good));
    const status = await statusOf(port, wrong);
    assert.ok(status === undefined || [400, 403, 405].includes(status), `${status} ${JSON.stringify(wrong)}`);
    assert.is(answered, 1);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test.run();
