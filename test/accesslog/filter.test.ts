import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCriteria } from '#accesslog/criteria.ts';
import { checkAnswerable, logFilter } from '#accesslog/filter.ts';
import { istioJson } from '#accesslog/known-formats.ts';
import { lineParser } from '#accesslog/line-parser.ts';
import { ownedBy } from '#accesslog/owner.ts';
import { LogScan } from '#accesslog/scan.ts';
import { toolError } from '../support/rejection.ts';

interface Line {
  readonly code?: number;
  readonly flags?: string;
  readonly details?: string;
  readonly host?: string;
  readonly path?: string;
  readonly agent?: string;
  readonly upstream?: string;
  readonly cluster?: string;
  readonly client?: string;
}

const text = ({
  code = 200,
  flags = '-',
  details = 'via_upstream',
  host = 'svc1.test:8443',
  path = '/a?q=1',
  agent = 'curl/8',
  ...rest
}: Line): string =>
  `[2026-11-23T12:08:09.480Z] "GET ${path} HTTP/2" ${code} ${flags} ${details} - "-" 0 5 1500 2 "${rest.client ?? '10.1.1.1,10.2.2.2'}" "${agent}" "id" "${host}" "${rest.upstream ?? '10.64.0.9:4000'}" ${rest.cluster ?? 'outbound|4002||svc1-tls.svc1.svc.cluster.local'} 10.200.0.1:50674 10.200.0.1:8443 10.3.3.3:47056 svc1.test named-route`;

const asJson = (line: Line): string => {
  const parsed = lineParser([]).parse(text(line));
  const values = parsed.kind === 'access' ? parsed.values : [];
  const entry = parsed.kind === 'access' ? parsed.format.entry(values) : {};
  return JSON.stringify({
    start_time: entry.startTime,
    method: entry.method,
    path: entry.path,
    response_code: entry.responseCode,
    response_flags: line.flags ?? null,
    response_code_details: entry.responseCodeDetails,
    duration: entry.durationMs,
    x_forwarded_for: entry.forwardedFor,
    user_agent: entry.userAgent,
    authority: entry.authority,
    upstream_host: entry.upstreamHost,
    upstream_cluster: entry.upstreamCluster,
    downstream_remote_address: entry.downstreamRemoteAddress,
    requested_server_name: entry.serverName,
    route_name: entry.routeName,
  });
};

/** Of text and of JSON, which take different ways. */
function keeps(flags: Readonly<Record<string, unknown>>, line: Line): boolean {
  const filter = logFilter(readCriteria(flags));
  const [ofText, ofJson] = [text(line), asJson(line)].map(
    (one) => new LogScan({ parser: lineParser([istioJson]), filter }).read(one)?.kind === 'access',
  );
  assert.is(ofJson, ofText, `${JSON.stringify(flags)} as JSON`);
  return ofText === true;
}

