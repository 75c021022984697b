// Holds `-o envoy` against istioctl itself: deep-equal for each kind of a recorded dump, and of what a dump can hold
// but the recordings do not (maps and Structs). Needs KII_ISTIOCTL (the binary) and KII_DUMPS (a directory of
// recordings with pods/<pod>/config_dump.json and clusters.json).

import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { envoyClusters, envoyEndpoints, envoyListeners, envoyRoutes, envoySecrets } from '#render/format/envoy.ts';

const istioctl = process.env['KII_ISTIOCTL'];
const recordings = process.env['KII_DUMPS'];
if (!istioctl || !recordings) throw new Error('set KII_ISTIOCTL and KII_DUMPS: npm run test:cluster does');

type Json = Readonly<Record<string, unknown>>;

const dumps = globSync('**/pods/*/config_dump.json', { cwd: recordings }).map((path) => join(recordings, path));

test('there is a recording to compare with', () => {
  assert.ok(dumps.length > 0);
});

for (const path of dumps) {
  const dump = JSON.parse(readFileSync(path, 'utf8')) as { configs: readonly Json[] };
  const of = (section: string, resource: string): Json => {
    const config = dump.configs.find((c) => String(c['@type']).endsWith(`v3.${section}`));
    return { configs: config?.[resource] ?? [] };
  };
  const ours: Record<string, () => unknown> = {
    routes: () =>
      envoyRoutes(of('RoutesConfigDump', 'dynamic_route_configs'), of('RoutesConfigDump', 'static_route_configs')),
    clusters: () =>
      envoyClusters(of('ClustersConfigDump', 'dynamic_active_clusters'), of('ClustersConfigDump', 'static_clusters')),
    listeners: () =>
      envoyListeners(of('ListenersConfigDump', 'dynamic_listeners'), of('ListenersConfigDump', 'static_listeners')),
    secrets: () =>
      envoySecrets({ configs: dump.configs.filter((c) => String(c['@type']).endsWith('v3.SecretsConfigDump')) }),
    endpoints: () => envoyEndpoints(JSON.parse(readFileSync(join(dirname(path), 'clusters.json'), 'utf8'))),
  };
  for (const [kind, make] of Object.entries(ours)) {
    test(`${kind} of ${path.slice(recordings.length)} are what istioctl prints`, () => {
      const file = kind === 'endpoints' ? join(dirname(path), 'clusters.json') : path;
      const printed = execFileSync(istioctl, ['proxy-config', kind, '-f', file, '-o', 'json'], {
        maxBuffer: 256 << 20,
      });
      assert.equal(make(), JSON.parse(printed.toString()));
    });
  }
}

/**
 * What Envoy can hold and the recordings do not: maps with keys that look like field names, and Structs at every depth.
 */
