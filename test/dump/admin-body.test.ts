import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAdminBody } from '#dump/admin-body.ts';

const read = (text: string) => readAdminBody(Buffer.from(text));
const key = (label: string): string => `-----BEGIN ${label}-----\nMIIB\n-----END ${label}-----`;

test('JSON without a secret stays as Envoy wrote it, and is parsed', () => {
  assert.equal(read('{ "a": [1]}\n'), { text: '{ "a": [1]}\n', json: { a: [1] } });
});

test('text stays text, also where it looks like JSON or is a number', () => {
  for (const text of ['LIVE\n', '1', '{not json', '']) assert.equal(read(text), { text, json: undefined }, text);
});

test('private keys are taken out of JSON and of text', () => {
  const label = ['PRIVATE', 'KEY'].join(' ');
  const json = read(JSON.stringify({ configs: [{ private_key: { inline_string: 'x' }, other: key(label) }] }));
  assert.equal(json.json, { configs: [{ private_key: { inline_string: '[redacted]' }, other: '[redacted]' }] });
  assert.equal(JSON.parse(json.text), json.json);
  assert.is(read(`note\n${key(label)}\nend`).text, 'note\n[redacted]\nend');
});

test.run();
