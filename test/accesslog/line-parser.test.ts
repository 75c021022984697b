import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { knownLines } from '#accesslog/export-reader.ts';
import { exportedLines } from '#accesslog/exported.ts';
import { logFilter } from '#accesslog/filter.ts';
import { readGivenFormats } from '#accesslog/given-format.ts';
import { istioJson, istioText } from '#accesslog/known-formats.ts';
import { lineParser } from '#accesslog/line-parser.ts';
import recorded from '#demo/fleet.json' with { type: 'json' };
import type { AccessEntry, AccessLogFormat } from '#model/access-log.ts';
import { toolError } from '../support/rejection.ts';

const kinds = (lines: readonly string[], parser = lineParser([])): string[] =>
  lines.map((line) => parser.parse(line).kind);
const json = {
  start_time: '2026-11-23T12:08:09.480Z',
  route_name: null,
  method: 'GET',
  path: '/a"b\\c',
  protocol: 'HTTP/2',
  response_code: 503,
  response_flags: 'URX,UF',
  response_code_details: 'upstream_reset_before_response_started{remote_connection_failure|x}',
  connection_termination_details: null,
  bytes_received: 0,
  bytes_sent: 91,
  duration: 54,
  upstream_service_time: null,
  x_forwarded_for: '10.0.0.1,10.0.0.2',
  user_agent: 'curl/7.88.1',
  request_id: 'r',
  authority: 'svc1.discovery.wmnet',
  upstream_host: '10.64.0.1:4000',
  upstream_cluster: 'outbound|4001||svc1.svc1.svc.cluster.local',
  upstream_local_address: null,
  downstream_local_address: '10.200.0.1:8443',
  downstream_remote_address: '10.200.255.254:44164',
  requested_server_name: 'svc1.discovery.wmnet',
  upstream_transport_failure_reason: null,
};

const readGivenFormat = (text: string): AccessLogFormat => readGivenFormats(text)[0] as AccessLogFormat;

