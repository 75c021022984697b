// A value whose name says that it is a credential, in texts that are no documents. What only looks like one stays.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withoutSecretTexts } from '#dump/secret-texts.ts';

const gone: readonly (readonly [text: string, left: string])[] = [
  ["'cookie', 'session=hush; theme=dark'", "'cookie', '[redacted]'"],
  ["'x-api-key', 'hush'", "'x-api-key', '[redacted]'"],
  ["'authorization', 'hush'", "'authorization', '[redacted]'"],
  ['\'authorization\', \'Digest username="me", response="hush"\'', "'authorization', '[redacted]'"],
  ['h:headers():add("x-api-key", "hush")', 'h:headers():add("x-api-key", "[redacted]")'],
  ['h["Set-Cookie"] = "a=hush"', 'h["Set-Cookie"] = "[redacted]"'],
  ['local password = "hush hush"', 'local password = "[redacted]"'],
  ['the configuration is {"password":"hush","a":1}', 'the configuration is {"password":"[redacted]","a":1}'],
  ['it is {\\"client_secret\\": \\"hush\\"}', 'it is {\\"client_secret\\": \\"[redacted]\\"}'],
  ['a: b\npassword: hush\nc: d', 'a: b\npassword: [redacted]\nc: d'],
  ['users:\n  - db_password: "hush"', 'users:\n  - db_password: "[redacted]"'],
  ['password=hunter2', 'password=[redacted]'],
  ['run --client-secret=hush --port=1', 'run --client-secret=[redacted] --port=1'],
  ['https://idp.example/auth?a=b&access_token=hush&c=d', 'https://idp.example/auth?a=b&access_token=[redacted]&c=d'],
  ['if h:get("x-api-key") ~= "hush" then', 'if h:get("x-api-key") ~= "[redacted]" then'],
  ['h["authorization"] == "Bearer hush"', 'h["authorization"] == "Bearer [redacted]"'],
  ["local token = 'hush'", "local token = '[redacted]'"],
  ['local secret_key = "hush"', 'local secret_key = "[redacted]"'],
  ['got map[Authorization:[Bearer hush] Accept:[*]]', 'got map[Authorization:[Bearer [redacted]] Accept:[*]]'],
  ['got {"Authorization":["Bearer hush"]}', 'got {"Authorization":["Bearer [redacted]"]}'],
  ['got {"X-Api-Key":["hush"]}', 'got {"X-Api-Key":["[redacted]"]}'],
  ['{tracing: {lightstep: {accessToken: hush}}}', '{tracing: {lightstep: {accessToken: [redacted]}}}'],
  ['{user: me, password: hush, a: b}', '{user: me, password: [redacted], a: b}'],
  ['AccountName=x;AccountKey=hush==;EndpointSuffix=y', 'AccountName=x;AccountKey=[redacted];EndpointSuffix=y'],
  ['https://a.example/x?X-Amz-Signature=hush&a=b', 'https://a.example/x?X-Amz-Signature=[redacted]&a=b'],
  ['https://a.example/x?sv=1&sig=hush%3D', 'https://a.example/x?sv=1&sig=[redacted]'],
  ['run --token=hush', 'run --token=[redacted]'],
  ['curl -H "Cookie: session=hush" x', 'curl -H "Cookie: [redacted]" x'],
  ['see eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.hush here', 'see [redacted] here'],
  ['Bearer hush-hush', 'Bearer [redacted]'],
  ['Basic aHVzaDpodXNo', 'Basic [redacted]'],
  ["'cookie', 'a=hush; jwt=[redacted 0123abcd]'", "'cookie', '[redacted]'"],
];

const withoutDigits = (text: string): string => text.replace(/\[redacted [0-9a-f]{8}\]/g, '[redacted]');

for (const [text, left] of gone)
  test(`takes the value out of ${text}`, () => {
    const once = withoutSecretTexts(text);
    assert.is(withoutDigits(once), left);
    assert.is(withoutSecretTexts(once), once, 'what is redacted stays as it is');
    assert.is(withoutSecretTexts(left), left, "another run's token too");
  });

const kept = [
  '[%START_TIME%] "%REQ(:METHOD)%" "%REQ(COOKIE)%" authorization=%REQ(AUTHORIZATION)%',
  'h:headers():add("x-token", "%REQ(x-token)%")',
  'secret: "web-cert" is not there',
  'error: token: it has expired',
  'password=$DB_PASSWORD',
  'password: <none>',
  "'x-request-id', 'abc'",
  '{"name":"DB_PASSWORD","value" :',
  'bearer of news: none, basic auth',
  'credentialName: web-cert\ncookieName: "session"',
  'outbound|80||access-token.example.org',
  'if password == nil then',
  'if token == nil or secret ~= other then',
  '{name: web, credentialName: web-cert}',
  'map[Authorization:[] Accept:[*]]',
];

for (const text of kept) test(`stays: ${text}`, () => assert.is(withoutSecretTexts(text), text));

test('takes time in proportion to the length', () => {
  const units = [
    '"password":"',
    "'cookie', '",
    'password',
    'a_',
    '"a',
    '\\"',
    'password: ',
    '{password',
    ', a_',
    '"a") ',
    '--token-',
    'eyJ.',
    'eyJaaaaaa.',
    '= ',
    '"token" ]',
  ];
  for (const unit of units) {
    const before = process.cpuUsage();
    withoutSecretTexts(`x=${unit.repeat(400_000 / unit.length)}`);
    const { user } = process.cpuUsage(before);
    assert.ok(user / 1000 < 1500, `${unit}: ${user / 1000} ms`);
  }
});

test.run();
