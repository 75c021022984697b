import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAdminBody } from '#dump/admin-body.ts';

const read = async (text: string) => {
  const { text: shown, json } = await readAdminBody(Buffer.from(text));
  return { text: shown.replace(/ [0-9a-f]{8}\]/g, ']'), json };
};
const key = (label: string): string => `-----BEGIN ${label}-----\nMIIB\n-----END ${label}-----`;

test('JSON without a secret stays as Envoy wrote it, and is parsed', async () => {
  assert.equal(await read('{ "a": [1]}\n'), { text: '{ "a": [1]}\n', json: { a: [1] } });
});

test('text stays text, also where it looks like JSON or is a number', async () => {
  for (const text of ['LIVE\n', '1', '{not json', '']) assert.equal(await read(text), { text, json: undefined }, text);
});

test('private keys are taken out of JSON and of text', async () => {
  const label = ['PRIVATE', 'KEY'].join(' ');
  const json = await read(JSON.stringify({ configs: [{ private_key: { inline_string: 'x' }, other: key(label) }] }));
  assert.equal(JSON.parse(json.text), {
    configs: [{ private_key: { inline_string: '[redacted]' }, other: '[redacted]' }],
  });
  assert.is((await read(`note\n${key(label)}\nend`)).text, 'note\n[redacted]\nend');
});

test('of a key that is there twice both values are looked at', async () => {
  const { text } = await read('{"private_key":{"inline_string":"SECRET"},"private_key":{}}');
  assert.equal(JSON.parse(text), { private_key: {} });
});

test('JSON that ends in the middle is not shown', async () => {
  for (const text of ['{"configs": [', '[{"token": "x"}', '{"a" 1}']) {
    const error = await read(text).catch((thrown: { readonly code: string; readonly message: string }) => thrown);
    assert.is('code' in error && error.code, 'bad-answer', text);
  }
});

test.run();
