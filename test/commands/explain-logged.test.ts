// `explain --request-id` of lines of the access log that do not have all that the client had sent.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { any } from '../support/dump.ts';
import { savedGateway } from '../support/saved-gateway.ts';
import { withFiles } from '../support/with-files.ts';

const cluster = 'outbound|80||web.shop.svc.cluster.local';
const empty = 'outbound|80||empty.shop.svc.cluster.local';

const toService = (match: object, route: object = {}): object => ({ match, route: { cluster, ...route } });
const routes = [
  toService({ prefix: '/written' }, { host_rewrite_literal: 'b.internal' }),
  toService({ prefix: '/q', query_parameters: [{ name: 'v', string_match: { exact: '2' } }] }),
  toService({ prefix: '/pkg.Empty/' }, { cluster: empty }),
  toService({ prefix: '/' }),
];

const address = { socket_address: { address: '10.1.2.3', port_value: 80 } };
const statuses = [{ name: cluster, host_statuses: [{ address, health_status: {} }] }, { name: empty }];

/** As Istio's own format has it. */
const line = (id: string, path: string, over: Readonly<Record<string, string>> = {}): string => {
  const one = {
    host: 'a.example',
    sni: '-',
    port: '8080',
    code: '200 -',
    details: 'via_upstream',
    agent: 'curl/8',
    to: cluster,
    ...over,
  };
  return `2026-11-23T12:07:53.000000000Z gw-1 [2026-11-23T12:07:53.234Z] "GET ${path} HTTP/2" ${one.code} ${one.details} - "-" 0 9 3 1 "192.0.2.1" "${one.agent}" "${id}" "${one.host}" "10.1.2.3:80" ${one.to} 10.0.0.1:33 10.0.0.1:${one.port} 192.0.2.1:44992 ${one.sni} -`;
};
const overTls = { sni: 'a.example', port: '8443' };
const log = [
  line('written', '/written', { host: 'b.internal', ...overTls }),
  line('plain', '/written', { host: 'b.internal' }),
  line('elsewhere', '/', { host: 'b.internal', ...overTls }),
  line('query', '/q?query-0123456789'),
  line('path', '/other?query-0123456789'),
  line('grpc', '/pkg.Empty/Do', { code: '200 UH', details: 'no_healthy_upstream', to: empty }),
  line('twice', '/second'),
  line('twice', '/first').replace('12:07:53', '12:07:52'),
  line('client', '/', { agent: 'grpc-go/1.60' }),
];

const clusters = [cluster, empty].map((name) => ({ name, type: 'EDS' }));
const files = savedGateway({ routes, clusters, statuses, log });

const cases = [
  [
    'the host that a route has written is not what the client asked for, but its server name',
    'written',
    0,
    /200 of the service in 3ms · as predicted/,
    /the route writes, b\.internal: .* its server name, a\.example/,
  ],
  [
    'without a server name, who asks is told how to say the host',
    'plain',
    1,
    /no virtual host serves b\.internal/,
    /add it with -H 'Host: NAME'/,
  ],
  ['and says it', 'plain -H host:a.example', 0, /rewritten to b\.internal/, /^$/],
  [
    'a server name whose routes write no such host is not it',
    'elsewhere',
    1,
    /no virtual host serves b\.internal/,
    /add it with -H/,
  ],
  [
    'what a snapshot has in place of a query decides over no route',
    'query',
    0,
    /query v missing/,
    /routes ask for v in the query, which the snapshot does not have/,
  ],
  ['nor where the path is another one', 'path', 0, /as predicted/, /^$/],
  ['a 200 that the gateway itself has made of a failure is gRPC', 'grpc', 0, /200 with grpc-status 14/, /^$/],
  [
    'of several requests with the id the earliest is told, with its URL',
    'twice',
    0,
    /UTC · GET http:\/\/a\.example:8080\/first/,
    /more than one request has this id/,
  ],
  ['a client of gRPC is one by its User-Agent', 'client -o json', 0, /application\/grpc/, /^$/],
] as const;

for (const [says, asked, code, out, err] of cases) {
  test(says, () =>
    withFiles(files, async (kii) => {
      const told = await kii(`explain --from DIR/snap --request-id ${asked}`);
      const text = `${told.out}${told.err}`;
      assert.is(told.code, code, text);
      assert.match(told.out, out, text);
      assert.match(told.err.replace(/^the gateway writes no access log.*\n/, '').trimEnd(), err, text);
    }),
  );
}

test('what came of it is told where the pod that had it does not answer', () => {
  const { 'snap/pods/gw-1/config_dump.json': _, ...lost } = files;
  return withFiles(lost, async (kii) => {
    const { code, err } = await kii('explain --from DIR/snap --request-id grpc');
    assert.is(code, 2);
    assert.not.match(err, '--format');
    assert.match(err, /came to gw-1, .* Its log has what came of it: 200, UH, no_healthy_upstream/);
  });
});

test('a format without times, flags and endpoints leaves open how long it took, and who answered', () => {
  const json_format = {
    id: '%REQ(X-REQUEST-ID)%',
    m: '%REQ(:METHOD)%',
    p: '%REQ(:PATH)%',
    h: '%REQ(:AUTHORITY)%',
    c: '%RESPONSE_CODE%',
  };
  const accessLog = {
    typed_config: any('extensions.access_loggers.file.v3.FileAccessLog', {
      path: '/dev/stdout',
      log_format: { json_format },
    }),
  };
  const text = JSON.stringify({ id: 'short', m: 'GET', p: '/', h: 'a.example', c: 503 });
  const short = { routes, clusters, statuses, log: [`2026-11-23T12:07:53.000000000Z gw-1 ${text}`], accessLog };
  return withFiles(savedGateway(short), async (kii) => {
    const { code, out } = await kii('explain --from DIR/snap --request-id short');
    assert.match(out, /\n└ 503 · as predicted · gw-1\n/, out);
    assert.is(code, 0);
  });
});

test.run();
