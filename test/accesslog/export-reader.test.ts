// What log shippers, stores and command lines put around the lines of the container: in every shape the same two requests.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { blockOf } from '#accesslog/byte-table.ts';
import { ExportReader } from '#accesslog/export-reader.ts';
import type { ExportedLine } from '#accesslog/exported.ts';
import { lineParser } from '#accesslog/line-parser.ts';
import { quickTime } from '#accesslog/quick-value.ts';
import { readMap } from '#accesslog/split-line.ts';
import type { AccessEntry } from '#model/access-log.ts';
import { toolError } from '../support/rejection.ts';

const pod = 'istio-ingressgateway-abc12';
const codes = [200, 503];

const textLine = (code: number): string =>
  `[2026-11-23T06:20:43.000Z] "GET /a HTTP/1.1" ${code} - via_upstream - "-" 0 145 31 30 "192.0.2.3" "curl/8" "id" "web.example.test" "10.1.0.17:9000" outbound|80||web.shop.svc.cluster.local 10.1.0.8:48500 10.1.0.8:8443 192.0.2.3:55808 - default`;
const jsonLine = (code: number): string =>
  JSON.stringify({
    start_time: 'x',
    method: 'GET',
    path: '/a',
    protocol: 'HTTP/2',
    response_code: code,
    authority: 'web.example.test',
    route_name: 'r',
  });

const read = (lines: readonly string[], map: readonly string[] = []): readonly [ExportedLine, AccessEntry][] => {
  const parser = lineParser([], readMap(map));
  const reader = new ExportReader(parser);
  return [...lines.flatMap((line) => reader.read(line)), ...reader.end()].map((line) => {
    const parsed = parser.parse(line.text);
    return [line, parsed.kind === 'access' ? parsed.format.entry(parsed.values) : {}];
  });
};

const time = '2026-11-23T06:20:43.123456789Z';
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** One line for each of the container's. */
const prefixes: Readonly<Record<string, string>> = {
  stern: `${pod} istio-proxy `,
  'stern in colours': `\u001b[31m${pod}\u001b[0m \u001b[32mistio-proxy\u001b[0m `,
  'stern --timestamps': `${pod} istio-proxy ${time} `,
  'stern --timestamps=short': `${pod} istio-proxy 11-23 06:20:43 `,
  'stern -A': `istio-system ${pod} istio-proxy `,
  'kubectl --prefix --timestamps': `[pod/${pod}/istio-proxy] ${time} `,
  kubetail: `[${pod}] `,
  kail: `istio-system/${pod}[istio-proxy]: `,
  'a time before kubectl --prefix': `${time} [pod/${pod}/istio-proxy] `,
  logcli: `2026-11-23T06:20:43Z {app="gw", pod="${pod}"} `,
};
const withoutPod: Readonly<Record<string, string>> = {
  CRI: `${time} stdout F `,
  'aws logs tail': `2026-11-23T06:20:43.123+00:00 from-fluent-bit-kube.var.log `,
  'columns, as gcloud has them': `${time}  INFO  `,
  syslog: 'Nov 23 06:20:43 node1 tag[1]: ',
};

test('a format that begins with the time keeps it, also behind a time of the container runtime', () => {
  const parser = lineParser([{ kind: 'text', text: '%START_TIME% %REQ(:AUTHORITY)% %PATH(NQ)% %RESPONSE_CODE%' }]);
  const line = '2026-11-23T06:20:43.000Z a.example.test /x 503';
  for (const prefix of ['', `${time} `, `${time} stdout F `]) {
    const [exported] = new ExportReader(parser).read(`${prefix}${line}`);
    assert.is(exported?.text, line, prefix);
  }
});

