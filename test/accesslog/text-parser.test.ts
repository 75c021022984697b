// Formats and lines of real gateways (Envoy 1.40, recorded), of older Envoys as research describes them, and lines made
// at random.

import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseFormat } from '#accesslog/format.ts';
import { envoyText, istioText } from '#accesslog/known-formats.ts';
import { compileFormat } from '#accesslog/line-parser.ts';
import { slotOf } from '#accesslog/operators.ts';
import { textParser } from '#accesslog/text-parser.ts';
import type { AccessEntry, AccessLogFormat } from '#model/access-log.ts';

const read = (format: AccessLogFormat | string, line: string): AccessEntry | undefined => {
  const compiled = compileFormat(typeof format === 'string' ? { kind: 'text', text: format } : format);
  const values = compiled.parse(line, undefined);
  return values && compiled.entry(values);
};

const served =
  '[2026-11-23T12:08:09.480Z] "GET / HTTP/2" 200 - via_upstream - "-" 0 5 3 2 "10.200.255.254" "curl/7.88.1" "3b50fd94-023a-4ab6-b4c9-09489994ef27" "expired.discovery.wmnet:8443" "10.64.0.9:4000" outbound|4002||svc2-tls-service.svc2.svc.cluster.local 10.200.0.1:50674 10.200.0.1:8443 10.200.255.254:47056 expired.discovery.wmnet -';

test("a line of Istio's format is an entry with types; what is unset is absent", () => {
  assert.equal(read(istioText, served), {
    startTime: '2026-11-23T12:08:09.480Z',
    method: 'GET',
    path: '/',
    protocol: 'HTTP/2',
    responseCode: 200,
    responseCodeDetails: 'via_upstream',
    bytesReceived: 0,
    bytesSent: 5,
    durationMs: 3,
    upstreamServiceTimeMs: 2,
    forwardedFor: '10.200.255.254',
    userAgent: 'curl/7.88.1',
    requestId: '3b50fd94-023a-4ab6-b4c9-09489994ef27',
    authority: 'expired.discovery.wmnet:8443',
    upstreamHost: '10.64.0.9:4000',
    upstreamCluster: 'outbound|4002||svc2-tls-service.svc2.svc.cluster.local',
    upstreamLocalAddress: '10.200.0.1:50674',
    downstreamLocalAddress: '10.200.0.1:8443',
    downstreamRemoteAddress: '10.200.255.254:47056',
    serverName: 'expired.discovery.wmnet',
  });
});

test('a connection without a request has neither method nor path', () => {
  const line =
    '[2026-11-23T12:08:25.865Z] "- - -" 0 NR filter_chain_not_found - "-" 0 0 1 - "-" "-" "-" "-" "-" - - 10.200.0.2:8443 10.200.255.254:42578 unknown.discovery.wmnet -';
  assert.equal(read(istioText, line), {
    startTime: '2026-11-23T12:08:25.865Z',
    responseCode: 0,
    responseFlags: ['NR'],
    responseCodeDetails: 'filter_chain_not_found',
    bytesReceived: 0,
    bytesSent: 0,
    durationMs: 1,
    downstreamLocalAddress: '10.200.0.2:8443',
    downstreamRemoteAddress: '10.200.255.254:42578',
    serverName: 'unknown.discovery.wmnet',
  });
});

test('details of Envoy up to 1.20 hold spaces in a field without quotes', () => {
  const details =
    'upstream_reset_before_response_started{connection failure,TLS error: 268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED}';
  const line = served.replace(
    '200 - via_upstream - "-"',
    `503 URX,UF ${details} - "TLS error: 268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED"`,
  );
  const entry = read(istioText, line);
  assert.is(entry?.responseCodeDetails, details);
  assert.is(
    entry?.upstreamTransportFailureReason,
    'TLS error: 268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED',
  );
  assert.equal(entry?.responseFlags, ['URX', 'UF']);
  assert.is(entry?.authority, 'expired.discovery.wmnet:8443');
});

