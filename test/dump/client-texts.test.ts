// What leads to a client becomes a pseudonym, wherever it stands in a line; what the cluster itself has stays.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clientTexts } from '#dump/client-texts.ts';

const own = new Set(['10.64.0.8', '2001:db8::8']);
const texts = clientTexts((address) => own.has(address));
const client = /client-[0-9a-f]{10}/;

const gone: readonly (readonly [line: string, secret: string])[] = [
  ['from 203.0.113.9:4711 to 10.64.0.8:80', '203.0.113.9'],
  ['"x_forwarded_for":"203.0.113.9,198.51.100.7"', '198.51.100.7'],
  ['[2001:db8::9]:4711 closed', '2001:db8::9'],
  ['for=2001:db8:1:2::9', '2001:db8:1:2::9'],
  ['::ffff:203.0.113.9 closed', '203.0.113.9'],
  ['GET http://203.0.113.9/x HTTP/1.1', '203.0.113.9'],
  ['GET /search?q=my+illness&b=%20 HTTP/1.1', 'illness'],
  ['"path":"/search?q=\\"my illness\\""', 'q='],
  ['referer "https://shop.example/cart?session=abc#top"', 'session'],
  ['authorization: Bearer abcdef123456', 'abcdef123456'],
  ['cookie eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.sig here', 'eyJzdWIiOiJtZSJ9'],
];

for (const [line, secret] of gone)
  test(`${secret} is not in: ${line}`, () => assert.not.match(texts.anywhere(line), secret));

test('the same value has the same pseudonym, another one another', () => {
  const [a, b, c] = ['203.0.113.9:1', 'x 203.0.113.9', '203.0.113.10'].map(
    (one) => client.exec(texts.anywhere(one))?.[0],
  );
  assert.ok(a);
  assert.is(a, b);
  assert.is.not(a, c);
});

test('what is redacted once stays as it is', () => {
  const once = texts.anywhere('203.0.113.9 GET /a?b=c authorization: Bearer abcdef123456');
  assert.is(texts.anywhere(once), once);
});

const kept = [
  'upstream 10.64.0.8:4000 127.0.0.1:80 [2001:db8::8]:80 [::1]:80 0.0.0.0',
  '[2026-11-23T12:08:09.489Z] 12:08:09 "GET /a/b HTTP/1.1" 503 UF',
  'Mozilla/5.0 Chrome/120.0.0.0 Safari/537.36',
  'outbound|80||svc1.svc1.svc.cluster.local v1.2.3.4-rc',
  'what? nothing',
];

for (const line of kept) test(`stays: ${line}`, () => assert.is(texts.anywhere(line), line));

test.run();