test('a time without a zone is UTC wherever the reader is, but for columns that have the time of a reader', () => {
  const zone = process.env['TZ'];
  process.env['TZ'] = 'America/New_York';
  try {
    const timeIn = (columns: object): string | undefined =>
      read([JSON.stringify({ ...columns, message: textLine(200) })])[0]?.[0].time;
    const local = '2026-11-23 06:20:43.000';
    assert.is(timeIn({ '@timestamp': local }), '2026-11-23T06:20:43.000Z');
    assert.is(timeIn({ timestamp: `${local} UTC` }), '2026-11-23T06:20:43.000Z');
    assert.is(timeIn({ Time: '2026-11-23 01:20:43.000' }), undefined);
    assert.is(timeIn({ Time: '2026-11-23 01:20:43.000-0500' }), '2026-11-23T01:20:43.000-05:00');
    const line = JSON.stringify({ ...JSON.parse(jsonLine(200)), start_time: local });
    assert.is(read([line])[0]?.[1].startTime, '2026-11-23T06:20:43.000Z');
    const bytes = blockOf(Buffer.from(local));
    assert.is(quickTime()(bytes, new Int32Array([0, local.length])), Date.UTC(2026, 10, 23, 6, 20, 43));
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
});

test('a gRPC status stands in the JSON of whoever serves gRPC', () => {
  const [[, entry] = []] = read([JSON.stringify({ ...JSON.parse(jsonLine(200)), grpc_status: 14 })]);
  assert.is(entry?.grpcStatus, 'Unavailable');
});

const kubernetes = { pod: { name: pod } };
const uid = '0f8fad5b-d9cb-469f-a165-70867728950e';
const envelopes: Readonly<Record<string, (line: string) => object>> = {
  'docker, json-file': (log) => ({ log: `${log}\n`, stream: 'stdout', time, pod }),
  'Cloud Logging': (textPayload) => ({ textPayload, timestamp: time, resource: { labels: { pod_name: pod } } }),
  'logcli -o jsonl': (line) => ({ labels: { pod }, line, timestamp: time }),
  Grafana: (line) => ({ line, timestamp: '1763878843000000000', fields: { pod } }),
  'Elasticsearch, message': (message) => ({ _index: 'a', _source: { '@timestamp': time, message, kubernetes } }),
  'Elasticsearch, log': (log) => ({ _source: { log, kubernetes: { pod_name: pod } } }),
  'Elasticsearch, fields': (message) => ({ fields: { message: [message], 'kubernetes.pod.name': [pod] } }),
  'Fluent Bit': (log) => ({ date: 1763878843.12, log, kubernetes: { pod_name: pod } }),
  Vector: (message) => ({ message, timestamp: time, kubernetes: { pod_name: pod } }),
  'stern -o json': (message) => ({ message, podName: pod, containerName: 'istio-proxy' }),
  'Azure Monitor': (LogMessage) => ({ TimeGenerated: time, Computer: 'aks-1', PodName: pod, LogMessage }),
  'Graylog, GELF': (line) => ({ short_message: line.slice(0, 40), full_message: line, _pod_name: pod }),
  Datadog: (message) => ({ attributes: { message, host: 'node1', tags: ['env:x', `pod_name:${pod}`] } }),
  'Promtail, the file': (line) => ({ line, stream: { filename: `/var/log/pods/istio-system_${pod}_${uid}/p/0.log` } }),
  'Splunk HEC, the file': (event) => ({
    event,
    source: `/var/log/containers/${pod}_istio-system_istio-proxy-${'0a'.repeat(32)}.log`,
  }),
  'CloudWatch, the stream': (message) => ({
    message,
    logStreamName: `from-fluent-bit-kube.var.log.containers.${pod}_istio-system_istio-proxy-${'0a'.repeat(32)}.log`,
  }),
  'ClickHouse, OpenTelemetry': (Body) => ({ Body, ResourceAttributes: { 'k8s.pod.name': pod } }),
  Logstash: (original) => ({ message: 'GET /a', event: { original }, kubernetes }),
  'keys that nobody knows': (line) => ({ a: { b: { c: line } }, pod }),
};

for (const [kind, lineOf] of [
  ['text', textLine],
  ['JSON', jsonLine],
] as const) {
  const lines = codes.map(lineOf);
  const check = (shape: string, exported: readonly string[], expectedPod: string | undefined, others = 0): void =>
    test(`${kind} inside ${shape}`, () => {
      const all = read(exported.flatMap((text) => text.split('\n')));
      const found = all.filter(([, { responseCode }]) => others === 0 || responseCode !== undefined);
      assert.is(all.length - found.length, others);
      assert.equal(
        found.map(([, { responseCode, authority }]) => [responseCode, authority]),
        codes.map((code) => [code, 'web.example.test']),
      );
      assert.equal(
        found.map(([line]) => line.pod),
        codes.map(() => expectedPod),
      );
    });
  for (const [shape, prefix] of Object.entries(prefixes))
    check(
      shape,
      lines.map((line) => prefix + line),
      pod,
    );
  for (const [shape, prefix] of Object.entries(withoutPod))
    check(
      shape,
      lines.map((line) => prefix + line),
      undefined,
    );
  for (const [shape, wrap] of Object.entries(envelopes)) {
    check(
      shape,
      lines.map((line) => JSON.stringify(wrap(line))),
      pod,
    );
    check(
      `${shape}, over several lines`,
      lines.map((line) => JSON.stringify(wrap(line), null, 2)),
      pod,
    );
    check(`${shape}, an array`, [JSON.stringify(lines.map(wrap))], pod);
    check(`${shape}, an array over several lines`, [JSON.stringify(lines.map(wrap), null, 2)], pod);
  }
  const attributes = [{ key: 'k8s.pod.name', value: { stringValue: pod } }];
  const record = (line: string): object => ({ body: { stringValue: line }, attributes });
  const bodyOf = (line: string): object => ({ timeUnixNano: '1763878843123456789', body: { stringValue: line } });
  check(
    'the OpenTelemetry Collector',
    [JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: lines.map(record) }] }] })],
    pod,
  );
  check(
    'the OpenTelemetry Collector, the pod in the resource',
    [JSON.stringify({ resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords: lines.map(bodyOf) }] }] })],
    pod,
  );
  check(
    "Elasticsearch's answer",
    [JSON.stringify({ hits: { hits: lines.map((message) => ({ _source: { message, kubernetes } })) } }, null, 1)],
    pod,
  );
  check(
    "Loki's answer",
    [JSON.stringify({ data: { result: [{ stream: { pod }, values: lines.map((line) => ['1', line]) }] } })],
    pod,
  );
  check('CloudWatch', [JSON.stringify({ events: lines.map((message) => ({ timestamp: 1, message, pod })) })], pod);
  check(
    "Kibana's CSV",
    [
      '"@timestamp","kubernetes.pod.name",message',
      ...lines.map((line) => `"Nov 23, 2026 @ 06:20:43.000",${pod},${quoted(line)}`),
    ],
    pod,
  );
  const columns = (line: string): object[] => [
    { field: '@timestamp', value: '2026-11-23 06:20:43.000' },
    { field: '@message', value: line },
    { field: 'kubernetes.pod_name', value: pod },
  ];
  const detailed = lines.flatMap((line, index) => [
    `LogRecord #${index}`,
    'Timestamp: 2026-11-23 06:20:43.000000789 +0000 UTC',
    'SeverityNumber: Unspecified(0)',
    `Body: ${kind === 'JSON' ? 'Map' : 'Str'}(${line})`,
    'Attributes:',
    '     -> log.iostream: Str(stdout)',
    'Trace ID: ',
  ]);
  const entities = (line: string): string =>
    line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  const journal = (MESSAGE: unknown): object => ({ __REALTIME_TIMESTAMP: '1763878843123456', PRIORITY: '6', MESSAGE });
  const escaped = (line: string): string => JSON.stringify(line);
  const answers: Readonly<Record<string, readonly string[]>> = {
    'the answer of a store that nobody knows': [
      JSON.stringify({ found: 2, list: lines.map((message) => ({ message })) }),
    ],
    "Quickwit's answer": [JSON.stringify({ num_hits: 2, hits: lines.map((message) => ({ message })) })],
    "SigNoz' answer": [JSON.stringify({ data: { result: [{ list: lines.map((body) => ({ data: { body } })) }] } })],
    "Datadog's answer": [JSON.stringify({ data: lines.map((message) => ({ id: '1', attributes: { message } })) })],
    "CloudWatch Insights' answer": [JSON.stringify({ results: lines.map(columns), status: 'Complete' }, null, 2)],
    "Log Analytics' answer": [
      JSON.stringify({
        tables: [{ columns: [{ name: 'a' }], rows: lines.map((line) => ['2026-11-23T06:20:43Z', line]) }],
      }),
    ],
    'an envelope inside another': [
      JSON.stringify({
        events: lines.map((log) => ({ timestamp: 1, message: JSON.stringify({ log, stream: 'stdout' }) })),
      }),
    ],
    "Fluent Bit's stdout": lines.map(
      (line) => `[0] kube.var.log: [[1763878843.123, {}], {"log"=>${escaped(line)}, "stream"=>"stdout"}]`,
    ),
    "Logstash's rubydebug": lines.flatMap((line) => [
      '{',
      `       "message" => ${escaped(line)},`,
      '         "event" => {',
      `        "original" => ${escaped(line)}`,
      '    },',
      '      "@version" => "1"',
      '}',
    ]),
    logfmt: lines.map((line) => `ts=2026-11-23T06:20:43Z level=info msg=${escaped(line)} app=gw`),
    // Lines that are no UTF-8, or have control characters, as lists of their bytes.
    'a page of HTML': lines.map((line) => `<tr><td>2026-11-23</td><td>${entities(line)}</td></tr>`),
    'text of a page of HTML': lines.map(entities),
    'a message that was escaped for a page': lines.map((line) => JSON.stringify({ message: entities(line) })),
    'the inside of a string of JSON': lines.map((line) => escaped(line).slice(1, -1)),
    'lines with blanks behind them': lines.map((line) => `${line}  `),
    'texts of YAML': lines.map((line) => `textPayload: '${line.replaceAll("'", "''")}'`),
    "Log Analytics' CSV of before": [
      'TimeGenerated [UTC],Computer,LogEntry',
      ...lines.map((line) => `"11/23/2026, 6:20:43.000 AM",aks-1,${quoted(line)}`),
    ],
    'a list of lines': [JSON.stringify(lines)],
    'a list of lines, one on each': JSON.stringify(lines, null, 2).split('\n'),
    'an indented block of a wiki': lines.map((line) => `    ${line}`),
    "Kibana's CSV of whole documents": [
      '"_id","_index","_source"',
      ...lines.map((message) => `1,logs,${quoted(JSON.stringify({ message }))}`),
    ],
    'journalctl -o json': lines.map((line) => JSON.stringify(journal([...Buffer.from(line)]))),
    'journalctl -o json-pretty': lines.map((line) => JSON.stringify(journal([...Buffer.from(line)]), null, '\t')),
    'journalctl -o json-sse': lines.map((line) => `data: ${JSON.stringify(journal(line))}`),
    'journalctl -o json-seq': lines.map((line) => `\u001e${JSON.stringify(journal(line))}`),
    'journalctl -o cat': lines,
    "Datadog's CSV": ['Date,Host,Service,Message', ...lines.map((line) => `2026-11-23,n,gw,${quoted(line)}`)],
    "Log Analytics' CSV": [
      'TimeGenerated [UTC],LogMessage,Name',
      ...lines.map((line) => `"11/23/2026, 6:20:43.000 AM",${quoted(line)},gw`),
    ],
  };
  const debugged: Readonly<Record<string, readonly [exported: readonly string[], others: number]>> = {
    "the OpenTelemetry Collector's debug exporter": [[`${time}\tinfo\tResourceLog #0`, ...detailed], 13],
    'the same, as kubectl shows it': [detailed.map((line) => `[pod/collector-x/otc] ${time} ${line}`), 12],
    'the same, as JSON': [[JSON.stringify({ level: 'info', ts: 1763878843.1, msg: detailed.join('\n') })], 2],
    'the same, short': [lines.map((line, at) => `${at === 0 ? `${time}\tinfo\t` : ''}${line} log.file.path=/a b=`), 0],
  };
  for (const [shape, [exported, others]] of Object.entries(debugged)) check(shape, exported, undefined, others);
  for (const [shape, exported] of Object.entries(answers)) check(shape, exported, undefined);
  check(
    "Grafana's CSV",
    ['sep=,', '"Time","Line","pod"', ...lines.map((line) => `"2026-11-23 06:20:43",${quoted(line)},"${pod}"`)],
    pod,
  );
  check(
    'stern -o extjson',
    lines.map(
      (line) =>
        `{"pod": "\u001b[31m${pod}\u001b[0m", "container": "c", "message": ${kind === 'JSON' ? line : JSON.stringify(line)}}`,
    ),
    pod,
  );
}