test('nothing is escaped: a user agent may hold quotes, and what looks like the end of its field', () => {
  for (const agent of [
    '"',
    'a "b" c',
    'a" "b',
    '" "" "',
    'Mozilla" 200 - - "x" "10.0.0.1:80" y',
    '\\"',
    '" - - "',
    '[2026-11-23T12:08:09.480Z] "GET',
  ]) {
    const entry = read(
      istioText,
      served.replace('curl/7.88.1', () => agent),
    );
    assert.is(entry?.userAgent, agent, agent);
    assert.is(entry?.requestId, '3b50fd94-023a-4ab6-b4c9-09489994ef27', agent);
    assert.is(entry?.upstreamHost, '10.64.0.9:4000', agent);
  }
});

test('a path with spaces and quotes is kept whole', () => {
  const entry = read(istioText, served.replace('GET / HTTP', 'GET /a "b" c HTTP'));
  assert.is(entry?.path, '/a "b" c');
  assert.is(entry?.protocol, 'HTTP/2');
});

test('a line that is cut off, shifted or of another format is not parsed', () => {
  for (const line of [
    served.slice(0, 100),
    served.slice(1),
    served.replace(' 200 ', ' abc '),
    served.replace('[2026', '[x2026'),
    '',
    '[2026-11-23 12:06:14.798][15][warning][config] [source/x.cc:12] text',
    'x'.repeat(1e6),
  ]) {
    assert.is(read(istioText, line), undefined, line.slice(0, 40));
  }
});

test('a line of a megabyte that almost fits is given up in time', () => {
  assert.is(read(istioText, `[2026-11-23T12:08:09.480Z] "GET ${'" "'.repeat(300_000)}`), undefined);
  assert.is(
    read(
      istioText,
      served.replace('curl/7.88.1', () => 'a b '.repeat(250_000)),
    )?.userAgent,
    'a b '.repeat(250_000),
  );
});

test("Envoy's own default, and Istio's before details were in it", () => {
  const line =
    '[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http" "cc21d9b0" "locations" "tcp://10.0.2.1:80"';
  assert.is(read(envoyText, line)?.upstreamServiceTimeMs, 100);
  assert.is(read(istioText, line), undefined);
});

test('operators that fill no field are kept by their name, numbers as numbers', () => {
  const entry = read(
    '%REQ(X-CLIENT)% %REQUEST_DURATION% %UPSTREAM_REQUEST_ATTEMPT_COUNT% %DYNAMIC_METADATA(a:b)% %A_NEW_ONE%',
    'beta 12 2 {"x":1} what',
  );
  assert.equal(entry, {
    other: {
      'REQ(X-CLIENT)': 'beta',
      REQUEST_DURATION: 12,
      UPSTREAM_REQUEST_ATTEMPT_COUNT: 2,
      'DYNAMIC_METADATA(a:b)': '{"x":1}',
      A_NEW_ONE: 'what',
    },
  });
});

test('the same field by another operator', () => {
  const entry = read(
    '%REQ(HOST)% %PATH(NQ)% %RESPONSE_FLAGS_LONG% %RESP(:STATUS)% %UPSTREAM_REMOTE_ADDRESS% %UPSTREAM_CLUSTER_RAW% %REQ_WITHOUT_QUERY(:PATH)%',
    'a.test /p UpstreamConnectionFailure,NoRouteFound 503 10.0.0.1:80 c /p',
  );
  assert.equal(entry, {
    authority: 'a.test',
    path: '/p',
    responseFlags: ['UF', 'NR'],
    responseCode: 503,
    upstreamHost: '10.0.0.1:80',
    upstreamCluster: 'c',
  });
});