const cases: readonly (readonly [string, Readonly<Record<string, unknown>>, readonly Line[], readonly Line[]])[] = [
  [
    'codes, classes and ranges',
    { status: ['5xx', '404', '301-302'] },
    [{ code: 503 }, { code: 404 }, { code: 301 }],
    [{ code: 403 }, { code: 200 }, { code: 0 }],
  ],
  [
    'one flag of several',
    { flag: ['UF', 'NR'] },
    [{ flags: 'URX,UF' }, { flags: 'NR' }],
    [{ flags: 'UFX' }, {}, { flags: 'UC' }],
  ],
  ['a flag by its long name, and none', { flag: ['NoRouteFound', '-'] }, [{ flags: 'NR' }, {}], [{ flags: 'UC' }]],
  [
    'details by name, whatever is in the braces',
    { detail: ['route_not_found', 'upstream_reset_before_response_started'] },
    [{ details: 'upstream_reset_before_response_started{x|y}' }],
    [{}],
  ],
  [
    'a host with port or without, in any case',
    { host: ['SVC1.test', 'b.test:8443'] },
    [{}, { host: 'b.test:8443' }],
    [{ host: 'b.test:80' }, { host: 'xsvc1.test' }],
  ],
  ['a pattern of hosts', { host: ['*.test'] }, [{}], [{ host: 'svc1.test.example' }]],
  [
    'a path without its query, a pattern, a regular expression',
    { path: ['/a', '/v2/*', '~^/x[0-9]+$'] },
    [{}, { path: '/v2/items' }, { path: '/x12' }],
    [{ path: '/ab' }, { path: '/x' }],
  ],
  ['a method', { method: ['get'] }, [{}], []],
  ['a least duration', { 'min-duration': 1500 }, [{}], []],
  ['a duration that is longer', { 'min-duration': 1501 }, [], [{}]],
  ['an endpoint, with port and without', { upstream: ['10.64.0.9'] }, [{}], [{ upstream: '10.64.0.90:4000' }]],
  [
    'a service, by its names',
    { upstream: ['svc1/svc1-tls'] },
    [{}],
    [{ cluster: 'outbound|80||svc1-tls.svc2.svc.cluster.local' }],
  ],
  ['a route by its name', { route: ['named-*'] }, [{}], []],
  ['a part of the user agent', { 'user-agent': ['CURL'] }, [{}], [{ agent: 'Mozilla' }]],
  ['a client that came through a proxy, and the proxy', { client: ['10.1.1.1'] }, [{}], [{ client: '10.9.9.9' }]],
  ['the peer', { client: ['10.3.3.3'] }, [{}], []],
  ['a server name', { sni: ['svc1.test'] }, [{}], []],
  [
    'all flags have to hold',
    { status: ['5xx'], host: ['svc1.test'] },
    [{ code: 500 }],
    [{ code: 500, host: 'b.test' }, {}],
  ],
  [
    'what is left out',
    { not: ['status=2xx,3xx', 'user-agent=kube-probe'] },
    [{ code: 500 }],
    [{}, { code: 500, agent: 'kube-probe/1.3' }],
  ],
  [
    'what is left out by a regular expression with a comma',
    { not: ['path=~^/a{1,2}$'] },
    [{ path: '/aaa' }],
    [{ path: '/aa' }],
  ],
];

for (const [title, flags, kept, left] of cases) {
  test(`keeps ${title}`, () => {
    for (const line of kept) assert.ok(keeps(flags, line), `keeps ${JSON.stringify(line)}`);
    for (const line of left) assert.not.ok(keeps(flags, line), `leaves out ${JSON.stringify(line)}`);
  });
}

test('values that mean nothing are usage errors', () => {
  for (const flags of [
    { status: ['6x'] },
    { status: ['ok'] },
    { path: ['~('] },
    // Not RE2: what needs it can need time without end.
    { path: ['~(?=a)a'] },
    { not: ['status'] },
    { not: ['statsu=5xx'] },
    { not: ['min-duration=5'] },
  ]) {
    assert.is(toolError(() => logFilter(readCriteria(flags))).code, 'usage', JSON.stringify(flags));
  }
  assert.is(toolError(() => readCriteria({ not: ['statsu=5xx'] })).hint, 'did you mean status=…?');
});

test('a filter that the format cannot answer says so', () => {
  const formats = lineParser([{ kind: 'text', text: '%START_TIME% %RESPONSE_CODE%' }]).formats;
  checkAnswerable(readCriteria({ status: ['5xx'] }), formats);
  const error = toolError(() => checkAnswerable(readCriteria({ 'user-agent': ['x'] }), formats));
  assert.equal(
    [error.code, error.message],
    ['unsupported', 'cannot filter by --user-agent: the format of this access log has no user agent'],
  );
  assert.match(toolError(() => checkAnswerable(readCriteria({ not: ['host=x'] }), formats)).message, '--not host=');
});