const ecs = {
  '@timestamp': '2026-11-23T06:20:43.000Z',
  http: { request: { method: 'GET' }, response: { status_code: 503 }, version: '1.1' },
  url: { path: '/a', query: 'q=1', domain: 'web.example.test' },
  user_agent: { original: 'curl/8' },
  source: { address: '192.0.2.3', port: 55808 },
  event: { duration: 31_000_000 },
  envoy: { response_flags: ['UH'] },
};

test('a line that Logstash has taken apart, nested or with dots, alone or in a document', () => {
  const flat = {
    'http.response.status_code': 503,
    'http.request.method': 'GET',
    'url.domain': 'web.example.test',
    'event.duration': 31_000_000,
  };
  for (const [, entry] of read([
    JSON.stringify(ecs),
    JSON.stringify({ _source: flat }),
    JSON.stringify({ ...ecs, message: 'GET /a' }),
  ]))
    assert.equal(
      [entry.responseCode, entry.method, entry.authority, entry.durationMs],
      [503, 'GET', 'web.example.test', 31],
    );
  const [[, entry] = []] = read([JSON.stringify(ecs)]);
  assert.equal(
    [entry?.path, entry?.protocol, entry?.downstreamRemoteAddress, entry?.responseFlags],
    ['/a?q=1', 'HTTP/1.1', '192.0.2.3:55808', ['UH']],
  );
});

