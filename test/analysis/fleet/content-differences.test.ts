import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { contentDifferences } from '#analysis/fleet/content-differences.ts';
import { loadRedaction } from '#dump/redaction.ts';
import { raw } from '#model/content.ts';
import type { Element } from '#model/difference.ts';

const redact = await loadRedaction();

const route = (content: object): Element => ({ kind: 'route', name: 'r', fields: {}, [raw]: content });

const lines = (here: object, there: object): string[] =>
  contentDifferences(route(here), route(there), redact).map((one) => `${one.field}: ${one.here} / ${one.there}`);

const header = (key: string, value: string): object => ({ request_headers_to_add: [{ header: { key, value } }] });

test('says the path and both values', () => {
  assert.equal(lines(header('x-env', 'a'), header('x-env', 'b')), ['request_headers_to_add[0].header.value: a / b']);
  assert.equal(lines({ a: { b: 1 } }, {}), ['a: {"b":1} / ']);
  assert.equal(lines({ a: [1, 2] }, { a: [2, 1] }), ['order of a: 1, 2 / 2, 1']);
  assert.equal(lines({ a: [1, 2] }, { a: [1] }), ['a: [1,2] / [1]']);
  assert.equal(lines({ a: 1 }, { a: 1 }), []);
  assert.equal(lines({ constructor: 1, a: {} }, { a: { constructor: 'x' } }), [
    'a.constructor:  / x',
    'constructor: 1 / ',
  ]);
});

test('credentials are compared as they are, and shown as tokens', () => {
  const [line = ''] = lines(header('authorization', 'Basic one'), header('authorization', 'Basic two'));
  assert.match(line, /^request_headers_to_add\[0\]\.header\.value: .*\[redacted \w{8}\] \/ .*\[redacted \w{8}\]$/);
  assert.not.match(line, /one|two/);
  const [here, there] = line.match(/\[redacted \w{8}\]/g) ?? [];
  assert.is.not(here, there);
});

test('long values are shown from where they begin to differ', () => {
  const same = 'x'.repeat(1000);
  const [line = ''] = lines({ a: `${same}1${same}` }, { a: `${same}2${same}` });
  assert.ok(line.length < 280);
  assert.match(line, /x1x.* \/ .*x2x/);
});

test.run();