test('every line that the recorded gateways wrote is access log or known to be none', () => {
  const lines = recorded.pods.flatMap(({ log }) => log);
  const access = lines.filter((line) => /^\[\d{4}-/.test(line));
  assert.ok(access.length > 200);
  assert.equal(new Set(kinds(access)), new Set(['access']));
  assert.equal(new Set(kinds(lines.filter((line) => !access.includes(line)))), new Set(['other']));
});

test("Wikimedia's JSON keeps its types; null is unset; the order of keys does not matter", () => {
  const parser = lineParser([istioJson]);
  const backwards = Object.fromEntries(Object.entries(json).reverse());
  for (const line of [JSON.stringify(json), JSON.stringify(backwards)]) {
    const parsed = parser.parse(line);
    assert.is(parsed.kind, 'access');
    const entry = parsed.kind === 'access' ? parsed.format.entry(parsed.values) : {};
    assert.is(entry.path, '/a"b\\c');
    assert.is(entry.responseCode, 503);
    assert.equal(entry.responseFlags, ['URX', 'UF']);
    assert.is('routeName' in entry, false);
    assert.is(entry.durationMs, 54);
  }
});

test('JSON of strings alone (json_format before it was typed) is the same', () => {
  const parsed = lineParser([istioJson]).parse(
    JSON.stringify(Object.fromEntries(Object.entries(json).map(([key, value]) => [key, String(value ?? '-')]))),
  );
  const entry = parsed.kind === 'access' ? parsed.format.entry(parsed.values) : {};
  assert.equal(
    [entry.responseCode, entry.upstreamServiceTimeMs, entry.upstreamLocalAddress],
    [503, undefined, undefined],
  );
});

test('a JSON format of its own: nested, with text around operators', () => {
  const parser = lineParser([
    {
      kind: 'json',
      json: {
        t: '%START_TIME%',
        http: { req: '%REQ(:METHOD)% %REQ(:PATH)%', code: '%RESPONSE_CODE%' },
        fixed: 'gateway',
        x: '%REQ(X-CLIENT)%',
      },
    },
  ]);
  const parsed = parser.parse(
    '{"t":"2026-11-23T12:08:09.480Z","http":{"req":"GET /x","code":200},"fixed":"gateway","x":"beta"}',
  );
  assert.equal(parsed.kind === 'access' && parsed.format.entry(parsed.values), {
    startTime: '2026-11-23T12:08:09.480Z',
    method: 'GET',
    path: '/x',
    responseCode: 200,
    other: { 'REQ(X-CLIENT)': 'beta' },
  });
});

test('keys that are left out (omit_empty_values) are unset', () => {
  const { start_time, response_code, method, path } = json;
  const parsed = lineParser([istioJson]).parse(JSON.stringify({ start_time, response_code, method, path }));
  assert.is(parsed.kind, 'access');
});

test('lines of the agent and of Envoy itself are no access log, as text and as JSON', () => {
  assert.equal(
    new Set(
      kinds([
        '2026-11-23T12:06:16.808944Z\tinfo\txdsproxy\tInitializing',
        '[2026-11-23 12:06:14.123][15][warning][config] [source/x.cc:12] text',
        '{"level":"info","time":"2026-11-23T12:06:14Z","scope":"ads","msg":"ADS: new connection"}',
        '{"unrelated": true}',
        '2026/11/23 12:06:14 ERROR failed',
        'configPath: ./etc/istio/proxy',
        '',
        '\tcontinued',
        'panic: \0 \uFFFD',
      ]),
    ),
    new Set(['other']),
  );
});

test('what begins as access log and is none is unparsed', () => {
  assert.equal(
    new Set(
      kinds([
        '[2026-11-23T12:08:09.480Z] "GET /',
        '{"start_time":"2026-11-23T12:08:09.480Z","response_code":5',
        '[2026-11-23T12:08:09.480Z] \0\uFFFD',
      ]),
    ),
    new Set(['unparsed']),
  );
});

test("lines of before the format changed are read by Istio's own", () => {
  const parser = lineParser([{ kind: 'text', text: '%START_TIME% %RESPONSE_CODE%\n' }]);
  const old = recorded.pods[0]?.log.find((line) => line.startsWith('['));
  assert.equal(kinds(['2026-11-23T12:08:09.480Z 200', old ?? ''], parser), ['access', 'access']);
  assert.is(parser.formats.length, 1);
});

test('--format is a name, a format string or a JSON object', () => {
  assert.is(readGivenFormat('istio'), istioText);
  assert.equal(readGivenFormat('[%START_TIME%] %RESPONSE_CODE%\\n'), {
    kind: 'text',
    text: '[%START_TIME%] %RESPONSE_CODE%\n',
  });
  assert.equal(readGivenFormat('{"code":"%RESPONSE_CODE%"}'), { kind: 'json', json: { code: '%RESPONSE_CODE%' } });
  for (const wrong of ['istoi', '{"code"', 'plain']) assert.is(toolError(() => readGivenFormat(wrong)).code, 'usage');
});

test('exporters put JSON around a line, and prefixes before it', () => {
  const line = '[2026-11-23T12:08:09.480Z] "GET / HTTP/2" 200';
  const read = (text: string): unknown =>
    exportedLines(
      text,
      knownLines(lineParser([{ kind: 'text', text: '[%START_TIME%] "%REQ(:METHOD)% %PROTOCOL%" %RESPONSE_CODE%' }])),
    )[0];
  assert.equal(read(line), { text: line, pod: undefined, time: undefined });
  assert.equal(
    read(
      JSON.stringify({ '@timestamp': '2026-11-23T12:08:10Z', message: line, kubernetes: { pod: { name: 'gw-1' } } }),
    ),
    {
      text: line,
      pod: 'gw-1',
      time: '2026-11-23T12:08:10Z',
    },
  );
  assert.equal(read(JSON.stringify({ log: `${line}\n`, kubernetes: { pod_name: 'gw-2' } })), {
    text: line,
    pod: 'gw-2',
    time: undefined,
  });
  assert.equal(read(JSON.stringify({ message: JSON.stringify(json) })), {
    text: JSON.stringify(json),
    pod: undefined,
    time: undefined,
  });
  assert.equal(read(JSON.stringify({ message: json })), {
    text: JSON.stringify(json),
    pod: undefined,
    time: undefined,
  });
  const own = JSON.stringify({ ...json, message: 'x' });
  assert.equal(read(own), { text: own, pod: undefined, time: undefined });
  assert.equal(read(`[pod/gw-3/istio-proxy] 2026-11-23T12:08:10.000000001Z ${line}`), {
    text: line,
    pod: 'gw-3',
    time: '2026-11-23T12:08:10.000000001Z',
  });
  assert.equal(read(`2026-11-23T12:08:10.000000001Z stdout F ${line}`), {
    text: line,
    pod: undefined,
    time: '2026-11-23T12:08:10.000000001Z',
  });
  assert.equal(read('{"message": cut'), { text: '{"message": cut', pod: undefined, time: undefined });
});

test('a given object may be a text, in which nothing that a client sends is escaped', () => {
  const format = '{"start":"%START_TIME%","code":"%RESPONSE_CODE%","path":"%REQ(:PATH)%","agent":"%REQ(USER-AGENT)%"}';
  const parser = lineParser(readGivenFormats(format));
  const entryOf = (path: string): AccessEntry | undefined => {
    const parsed = parser.parse(`{"start":"2026-11-23T12:00:00.000Z","code":"503","path":"${path}","agent":"a"}`);
    return parsed.kind === 'access' ? parsed.format.entry(parsed.values) : undefined;
  };
  for (const path of ['/a', '/a"b', '/a" "b']) {
    const { path: read, responseCode, userAgent } = entryOf(path) ?? {};
    assert.equal([read, responseCode, userAgent], [path, 503, 'a']);
  }
});

test("bars between values are no part of a name that has bars, as Istio's clusters do", () => {
  const text = '%START_TIME%|%RESPONSE_CODE%|%UPSTREAM_CLUSTER%|%CONNECTION_ID%|%ROUTE_NAME%';
  const parser = lineParser([{ kind: 'text', text }]);
  for (const cluster of [
    'outbound|80||a.b.svc.cluster.local',
    'outbound|80|v1|a.example',
    'inbound|8080||',
    'other',
    '-',
  ]) {
    const line = `2026-11-23T12:00:00.000Z|503|${cluster}|12|default`;
    const parsed = parser.parse(line);
    const entry = parsed.kind === 'access' ? parsed.format.entry(parsed.values) : {};
    assert.equal(entry, {
      startTime: '2026-11-23T12:00:00.000Z',
      responseCode: 503,
      ...(cluster === '-' ? {} : { upstreamCluster: cluster }),
      routeName: 'default',
      other: { CONNECTION_ID: 12 },
    });
  }
});

test('the semicolon behind the names of statistics is no part of a cluster', () => {
  const parser = lineParser([{ kind: 'text', text: '[%START_TIME%] %RESPONSE_CODE% %UPSTREAM_CLUSTER%' }]);
  const parsed = parser.parse('[2026-11-23T12:00:00.000Z] 503 outbound|443||api.example.com;');
  assert.is(parsed.kind, 'access');
  if (parsed.kind !== 'access') return;
  assert.is(parsed.format.entry(parsed.values).upstreamCluster, 'outbound|443||api.example.com');
  for (const wanted of ['api.example.com', 'outbound|443||api.example.com']) {
    const filter = logFilter([{ key: 'upstream', values: [wanted], isNot: false }]);
    assert.ok(
      filter.accepts(parsed.format, (slot) => parsed.values[slot]),
      wanted,
    );
  }
});

test.run();