test('--map names the keys of any pipeline', () => {
  const line = JSON.stringify({ vhost: 'a.test', ctx: { st: '503' }, fl: 'UH' });
  const [[, entry] = []] = read([line], ['host=vhost', 'status=ctx.st', 'responseFlags=fl']);
  assert.equal(entry, { authority: 'a.test', responseCode: 503, responseFlags: ['UH'] });
  assert.match(String(toolError(() => readMap(['hots=x'])).hint), 'did you mean --map host=…?');
  assert.is(toolError(() => readMap(['host'])).code, 'usage');
});

test('a map of OTLP is the fields of the line', () => {
  const values = Object.entries({ method: 'GET', authority: 'web.example.test', path: '/a' }).map(([key, value]) => ({
    key,
    value: { stringValue: value },
  }));
  const all = [...values, { key: 'response_code', value: { intValue: '503' } }];
  const body = { kvlistValue: { values: all } };
  const [[, entry] = []] = read([JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body }] }] }] })]);
  assert.equal([entry?.responseCode, entry?.method, entry?.authority], [503, 'GET', 'web.example.test']);
});

test('entities in what a client has sent stay, and so does what a format writes at its end', () => {
  const sent = textLine(200).replace('/a ', '/a?q=&quot;&lt; ');
  const parser = lineParser([{ kind: 'text', text: '[%START_TIME%] %RESPONSE_CODE% id=%REQ(X-REQUEST-ID)%' }]);
  const own = '[2026-11-23T06:20:43.000Z] 503 id=a';
  assert.equal(read([sent])[0]?.[1].path, '/a?q=&quot;&lt;');
  assert.equal(new ExportReader(parser).read(own)[0]?.text, own);
});