test('times of other forms become RFC 3339; one that cannot be read stays as it is', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['%Y/%m/%dT%H:%M:%S%z', '2026/11/23T12:08:09+0000', '2026-11-23T12:08:09.000Z'],
    ['%s', '1795435689', '2026-11-23T12:08:09.000Z'],
    ['%s.%3f', '1795435689.480', '2026-11-23T12:08:09.480Z'],
    ['%d/%b/%Y:%T', '23/Nov/2026:12:08:09', '2026-11-23T12:08:09.000Z'],
    ['%F %T.%6f', '2026-11-23 12:08:09.480123', '2026-11-23T12:08:09.480Z'],
    ['%x', '11/23/26', '11/23/26'],
    // Milliseconds and nanoseconds since 1970, as stores of logs want them.
    ['%s%3f', '1795435689480', '2026-11-23T12:08:09.480Z'],
    ['%s%f', '1795435689480123000', '2026-11-23T12:08:09.480Z'],
    // Abseil's own letters.
    ['%Y-%m-%dT%H:%M:%E3S%z', '2026-11-23T12:08:09.480+0000', '2026-11-23T12:08:09.480Z'],
    ['%E4Y-%m-%d%ET%H:%M:%E*S%Ez', '2026-11-23T12:08:09.48+00:00', '2026-11-23T12:08:09.480Z'],
    ['%F %H:%M:%E*S', '2026-11-23 12:08:09', '2026-11-23T12:08:09.000Z'],
    ['%F %H:%M:%E0S', '2026-11-23 12:08:09', '2026-11-23T12:08:09.000Z'],
    // Words, and hours of half a day.
    ['%c', 'Mon Nov 23 12:08:09 2026', '2026-11-23T12:08:09.000Z'],
    ['%B %d, %Y %r', 'November 23, 2026 12:08:09 AM', '2026-11-23T00:08:09.000Z'],
    ['%m/%d/%Y %l:%M:%S %p', '11/23/2026  1:08:09 PM', '2026-11-23T13:08:09.000Z'],
    // Without a day there is no time to tell.
    ['%H:%M:%S', '12:08:09', '12:08:09'],
    ['%f', '480123000', '480123000'],
  ];
  for (const [format, text, expected] of cases)
    assert.is(read(`%START_TIME(${format})% %METHOD%`, `${text} -`)?.startTime, expected, format);
});

test('addresses without port are no numbers', () => {
  const entry = read(
    '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_LOCAL_PORT% %RESPONSE_CODE%',
    '192.0.2.7 2001:db8::4 10.0.0.8 8443 503',
  );
  assert.equal(entry, {
    downstreamRemoteAddress: '192.0.2.7',
    upstreamHost: '2001:db8::4',
    responseCode: 503,
    other: { DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: '10.0.0.8', DOWNSTREAM_LOCAL_PORT: 8443 },
  });
});

test('a percent sign is written as two; a literal before, between and after', () => {
  assert.equal(read('100%% %RESPONSE_CODE%%PROTOCOL%!', '100% 200HTTP/2!'), { responseCode: 200, protocol: 'HTTP/2' });
  assert.equal(read('no operator', 'no operator'), {});
  assert.is(read('no operator', 'other'), undefined);
});

test('a value that is cut by :N is taken as it is', () => {
  assert.is(read('%REQ(USER-AGENT):5% %RESPONSE_CODE_DETAILS:12%', 'Mozil upstream_res')?.userAgent, 'Mozil');
  assert.equal(parseFormat('%REQ(USER-AGENT):5%').operators, [{ name: 'REQ', argument: 'USER-AGENT', maxLength: 5 }]);
});

const operators = [
  'START_TIME',
  'PROTOCOL',
  'RESPONSE_CODE',
  'RESPONSE_FLAGS',
  'RESPONSE_CODE_DETAILS',
  'BYTES_SENT',
  'DURATION',
  'UPSTREAM_HOST',
  'UPSTREAM_CLUSTER',
  'REQUESTED_SERVER_NAME',
  'REQ(:METHOD)',
  'REQ(:AUTHORITY)',
  'REQ(X-REQUEST-ID)',
  'DOWNSTREAM_REMOTE_ADDRESS',
];

const valuesOf: Readonly<Record<string, fc.Arbitrary<string>>> = {
  number: fc.oneof(fc.constant('-'), fc.nat().map(String)),
  time: fc
    .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  word: fc.oneof(fc.constant('-'), fc.stringMatching(/^[a-zA-Z0-9|_.:/{}-]{1,30}$/)),
  header: fc.oneof(fc.constant('-'), fc.stringMatching(/^[a-zA-Z0-9.:-]{1,30}$/)),
  host: fc.oneof(fc.constant('-'), fc.stringMatching(/^[a-zA-Z0-9.:-]{1,30}$/)),
  cluster: fc.constantFrom('-', 'outbound|80||a.b.svc.cluster.local', 'outbound|1|v1|a.example', 'BlackHoleCluster'),
  details: fc.oneof(
    fc.constant('-'),
    fc.constantFrom(
      'via_upstream',
      'a{b c,d e}',
      'x{remote_reset|TLS_error:_1}',
      'rbac_access_denied_matched_policy[ns[a]-b]',
    ),
  ),
  free: fc.stringMatching(/^[ -~]{1,40}$/),
};

