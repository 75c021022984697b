// Envoy's grammar of formats, of every version.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseFormat } from '#accesslog/format.ts';
import { readGivenFormats } from '#accesslog/given-format.ts';
import { compileFormat, lineParser } from '#accesslog/line-parser.ts';
import { slotOf } from '#accesslog/operators.ts';
import type { AccessEntry, AccessLogFormat } from '#model/access-log.ts';
import { toolError } from '../support/rejection.ts';

const operatorsOf = (text: string): readonly (readonly [string, string | undefined, number | undefined])[] =>
  parseFormat(text).operators.map(({ name, argument, maxLength }) => [name, argument, maxLength]);

const fieldOf = (text: string): string | undefined => parseFormat(text).operators.map(slotOf)[0]?.field;

const readGivenFormat = (text: string): AccessLogFormat => readGivenFormats(text)[0] as AccessLogFormat;

test('parentheses inside an argument belong to it', () => {
  assert.equal(operatorsOf('%CEL(has(request.headers.tenant))% %CEL(a.size()):5%'), [
    ['CEL', 'has(request.headers.tenant)', undefined],
    ['CEL', 'a.size()', 5],
  ]);
  assert.equal(operatorsOf('%CEL((a || b) && !has(c))%x%PROTOCOL%'), [
    ['CEL', '(a || b) && !has(c)', undefined],
    ['PROTOCOL', undefined, undefined],
  ]);
});

test('an argument may be anything, and formats of before are read as before', () => {
  assert.equal(operatorsOf('100%% %START_TIME(%Y/%m/%dT%H:%M:%S%z)% %QUERY_PARAM(a b):9% %PATH(NQ,ORIG_OR_PATH)%'), [
    ['START_TIME', '%Y/%m/%dT%H:%M:%S%z', undefined],
    ['QUERY_PARAM', 'a b', 9],
    ['PATH', 'NQ,ORIG_OR_PATH', undefined],
  ]);
  assert.equal(parseFormat('100%% %PROTOCOL%').literals, ['100% ', '']);
});

test('a percent sign that begins no operator is told, not taken for text', () => {
  assert.match(toolError(() => readGivenFormat('%PROTOCOL% %REQ(:PATH) x')).message, 'at "%REQ(:PATH) x"');
  assert.is(readGivenFormat('100%% %START_TIME(%s.%3f)% %CEL(a % b)%').kind, 'text');
});

test('a format that was copied with the escapes of YAML is read as it is meant', () => {
  const meant = { kind: 'text', text: '[%START_TIME%] "%REQ(:METHOD)%" %RESPONSE_CODE%\n' };
  for (const text of [
    '[%START_TIME%] \\"%REQ(:METHOD)%\\" %RESPONSE_CODE%\\n',
    '"[%START_TIME%] \\"%REQ(:METHOD)%\\" %RESPONSE_CODE%\\n"',
    '[%START_TIME%] "%REQ(:METHOD)%" %RESPONSE_CODE%\n',
  ])
    assert.equal(readGivenFormat(text), meant, text);
  const own = '"%PROTOCOL%" x\\"y %RESPONSE_CODE%';
  assert.equal(readGivenFormat(own), { kind: 'text', text: own });
  assert.equal(readGivenFormat('"%PROTOCOL%"'), { kind: 'text', text: '"%PROTOCOL%"' });
});

test('a text may make JSON of its line', () => {
  for (const text of ['{"code":%RESPONSE_CODE%,"path":"%REQ(:PATH)%"}', '{"code":"%RESPONSE_CODE%"}\\n'])
    assert.is(readGivenFormat(text).kind, 'text', text);
  assert.is(readGivenFormat('{"code":"%RESPONSE_CODE%"}\n').kind, 'json');
  assert.match(toolError(() => readGivenFormat('{"code":%RESPONSE_CODE%,}')).message, 'begins as a JSON object');
});

test('a host is a host, whichever operator writes it', () => {
  const hosts = [
    '%REQ(:AUTHORITY)%',
    '%REQ(HOST):50%',
    '%REQ(:AUTHORITY?X-HOST)%',
    '%REQUEST_HEADER(X-FORWARDED-HOST?:AUTHORITY)%',
    '%COALESCE({"operators": ["REQUESTED_SERVER_NAME", {"command": "REQ", "param": ":authority"}]})%',
    '%COALESCE({"operators": [{"command": "REQ", "param": ":authority", "max_length": 9}, "REQUESTED_SERVER_NAME"]}):50%',
    '%CEL(request.host)%',
    '%REQUESTED_SERVER_NAME(HOST_FIRST:ORIG)%',
    "%CEL(request.headers[':authority'])%",
  ];
  assert.equal(hosts.map(fieldOf), Array(hosts.length).fill('authority'));
  assert.is(fieldOf('%COALESCE({"operators": ["REQUESTED_SERVER_NAME"]})%'), 'serverName');
  assert.is(fieldOf('%COALESCE(no JSON)%'), undefined);
  assert.is(fieldOf('%CEL(has(request.host))%'), undefined);
});

test('a gRPC status is one in every operator', () => {
  for (const text of [
    '%GRPC_STATUS(SNAKE_STRING)%',
    '%GRPC_STATUS_NUMBER%',
    '%TRAILER(GRPC-STATUS)%',
    '%RESP(grpc-status)%',
  ])
    assert.is(fieldOf(text), 'grpcStatus', text);
});

test('a line of a format with functions is read', () => {
  const parser = lineParser([
    {
      kind: 'text',
      text: `[%START_TIME%] %RESPONSE_CODE% %CEL(request.headers['x-tenant'].size())% "%REQ(:AUTHORITY)%"`,
    },
  ]);
  const parsed = parser.parse('[2026-11-23T06:20:43.568Z] 503 4 "a.example.test"');
  assert.is(parsed.kind, 'access');
  const entry: AccessEntry = parsed.kind === 'access' ? parsed.format.entry(parsed.values) : {};
  assert.equal(
    [entry.responseCode, entry.authority, entry.other],
    [503, 'a.example.test', { "CEL(request.headers['x-tenant'].size())": '4' }],
  );
});

test('a leaf of a JSON format that cannot be read is counted', () => {
  const format = compileFormat({
    kind: 'json',
    json: { request: '%REQ(:METHOD)% %RESPONSE_CODE%', host: '%REQ(:AUTHORITY)%' },
  });
  assert.ok(format.parse('', { request: 'GET 200', host: 'a' }));
  assert.equal(format.unread(), []);
  assert.ok(format.parse('', { request: 'something else', host: 'a' }));
  assert.equal(format.unread(), [{ key: 'request', lines: 1, tellsErrors: true }]);
});

test.run();