const odd = {
  clusters: {
    name: 'outbound|80|a_b|x_y.example.org',
    metadata: {
      filter_metadata: { some_filter: { snake_key: { deeper_key: [{ list_key: 1 }] } } },
      typed_filter_metadata: {
        some_name: { '@type': 'type.googleapis.com/envoy.config.core.v3.SocketAddress', address: '::', port_value: 1 },
        a_struct: { '@type': 'type.googleapis.com/google.protobuf.Struct', value: { snake_key: { deeper_key: 1 } } },
      },
    },
    transport_socket_matches: [
      { name: 'tls_mode', match: { tls_mode: 'istio_mutual' }, transport_socket: { name: 'raw_buffer' } },
    ],
    lb_subset_config: { default_subset: { sub_set: 'v_1' }, subset_selectors: [{ keys: ['a_b'] }] },
    load_assignment: {
      cluster_name: 'c_1',
      named_endpoints: { end_point: { health_check_config: { port_value: 80 } } },
    },
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        explicit_http_config: { http2_protocol_options: { max_concurrent_streams: 5 } },
      },
    },
    health_checks: [
      {
        timeout: '1s',
        interval: '1s',
        unhealthy_threshold: 1,
        healthy_threshold: 1,
        transport_socket_match_criteria: { snake_key: true },
      },
    ],
  },
  routes: {
    name: 'odd_name',
    virtual_hosts: [
      {
        name: 'v_1',
        domains: ['*'],
        typed_per_filter_config: {
          a_filter: {
            '@type': 'type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy',
            allow_methods: 'GET',
          },
          a_typed_struct: {
            '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct',
            type_url: 'type.googleapis.com/some_type',
            value: { snake_key: { deeper_key: 1 } },
          },
          new_typed_struct: {
            '@type': 'type.googleapis.com/xds.type.v3.TypedStruct',
            type_url: 'x_y',
            value: { snake_key: 1 },
          },
        },
        matcher: {
          matcher_tree: {
            input: {
              name: 'in',
              typed_config: {
                '@type': 'type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput',
                header_name: 'x_y',
              },
            },
            exact_match_map: {
              map: {
                key_one: {
                  action: {
                    name: 'route_it',
                    typed_config: {
                      '@type': 'type.googleapis.com/envoy.config.route.v3.Route',
                      direct_response: { status: 200 },
                    },
                  },
                },
              },
            },
          },
        },
        routes: [
          {
            match: { prefix: '/', runtime_fraction: { default_value: { numerator: 5 }, runtime_key: 'run_time' } },
            route: {
              cluster: 'a_b',
              metadata_match: { filter_metadata: { 'envoy.lb': { sub_set: 'x_y' } } },
              max_grpc_timeout: '0s',
            },
          },
        ],
      },
    ],
  },
  listeners: {
    name: 'l_1',
    address: { socket_address: { address: '::', port_value: 1 } },
    filter_chains: [
      {
        filters: [
          {
            name: 'hcm',
            typed_config: {
              '@type':
                'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
              stat_prefix: 's_p',
              access_log: [
                {
                  name: 'file',
                  typed_config: {
                    '@type': 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
                    path: '/dev/stdout',
                    log_format: {
                      json_format: { start_time: '%START_TIME%', nested_one: { deep_one: 'x' } },
                      content_type: 'a_b',
                    },
                  },
                },
              ],
              http_filters: [
                {
                  name: 'jwt',
                  typed_config: {
                    '@type': 'type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication',
                    providers: { prov_one: { issuer: 'x', forward_payload_header: 'x_y' } },
                    requirement_map: { req_one: { provider_name: 'prov_one' } },
                    filter_state_rules: { name: 'n', requires: { req_two: { provider_name: 'prov_one' } } },
                    rules: [{ match: { prefix: '/' }, requires: { provider_name: 'prov_one' } }],
                  },
                },
                {
                  name: 'rbac',
                  typed_config: {
                    '@type': 'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC',
                    rules: {
                      policies: {
                        'ns[a]-policy[b_c]-rule[0]': {
                          permissions: [{ and_rules: { rules: [{ any: true }] } }],
                          principals: [{ any: true }],
                        },
                      },
                    },
                  },
                },
                {
                  name: 'lua',
                  typed_config: {
                    '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
                    source_codes: { 'hello_lua.lua': { inline_string: 'x_y' } },
                  },
                },
              ],
            },
          },
        ],
      },
    ],
  },
};

const any = (type: string, message: object): Json => ({
  '@type': `type.googleapis.com/envoy.config.${type}`,
  ...message,
});

const oddElements = {
  routes: { configs: [{ route_config: any('route.v3.RouteConfiguration', odd.routes) }] },
  clusters: { configs: [{ cluster: any('cluster.v3.Cluster', odd.clusters) }] },
  listeners: { configs: [{ name: 'l_1', active_state: { listener: any('listener.v3.Listener', odd.listeners) } }] },
};

const oddDump = {
  configs: [
    {
      '@type': 'type.googleapis.com/envoy.admin.v3.ClustersConfigDump',
      dynamic_active_clusters: oddElements.clusters.configs,
    },
    {
      '@type': 'type.googleapis.com/envoy.admin.v3.ListenersConfigDump',
      dynamic_listeners: oddElements.listeners.configs,
    },
    {
      '@type': 'type.googleapis.com/envoy.admin.v3.RoutesConfigDump',
      dynamic_route_configs: oddElements.routes.configs,
    },
  ],
};

const makers = { routes: envoyRoutes, clusters: envoyClusters, listeners: envoyListeners };

for (const [kind, make] of Object.entries(makers)) {
  test(`keys of maps and Structs in ${kind} stay as istioctl leaves them`, () => {
    const args = ['proxy-config', kind, '-f', '-', '-o', 'json'];
    const printed = execFileSync(istioctl, args, {
      input: JSON.stringify(oddDump),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    assert.equal(make(oddElements[kind as keyof typeof makers]), JSON.parse(printed.toString()));
  });
}

test.run();
