import { once } from 'node:events';
import net, { type AddressInfo, type Server } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { listenOnLoopback } from '#cluster/local/loopback.ts';
import { hintText } from '#core/error.ts';
import { rejection } from '../../support/rejection.ts';

const greeting = (): Server => net.createServer((socket) => socket.on('error', () => {}).end('hello'));

async function readFrom(host: string, port: number): Promise<string> {
  let text = '';
  for await (const chunk of net.connect(port, host).setEncoding('utf8')) text += chunk;
  return text;
}

async function canListen(host: string): Promise<boolean> {
  const server = net.createServer();
  return await once(server.listen(0, host), 'listening').then(
    () => {
      server.close();
      return true;
    },
    () => false,
  );
}

const hasIpv6 = await canListen('::1');

test('listens on both loopback addresses, at one port that is free', async () => {
  const opened = await listenOnLoopback(greeting, 0);
  try {
    assert.ok(opened.port > 0);
    assert.is(await readFrom('127.0.0.1', opened.port), 'hello');
    if (hasIpv6) assert.is(await readFrom('::1', opened.port), 'hello');
  } finally {
    opened.close();
  }
});

test('listens on no other address of this machine', async () => {
  const opened = await listenOnLoopback(greeting, 0);
  try {
    assert.is((await rejection(readFrom('127.0.0.2', opened.port))).code as string, 'ECONNREFUSED');
  } finally {
    opened.close();
  }
});

for (const host of ['127.0.0.1', '::1']) {
  test(`a port that somebody has on ${host} is refused, and the other address let go`, async () => {
    if (host === '::1' && !hasIpv6) return;
    const taken = net.createServer();
    await once(taken.listen(0, host), 'listening');
    const { port } = taken.address() as AddressInfo;
    try {
      const error = await rejection(listenOnLoopback(greeting, port));
      assert.equal(
        [error.code, error.message],
        ['usage', `cannot listen on port ${port} of localhost: something else listens there`],
      );
      assert.match(hintText(error) ?? '', 'or 0');
    } finally {
      taken.close();
    }
    (await listenOnLoopback(greeting, port)).close();
  });
}

test.run();