test("an owner's requests are those to its services, and those for its hosts that reached none", () => {
  const parser = lineParser([]);
  const owned = (namespace: string, name: string | undefined, line: Line): boolean => {
    const parsed = parser.parse(text(line));
    return (
      parsed.kind === 'access' &&
      ownedBy({ namespace, name, domains: ['svc1.test', '*.wild.test'] })(parsed.format, (slot) => parsed.values[slot])
    );
  };
  assert.ok(owned('svc1', undefined, {}));
  assert.ok(owned('svc1', 'svc1-tls', {}));
  assert.not.ok(owned('svc1', 'other', {}));
  assert.not.ok(owned('svc2', undefined, {}));
  assert.ok(owned('svc2', undefined, { cluster: '-' }));
  assert.ok(owned('svc2', undefined, { cluster: '-', host: 'a.wild.test' }));
  assert.not.ok(owned('svc2', undefined, { cluster: '-', host: 'b.test' }));
});

test('lines are counted by what they are, whether they are wanted or not', () => {
  const scan = new LogScan({ parser: lineParser([istioJson]), filter: logFilter(readCriteria({ status: ['5xx'] })) });
  for (const line of [text({}), asJson({}), asJson({ code: 500 }), '\tinfo', '[2026-11-23T12:08:09.480Z] "GET'])
    scan.read(line);
  assert.equal(scan.counts, { lines: 5, access: 3, matching: 1, other: 1, unparsed: 1 });
});

test('an IPv6 address is found in either spelling, with its port or without', () => {
  const line = text({ host: '[2001:db8::99]:8080', upstream: '[2001:db8:1::17]:9000', client: '2001:db8::7' });
  const finds = (flags: Readonly<Record<string, unknown>>): boolean => {
    const scan = new LogScan({ parser: lineParser([]), filter: logFilter(readCriteria(flags)) });
    return scan.read(line) !== undefined;
  };
  for (const host of ['2001:db8::99', '[2001:db8::99]', '[2001:db8::99]:8080', '2001:DB8:0:0::99', '2001:db8::*'])
    assert.ok(finds({ host: [host] }), host);
  for (const upstream of ['2001:db8:1::17', '[2001:db8:1::17]', '[2001:db8:1::17]:9000', '~^2001:db8:1::17$'])
    assert.ok(finds({ upstream: [upstream] }), upstream);
  for (const client of ['2001:db8::7', '[2001:db8::7]', '10.3.3.3']) assert.ok(finds({ client: [client] }), client);
  for (const upstream of ['2001:db8::/32', '::/0', '2001:db8:1::17/128'])
    assert.ok(finds({ upstream: [upstream] }), upstream);
  for (const client of ['10.3.0.0/16', '10.3.3.3/32', '0.0.0.0/0']) assert.ok(finds({ client: [client] }), client);
  for (const client of ['10.4.0.0/16', '10.3.3.2/32', '2001:db9::/32', '10.3.3.3/33'])
    assert.not(finds({ client: [client] }), client);
  const mapped = text({ host: 'a.test', upstream: '10.1.0.17:9000', client: '::ffff:10.3.3.4' });
  const scan = new LogScan({ parser: lineParser([]), filter: logFilter(readCriteria({ client: ['10.3.3.4'] })) });
  assert.ok(scan.read(mapped));
  for (const host of ['2001:db8::9', '2001:db8:', '[2001:db8::99]:80']) assert.not(finds({ host: [host] }), host);
});

test('a dot at the end of a host, or of the filter, changes nothing', () => {
  for (const host of ['svc1.test.', 'SVC1.test.:8443', 'svc1.test'])
    for (const wanted of ['svc1.test', 'svc1.test.']) {
      const scan = new LogScan({ parser: lineParser([]), filter: logFilter(readCriteria({ host: [wanted] })) });
      assert.ok(scan.read(text({ host })), `${host} ${wanted}`);
    }
});

test('a connection without a request is found by its server name', () => {
  const scan = new LogScan({ parser: lineParser([]), filter: logFilter(readCriteria({ host: ['svc9.test'] })) });
  const connection =
    '[2026-11-23T12:08:09.480Z] "- - -" 0 NR filter_chain_not_found - "-" 0 0 0 - "-" "-" "-" "-" "-" - - 10.200.0.1:8443 10.3.3.3:47056 svc9.test -';
  assert.ok(scan.read(connection));
  assert.not(scan.read(connection.replace('"-" "-" - -', '"other.test" "-" - -')));
});

test.run();
