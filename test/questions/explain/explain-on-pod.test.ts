// What `explain` asks one pod for, of a dump that is written down here.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readRequest } from '#analysis/request/request.ts';
import type { Admin, AdminRequest } from '#core/admin.ts';
import { queryDump } from '#dump/query.ts';
import type { Explanation } from '#model/explanation.ts';
import { explainOnPod } from '#questions/explain/explain-on-pod.ts';
import { pod } from '../../support/builders/fleet.ts';

const types = 'type.googleapis.com/envoy';
const socket = (port: number): object => ({ socket_address: { address: '0.0.0.0', port_value: port } });

const manager = {
  '@type': `${types}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
  stat_prefix: 'x',
  route_config: {
    virtual_hosts: [
      {
        name: 'all',
        domains: ['*'],
        routes: [
          {
            match: { prefix: '/', runtime_fraction: { runtime_key: 'some', default_value: { numerator: 100 } } },
            direct_response: { status: 204 },
          },
        ],
      },
    ],
  },
};

const listener = {
  name: '0.0.0.0_8080',
  active_state: {
    listener: {
      '@type': `${types}.config.listener.v3.Listener`,
      name: '0.0.0.0_8080',
      address: socket(8080),
      additional_addresses: [{ address: socket(9090) }],
      filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }],
    },
  },
};

const dump = {
  configs: [
    {
      '@type': `${types}.admin.v3.BootstrapConfigDump`,
      bootstrap: { layered_runtime: { layers: [{ name: 'none' }] } },
    },
    { '@type': `${types}.admin.v3.ListenersConfigDump`, dynamic_listeners: [listener] },
  ],
};

function podWith(
  envoyVersion: string,
  configs: readonly object[] = dump.configs,
): { readonly admin: Admin; readonly asked: AdminRequest[] } {
  const asked: AdminRequest[] = [];
  const answer = ({ path, query = {} }: AdminRequest): string =>
    path === 'server_info'
      ? JSON.stringify({ version: `abc/${envoyVersion}/Clean/RELEASE/BoringSSL` })
      : queryDump({ configs }, new URLSearchParams(query)).body;
  const get = async (request: AdminRequest): Promise<Buffer> => {
    asked.push(request);
    return Buffer.from(answer(request));
  };
  return { admin: { pod: pod('a'), get, logging: async () => '' }, asked };
}

const explained = ({ admin }: { readonly admin: Admin }, port: number): Promise<Explanation> => {
  const url = `http://a.example:${port}/`;
  const { request } = readRequest({ url, method: 'GET', headers: [], sni: undefined, hasClientCertificate: false });
  const entry = { service: undefined, by: 'listener port', port, listenerPort: port } as const;
  return explainOnPod(admin, request, Promise.resolve(entry));
};

test('an additional address of a listener has its own port', async () => {
  for (const port of [8080, 9090])
    assert.equal(
      (await explained(podWith('1.36.2'), port)).outcomes.map(({ kind }) => kind),
      ['respond'],
      String(port),
    );
});

test('a cluster whose TLS waits for a Secret takes no request', async () => {
  const from = (secrets: readonly string[]) => {
    const forwarding = structuredClone(listener);
    const [chain] = forwarding.active_state.listener.filter_chains;
    Object.assign(chain?.filters[0]?.typed_config.route_config.virtual_hosts[0] ?? {}, {
      routes: [{ match: { prefix: '/' }, route: { cluster: 'c' } }],
    });
    const ca = { validation_context_sds_secret_config: { name: 'kubernetes://a-cacert' } };
    const socketType = `${types}.extensions.transport_sockets.tls.v3.UpstreamTlsContext`;
    const cluster = {
      '@type': `${types}.config.cluster.v3.Cluster`,
      name: 'c',
      type: 'ORIGINAL_DST',
      original_dst_lb_config: { metadata_key: { key: 'a' } },
      transport_socket: {
        name: 'tls',
        typed_config: { '@type': socketType, common_tls_context: { combined_validation_context: ca } },
      },
    };
    return podWith('1.36.2', [
      { '@type': `${types}.admin.v3.ListenersConfigDump`, dynamic_listeners: [forwarding] },
      { '@type': `${types}.admin.v3.ClustersConfigDump`, dynamic_active_clusters: [{ cluster }] },
      {
        '@type': `${types}.admin.v3.SecretsConfigDump`,
        dynamic_active_secrets: secrets.map((name) => ({ name, secret: { name, validation_context: {} } })),
      },
    ]);
  };
  const [waiting] = (await explained(from([]), 8080)).outcomes;
  assert.ok(waiting?.kind === 'fail' && waiting.why.includes('waits for kubernetes://a-cacert'), waiting?.kind);
  assert.is((await explained(from(['kubernetes://a-cacert']), 8080)).outcomes[0]?.kind, 'forward');
});

test('the runtime is asked for without the rest of the dump, and not at all where Envoy would gather it', async () => {
  const runtimeOf = async (version: string): Promise<unknown[]> => {
    const one = podWith(version);
    await explained(one, 8080);
    return one.asked.flatMap(({ query }) => (query?.['mask'] === undefined ? [] : [query]));
  };
  assert.equal(await runtimeOf('1.36.2'), [{ mask: 'bootstrap.layered_runtime', name_regex: '^$' }]);
  assert.equal(await runtimeOf('1.19.5'), []);
});

test.run();