test('any line made of a format is taken apart into what it was made of', () => {
  const format = fc.array(fc.tuple(fc.constantFrom(...operators), fc.constantFrom(' ', '" "', ' "', '" ', ' | ')), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(format, fc.infiniteStream(fc.nat()), fc.gen(), (parts, _seed, gen) => {
      const text = `[${parts.map(([name, literal]) => `%${name}%${literal}`).join('')}]`;
      const parsed = parseFormat(text);
      const slots = parsed.operators.map(slotOf);
      const values = slots.map(({ kind }) => gen(() => valuesOf[kind] as fc.Arbitrary<string>));
      const line = parsed.literals.reduce(
        (sum, literal, index) => sum + (index > 0 ? (values[index - 1] ?? '') : '') + literal,
        '',
      );
      const got = textParser(parsed, slots)(line);
      assert.equal(
        got,
        values.map((value) => (value === '-' ? undefined : value)),
        `${text}\n${line}`,
      );
    }),
    { numRuns: 500 },
  );
});

test("whatever a client sends as its user agent, Istio's format gives it back", () => {
  fc.assert(
    fc.property(
      fc
        .oneof(fc.string(), fc.stringMatching(/^[" -]{0,20}$/))
        .filter((agent) => !/[\n\r]/.test(agent) && agent !== '-' && agent !== ''),
      (agent) => {
        assert.is(
          read(
            istioText,
            served.replace('curl/7.88.1', () => agent),
          )?.userAgent,
          agent,
        );
      },
    ),
    { numRuns: 1000 },
  );
});

// Lines of Envoy 1.40 with omit_empty_values.
test('a value in quotes that is left out is unset, as is one between spaces', () => {
  const format =
    '[%START_TIME%] "%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER% %ROUTE_NAME%\n';
  assert.equal(read(format, '[2026-12-01T02:36:23.336Z] "GET /nothing HTTP/1.1" 404 NR ""  '), {
    startTime: '2026-12-01T02:36:23.336Z',
    method: 'GET',
    path: '/nothing',
    protocol: 'HTTP/1.1',
    responseCode: 404,
    responseFlags: ['NR'],
  });
  assert.is(read(format, '[2026-12-01T02:36:23.337Z] "  HTTP/1.1" 400 DPE ""  ')?.responseCode, 400);
  assert.is(read(format, '[2026-12-01T02:36:23.312Z] "GET /a" b HTTP/1.1" 418 - ""  direct')?.routeName, 'direct');
  assert.is(read('"%RESPONSE_CODE_DETAILS%" %RESPONSE_CODE%', '"" 200')?.responseCode, 200);
});

test('a host ends before the path that follows it at once', () => {
  const format =
    '[%START_TIME%] %REQ(X-FORWARDED-PROTO)%://%REQ(:AUTHORITY)%%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %RESPONSE_CODE%';
  const cases = [
    ['svc.example:8443/a/b?c=/d', 'svc.example:8443', '/a/b?c=/d'],
    ['svc.example/', 'svc.example', '/'],
    ['[2001:db8::1]:80/a', '[2001:db8::1]:80', '/a'],
    ['svc.example:443-', 'svc.example:443', undefined],
    ['svc.example*', 'svc.example', '*'],
    ['--', undefined, undefined],
    ['-/a', undefined, '/a'],
    ['svc-/a', 'svc-', '/a'],
  ] as const;
  for (const [text, authority, path] of cases) {
    const entry = read(format, `[2026-12-01T02:36:23.333Z] https://${text} 503`);
    assert.equal([entry?.authority, entry?.path, entry?.responseCode], [authority, path, 503], text);
  }
});

test('newlines around a format are no part of its lines', () => {
  for (const format of ['%RESPONSE_CODE% %PROTOCOL%\n\n', '\n%RESPONSE_CODE% %PROTOCOL%\r\n'])
    assert.equal(read(format, '503 HTTP/2'), { responseCode: 503, protocol: 'HTTP/2' });
});

test('details that may have blanks are read with them', () => {
  assert.equal(
    read('%RESPONSE_CODE% %RESPONSE_CODE_DETAILS(ALLOW_WHITESPACES)% %PROTOCOL%', '403 ip not allowed HTTP/2'),
    {
      responseCode: 403,
      responseCodeDetails: 'ip not allowed',
      protocol: 'HTTP/2',
    },
  );
});

test.run();
