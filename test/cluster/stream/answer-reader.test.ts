import http from 'node:http';
import { duplexPair } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AnswerReader, NotHttp } from '#cluster/stream/answer-reader.ts';

/** `200 hello`; `not whole` where more must come, or the stream's end; `not HTTP`. */
function readIn(pieces: readonly string[], isEnded = false): string {
  const reader = new AnswerReader();
  try {
    for (const piece of pieces) reader.push(Buffer.from(piece, 'latin1'));
    if (isEnded) reader.end();
  } catch (error) {
    assert.instance(error, NotHttp);
    return 'not HTTP';
  }
  if (!reader.isWhole) return 'not whole';
  assert.is(Buffer.concat(reader.body).length, reader.size);
  return `${reader.status} ${Buffer.concat(reader.body)}${reader.isReusable ? '' : ', the last'}`;
}

/** What Node's own client makes of it. */
function readByNode(text: string): Promise<string> {
  const [ours, theirs] = duplexPair();
  return new Promise((resolve) => {
    const request = http.get({ createConnection: () => ours, headers: { connection: 'keep-alive' } }, (response) => {
      let body = '';
      response.setEncoding('latin1').on('data', (chunk) => (body += chunk));
      response.on('end', () => resolve(`${response.statusCode} ${body}`));
      response.on('error', (error) => resolve(wordOf(error)));
    });
    request.on('error', (error) => resolve(wordOf(error)));
    request.on('close', () => setImmediate(() => resolve('not whole')));
    theirs.resume();
    theirs.end(Buffer.from(text, 'latin1'));
  });
}

const wordOf = ({ code }: NodeJS.ErrnoException): string => (code?.startsWith('HPE_') ? 'not HTTP' : 'not whole');

const ok = 'HTTP/1.1 200 OK\r\n';

/** What each is, and what it is when the stream has ended, where that is something else. */
const answers: readonly (readonly [text: string, is: string, ended?: string])[] = [
  [`${ok}content-length: 5\r\n\r\nhello`, '200 hello'],
  [`${ok}Content-Length:5 \t\r\nX-Other:\r\n\r\nhello`, '200 hello'],
  ['HTTP/1.1 404\r\ncontent-length: 0\r\n\r\n', '404 '],
  ['HTTP/1.1 204 No Content\r\n\r\n', '204 '],
  ['HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n', '304 '],
  [`${ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`, '200 hello'],
  [`${ok}Transfer-Encoding: Chunked\r\n\r\n00A;name=value\r\n0123456789\r\n1\r\n!\r\n0\r\n\r\n`, '200 0123456789!'],
  [`${ok}transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\ntrailer: yes\r\n\r\n`, '200 a'],
  [`${ok}transfer-encoding: chunked\r\n\r\n2\r\n\r\n\r\n0\r\n\r\n`, '200 \r\n'],
  [
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na',
    '200 a',
  ],
  [`${ok}content-length: 1\r\nconnection: close\r\n\r\na`, '200 a, the last'],
  ['HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na', '200 a, the last'],
  [`${ok}\r\nuntil the end`, 'not whole', '200 until the end, the last'],
  [`${ok}\r\n`, 'not whole', '200 , the last'],
  ['', 'not whole'],
  ['HTT', 'not whole'],
  [`${ok}content-length: 6\r\n\r\nhello`, 'not whole'],
  [`${ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`, 'not whole'],
  [`${ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n`, 'not whole'],
];

const refused: readonly string[] = [
  'SSH-2.0-OpenSSH_9.6\r\n',
  '\x15\x03\x01\x00\x02\x02\x16',
  'HTTP/1.1 20 OK\r\n\r\n',
  'HTTP/1.1 2000 OK\r\n\r\n',
  'HTTP/1.1 200 OK\ncontent-length: 0\n\n',
  'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
  `${ok}content-length: 5\r\ncontent-length: 5\r\n\r\nhello`,
  `${ok}content-length: 5, 5\r\n\r\nhello`,
  `${ok}content-length: +5\r\n\r\nhello`,
  `${ok}content-length: -5\r\n\r\nhello`,
  `${ok}content-length: 0x5\r\n\r\nhello`,
  `${ok}content-length: 99999999999999999999\r\n\r\nhello`,
  `${ok}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  `${ok}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n`,
  `${ok}transfer-encoding: chunked\r\n\r\nfive\r\nhello\r\n0\r\n\r\n`,
  `${ok}transfer-encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n`,
  `${ok}transfer-encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n`,
  `${ok}transfer-encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n`,
  `${ok}transfer-encoding: chunked\r\n\r\nfffffffffffffffffff\r\nhello\r\n0\r\n\r\n`,
  `${ok}transfer-encoding: chunked\r\n\r\n0\r\nno trailer\r\n\r\n`,
  `${ok}content-length : 5\r\n\r\nhello`,
  `${ok} folded: 5\r\n\r\n`,
  `${ok}no colon\r\n\r\n`,
  `${ok}a: b\x00c\r\n\r\n`,
  `${ok}a: b\rc\r\n\r\n`,
  `${ok}a: b\nc: d\r\n\r\n`,
  `${ok}a: ${'b'.repeat(16 * 1024)}\r\n\r\n`,
  `${ok}${`a: ${'b'.repeat(100)}\r\n`.repeat(200)}\r\n`,
];

/** Refused by this reader alone. */
const strict: readonly string[] = [
  'HTTP/2.0 200 OK\r\n\r\n',
  `${ok}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  `${ok}transfer-encoding: gzip\r\n\r\nhello`,
];

test('an answer is the same wherever the network cuts it, and byte by byte', () => {
  for (const [text, is, ended = is] of answers) {
    for (let cut = 0; cut <= text.length; cut++) {
      assert.is(readIn([text.slice(0, cut), text.slice(cut)]), is, text);
      assert.is(readIn([text.slice(0, cut), text.slice(cut)], true), ended, text);
    }
    assert.is(readIn([...text]), is, text);
  }
});

test('a part of an answer is never whole', () => {
  for (const [text, is, ended = is] of answers) {
    if (is === 'not whole' || is !== ended) continue;
    for (let cut = 0; cut < text.length; cut++) assert.is(readIn([text.slice(0, cut)], true), 'not whole', text);
  }
});

test('what is no HTTP, or could be read in two ways, is refused, wherever the network cuts it', () => {
  for (const text of [...refused, ...strict]) {
    assert.is(readIn([text]), 'not HTTP', text);
    assert.is(readIn([...text]), 'not HTTP', text);
  }
});

test("Node's client reads the same, and takes nothing of what is refused", async () => {
  for (const [text, is, ended = is] of answers)
    assert.is(await readByNode(text), ended.replace(', the last', ''), text);
  for (const text of refused) assert.is.not((await readByNode(text)).slice(0, 3), '200', text);
});

test('what comes after an answer belongs to no request', () => {
  assert.is(readIn([`${ok}content-length: 1\r\n\r\na`, `${ok}content-length: 1\r\n\r\nb`]), '200 a, the last');
  assert.is(readIn([`${ok}transfer-encoding: chunked\r\n\r\n0\r\n\r\nX`]), '200 , the last');
});

test.run();
