// `explain --request-id` of lines of the access log that do not have all that the client had sent.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { any } from '../support/dump.ts';
import { withFiles } from '../support/with-files.ts';

const cluster = 'outbound|80||web.shop.svc.cluster.local';
const empty = 'outbound|80||empty.shop.svc.cluster.local';
const http = (type: string): string => `extensions.filters.http.${type}`;

const manager = any('extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
  rds: { route_config_name: 'http.8080' },
  http_filters: [{ name: 'envoy.filters.http.router', typed_config: any(http('router.v3.Router')) }],
  use_remote_address: true,
});
const chain = { filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }] };
const tls = {
  filter_chain_match: { server_names: ['a.example'] },
  transport_socket: {
    name: 'envoy.transport_sockets.tls',
    typed_config: any('extensions.transport_sockets.tls.v3.DownstreamTlsContext', { common_tls_context: {} }),
  },
};

const listener = (port: number, over: object): object => {
  const inspector = any('extensions.filters.listener.tls_inspector.v3.TlsInspector');
  return {
    name: `0.0.0.0_${port}`,
    active_state: {
      listener: any('config.listener.v3.Listener', {
        name: `0.0.0.0_${port}`,
        address: { socket_address: { address: '0.0.0.0', port_value: port } },
        listener_filters: [{ name: 'envoy.filters.listener.tls_inspector', typed_config: inspector }],
        filter_chains: [{ ...chain, ...over }],
      }),
    },
  };
};

const toService = (match: object, route: object = {}): object => ({ match, route: { cluster, ...route } });
const routes = [
  toService({ prefix: '/written' }, { host_rewrite_literal: 'b.internal' }),
  toService({ prefix: '/q', query_parameters: [{ name: 'v', string_match: { exact: '2' } }] }),
  toService({ prefix: '/pkg.Empty/' }, { cluster: empty }),
  toService({ prefix: '/' }),
];
const hosts = [{ name: 'a', domains: ['a.example'], routes }];

const clusterOf = (name: string): object => ({ cluster: any('config.cluster.v3.Cluster', { name, type: 'EDS' }) });

const configDump = {
  configs: [
    any('admin.v3.ClustersConfigDump', { dynamic_active_clusters: [clusterOf(cluster), clusterOf(empty)] }),
    any('admin.v3.ListenersConfigDump', { dynamic_listeners: [listener(8080, {}), listener(8443, tls)] }),
    any('admin.v3.RoutesConfigDump', {
      dynamic_route_configs: [
        { route_config: any('config.route.v3.RouteConfiguration', { name: 'http.8080', virtual_hosts: hosts }) },
      ],
    }),
  ],
};
const address = { socket_address: { address: '10.1.2.3', port_value: 80 } };
const clusters = {
  cluster_statuses: [{ name: cluster, host_statuses: [{ address, health_status: {} }] }, { name: empty }],
};

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

const pod = {
  namespace: 'istio-system',
  name: 'gw-1',
  phase: 'Running',
  isReady: true,
  ready: { containers: 1, of: 1 },
  restarts: 0,
  images: [],
  labels: {},
};
const logs = {
  since: '2026-11-23T11:00:00.000Z',
  files: 1,
  coverage: { 'gw-1': { lines: log.length } },
  failedPods: {},
};
const index = {
  apiVersion: 'istio-ingress/v1',
  kind: 'Snapshot',
  generatedAt: '2026-11-23T12:08:47.000Z',
  origin: 'test',
  gateway: { namespace: 'istio-system', name: 'gw', kind: 'Deployment', pods: [pod], others: [], nodesWithoutPod: [] },
  failedPods: {},
  istiods: [],
  failedIstiods: {},
  failedResources: {},
  snapshot: {
    version: '0.1.0',
    server: 'https://127.0.0.1:1/',
    chosenBy: { namespace: 'istio-system', istioNamespace: 'istio-system' },
    namespaces: {},
    absentSecrets: [],
    logs: { gateway: logs, istiod: { ...logs, files: 0, coverage: {} } },
  },
};

const files = {
  'snap/index.json': JSON.stringify(index),
  'snap/shared.json': '[]',
  'snap/logs/gateway/0.log': `${log.join('\n')}\n`,
  'snap/objects/services.json': '[]',
  'snap/objects/gateways.json': '[]',
  'snap/objects/virtualservices.json': '[]',
  'snap/pods/gw-1/config_dump.json': JSON.stringify(configDump),
  'snap/pods/gw-1/clusters.json': JSON.stringify(clusters),
  'snap/pods/gw-1/server_info.json': JSON.stringify({ version: 'x/1.36.2/Clean/RELEASE/BoringSSL', state: 'LIVE' }),
};

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

test.run();
