import net from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { listenOnLoopback } from '#cluster/local/loopback.ts';
import { doorServer } from '#cluster/local/loopback-door.ts';

/** The first line of the answer to these lines of a request, and which targets got through. `PORT` is the door's. */
async function knock(...lines: string[]): Promise<{ answer: string; whole: string; through: string[] }> {
  const through: string[] = [];
  const door = await listenOnLoopback(
    () =>
      doorServer(async (target) => {
        through.push(target);
        return { status: 200, contentType: 'application/json', body: '{"ü":1}' };
      }),
    0,
  );
  try {
    const socket = net.connect(door.port, '127.0.0.1').on('error', () => {});
    socket.write(`${lines.join('\r\n').replaceAll('PORT', String(door.port))}\r\nconnection: close\r\n\r\n`);
    const whole = await text(socket);
    return { answer: whole.split('\r\n')[0] ?? '', whole, through };
  } finally {
    door.close();
  }
}

for (const host of ['localhost', 'LocalHost', '127.0.0.1', '[::1]']) {
  test(`GET for ${host} gets through, with its target as it was sent`, async () => {
    const { answer, whole, through } = await knock('GET /stats?filter=a%20b HTTP/1.1', `Host: ${host}:PORT`);
    assert.is(answer, 'HTTP/1.1 200 OK');
    assert.equal(through, ['/stats?filter=a%20b']);
    assert.match(whole, /content-type: application\/json\r\ncontent-length: 8\r\n/);
    assert.ok(whole.endsWith('{"ü":1}'));
  });
}

const refused: readonly (readonly [string, string[], RegExp])[] = [
  ['a name that DNS may point here', ['GET /stats HTTP/1.1', 'Host: evil.example:PORT'], /403/],
  ['another port, which a proxy may mean', ['GET /stats HTTP/1.1', 'Host: localhost:1'], /403/],
  ['a host that begins with ours', ['GET /stats HTTP/1.1', 'Host: localhost:PORT.evil.example'], /403/],
  ['no host', ['GET /stats HTTP/1.0'], /403/],
  ['a page of another site', ['GET /stats HTTP/1.1', 'Host: localhost:PORT', 'Origin: http://evil.example'], /403/],
  ['a page of another port', ['GET /stats HTTP/1.1', 'Host: localhost:PORT', 'Origin: http://localhost:1'], /403/],
  ['an image of another site', ['GET /stats HTTP/1.1', 'Host: localhost:PORT', 'Sec-Fetch-Site: cross-site'], /403/],
  ['an image of another port', ['GET /stats HTTP/1.1', 'Host: localhost:PORT', 'Sec-Fetch-Site: same-site'], /403/],
  ['POST', ['POST /logging?level=debug HTTP/1.1', 'Host: localhost:PORT', 'Content-Length: 0'], /405/],
  ['HEAD', ['HEAD /stats HTTP/1.1', 'Host: localhost:PORT'], /405/],
  [
    'a method that claims to be another',
    ['PUT /stats HTTP/1.1', 'Host: localhost:PORT', 'Content-Length: 0', 'X-HTTP-Method-Override: GET'],
    /405/,
  ],
  ['CONNECT', ['CONNECT localhost:15000 HTTP/1.1', 'Host: localhost:PORT'], /^$/],
  ['what is no HTTP', ['\x16\x03\x01'], /^$/],
];

for (const [what, lines, status] of refused) {
  test(`${what} does not get through`, async () => {
    const { answer, through } = await knock(...lines);
    assert.match(answer, status);
    assert.equal(through, []);
  });
}

test('a page of the door itself gets through', async () => {
  assert.equal(
    (
      await knock(
        'GET /stats HTTP/1.1',
        'Host: localhost:PORT',
        'Origin: http://localhost:PORT',
        'Sec-Fetch-Site: same-origin',
      )
    ).through,
    ['/stats'],
  );
});

test('an upgrade is an ordinary GET', async () => {
  const { answer } = await knock('GET /stats HTTP/1.1', 'Host: localhost:PORT', 'Upgrade: websocket');
  assert.is(answer, 'HTTP/1.1 200 OK');
});

test.run();