test('an entry that journald has left out is one that cannot be read', () => {
  const line = JSON.stringify({ __REALTIME_TIMESTAMP: '1763878843123456', MESSAGE: null });
  const parser = lineParser([]);
  assert.is(parser.parse(new ExportReader(parser).read(line)[0]?.text ?? '').kind, 'unparsed');
});

test('documents one behind the other on a line, as Firehose writes them, are read each', () => {
  const document = (code: number): string =>
    JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents: [{ id: '}{"', timestamp: 1, message: textLine(code) }] });
  const found = read([codes.map(document).join(''), codes.map(document).join('\t')]);
  assert.equal(
    found.map(([, { responseCode }]) => responseCode),
    [...codes, ...codes],
  );
  assert.equal(read([`${document(200)}{"cut":`]).length, 1);
});

test('an answer on one line is read whole, whatever its length; a text in it is cut where a line is', () => {
  const hits = Array.from({ length: 6000 }, (_, n) => ({ _source: { message: textLine(codes[n % 2] as number) } }));
  const answer = JSON.stringify({ hits: { hits } });
  assert.ok(answer.length > 1 << 20);
  assert.is(read([answer]).length, 6000);
  const [[line] = []] = read([JSON.stringify({ message: 'x'.repeat(2 << 20) })]);
  assert.ok((line?.text.length ?? 0) < 1.1 * (1 << 20));
});

test('a record of OTLP that has attributes and no body is the fields of the line', () => {
  const attributes = Object.entries({ response_code: '503', response_flags: 'UH', path: '/x', method: 'GET' }).map(
    ([key, value]) => ({ key, value: { stringValue: value } }),
  );
  const resource = { attributes: [{ key: 'k8s.pod.name', value: { stringValue: pod } }] };
  const [[line, entry] = []] = read([
    JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [{ attributes }] }] }] }),
  ]);
  assert.equal([entry?.responseCode, entry?.responseFlags, entry?.path, line?.pod], [503, ['UH'], '/x', pod]);
});

test('JSON that is cut is what it is: no line behind it is lost', () => {
  const found = read(['{', '  "message": "cut', textLine(200), '{"level":"info"', textLine(503)]);
  assert.equal(
    found.flatMap(([, { responseCode }]) => responseCode ?? []),
    codes,
  );
});

test('lines of the proxy itself stay what they are behind a prefix', () => {
  const [[line] = []] = read([`${pod} istio-proxy 2026-11-23T12:06:14.798305Z\tinfo\tads\tstarted`]);
  assert.is(line?.text, '2026-11-23T12:06:14.798305Z\tinfo\tads\tstarted');
});

test.run();
