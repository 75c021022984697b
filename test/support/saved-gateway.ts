// The files of a saved gateway of one pod, for `--from DIR/snap`: what its Envoy holds as a test says, and its log.

import { any } from './dump.ts';

export interface SavedGateway {
  /** Of virtual host `a.example`, at port 8080, and at 8443 behind TLS. */
  readonly routes: readonly object[];
  readonly clusters: readonly object[];
  /** As `/clusters` has them. */
  readonly statuses: readonly object[];
  readonly log?: readonly string[];
  /** In the connection manager; absent: none. */
  readonly accessLog?: object;
}

function chainOf({ accessLog }: SavedGateway): object {
  const manager = any('extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
    rds: { route_config_name: 'http.8080' },
    http_filters: [
      { name: 'envoy.filters.http.router', typed_config: any('extensions.filters.http.router.v3.Router') },
    ],
    use_remote_address: true,
    ...(accessLog ? { access_log: [accessLog] } : {}),
  });
  return { filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }] };
}

const tls = {
  filter_chain_match: { server_names: ['a.example'] },
  transport_socket: {
    name: 'envoy.transport_sockets.tls',
    typed_config: any('extensions.transport_sockets.tls.v3.DownstreamTlsContext', { common_tls_context: {} }),
  },
};

function listener(port: number, chain: object): object {
  const inspector = any('extensions.filters.listener.tls_inspector.v3.TlsInspector');
  return {
    name: `0.0.0.0_${port}`,
    active_state: {
      listener: any('config.listener.v3.Listener', {
        name: `0.0.0.0_${port}`,
        address: { socket_address: { address: '0.0.0.0', port_value: port } },
        listener_filters: [{ name: 'envoy.filters.listener.tls_inspector', typed_config: inspector }],
        filter_chains: [chain],
      }),
    },
  };
}

const configDump = (gateway: SavedGateway): object => ({
  configs: [
    any('admin.v3.ClustersConfigDump', {
      dynamic_active_clusters: gateway.clusters.map((one) => ({ cluster: any('config.cluster.v3.Cluster', one) })),
    }),
    any('admin.v3.ListenersConfigDump', {
      dynamic_listeners: [listener(8080, chainOf(gateway)), listener(8443, { ...chainOf(gateway), ...tls })],
    }),
    any('admin.v3.RoutesConfigDump', {
      dynamic_route_configs: [
        {
          route_config: any('config.route.v3.RouteConfiguration', {
            name: 'http.8080',
            virtual_hosts: [{ name: 'a', domains: ['a.example'], routes: gateway.routes }],
          }),
        },
      ],
    }),
  ],
});

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

function indexOf(log: readonly string[]): object {
  const logs = { since: '2026-11-23T11:00:00.000Z', coverage: { 'gw-1': { lines: log.length } }, failedPods: {} };
  return {
    apiVersion: 'istio-ingress/v1',
    kind: 'Snapshot',
    generatedAt: '2026-11-23T12:08:47.000Z',
    origin: 'test',
    gateway: {
      namespace: 'istio-system',
      name: 'gw',
      kind: 'Deployment',
      pods: [pod],
      others: [],
      nodesWithoutPod: [],
    },
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
      logs: { gateway: { ...logs, files: 1 }, istiod: { ...logs, files: 0, coverage: {} } },
    },
  };
}

export const savedGateway = (gateway: SavedGateway): Record<string, string> => ({
  'snap/index.json': JSON.stringify(indexOf(gateway.log ?? [])),
  'snap/shared.json': '[]',
  'snap/logs/gateway/0.log': (gateway.log ?? []).map((line) => `${line}\n`).join(''),
  'snap/objects/services.json': '[]',
  'snap/objects/gateways.json': '[]',
  'snap/objects/virtualservices.json': '[]',
  'snap/objects/endpointslices.json': '[]',
  'snap/pods/gw-1/config_dump.json': JSON.stringify(configDump(gateway)),
  'snap/pods/gw-1/clusters.json': JSON.stringify({ cluster_statuses: gateway.statuses }),
  'snap/pods/gw-1/server_info.json': JSON.stringify({ version: 'x/1.36.2/Clean/RELEASE/BoringSSL', state: 'LIVE' }),
});
