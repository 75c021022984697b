// A real Envoy with a configuration of every kind, static and from files, to compare our answers of `config_dump` with.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface RealEnvoy {
  ask(pathAndQuery: string): Promise<{ status: number; contentType: string; body: string }>;
  stop(): Promise<void>;
}

const any = (type: string, message: object): object => ({ '@type': `type.googleapis.com/envoy.${type}`, ...message });
const socket = (port: number): object => ({ socket_address: { address: '127.0.0.1', port_value: port } });
const endpoint = (port: number): object => ({ endpoint: { address: socket(port) } });
const assignment = (name: string, port: number): object => ({
  cluster_name: name,
  endpoints: [{ lb_endpoints: [endpoint(port)] }],
});

function virtualHost(name: string, prefix: string): object {
  const route = {
    match: { prefix },
    route: { cluster: 'eds-one', timeout: '1.5s' },
    metadata: { filter_metadata: { istio: { config: '/a<b>&c' } } },
  };
  return { name, domains: [`${name}.example`], routes: [route] };
}

function listener(name: string, routes: readonly object[], chains = 1): object {
  const router = {
    name: 'envoy.filters.http.router',
    typed_config: any('extensions.filters.http.router.v3.Router', {}),
  };
  const type = 'extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
  const filters = routes.map((r) => ({
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: any(type, { stat_prefix: 'x', ...r, http_filters: [router] }),
  }));
  return { name, address: socket(0), filter_chains: Array.from({ length: chains }, () => ({ filters })) };
}

function resources(file: (name: string) => object, ca: string): Readonly<Record<string, readonly object[]>> {
  const rds = (name: string): object => ({ rds: { route_config_name: name, config_source: file('rds') } });
  const tls = { validation_context_sds_secret_config: { name: 'ROOTCA', sds_config: file('sds') } };
  const transport = any('extensions.transport_sockets.tls.v3.UpstreamTlsContext', { common_tls_context: tls });
  const one = {
    name: 'eds-one',
    type: 'EDS',
    eds_cluster_config: { eds_config: file('eds'), service_name: 'service.one' },
    connect_timeout: '10s',
    transport_socket: { name: 'envoy.transport_sockets.tls', typed_config: transport },
    metadata: { filter_metadata: { istio: { services: [{ name: 'one' }] } } },
  };
  const half = { health_status: 'DRAINING', endpoint: { address: socket(2), hostname: 'h' } };
  const type = (name: string) => (message: object) => any(name, message);
  const withRoutes = (name: string, ...virtual_hosts: object[]): object => ({ name, virtual_hosts });
  return {
    rds: [
      withRoutes('route-a', virtualHost('a', '/a')),
      withRoutes('route-b', virtualHost('b', '/b'), virtualHost('c', '/ü')),
    ].map(type('config.route.v3.RouteConfiguration')),
    eds: [
      { cluster_name: 'service.one', endpoints: [{ locality: { region: 'r1' }, lb_endpoints: [endpoint(1), half] }] },
    ].map(type('config.endpoint.v3.ClusterLoadAssignment')),
    sds: [{ name: 'ROOTCA', validation_context: { trusted_ca: { inline_string: ca } } }].map(
      type('extensions.transport_sockets.tls.v3.Secret'),
    ),
    cds: [one, { name: 'static-two', type: 'STATIC', load_assignment: assignment('static-two', 3) }].map(
      type('config.cluster.v3.Cluster'),
    ),
    // Two filter chains that match the same: rejected, so that the dump has an error_state.
    lds: [
      listener('one', [rds('route-a')]),
      listener('two', [rds('route-b')]),
      listener('nacked', [rds('route-a')], 2),
    ].map(type('config.listener.v3.Listener')),
  };
}

function bootstrap(file: (name: string) => object): object {
  const inline = { route_config: { name: 'inline', validate_clusters: false, virtual_hosts: [virtualHost('s', '/')] } };
  return {
    node: { id: 'demo', cluster: 'demo' },
    admin: { address: socket(0) },
    dynamic_resources: { cds_config: file('cds'), lds_config: file('lds') },
    static_resources: {
      secrets: [{ name: 'static-generic', generic_secret: { secret: { inline_string: 'to be redacted' } } }],
      listeners: [listener('static-listener', [inline])],
      clusters: [{ name: 'static-one', type: 'STATIC', load_assignment: assignment('static-one', 9) }],
    },
  };
}

/** `binary` is the envoy; `ca` a PEM certificate. Rejects when it is not live after 20 s. */
export async function startRealEnvoy(binary: string, ca: string): Promise<RealEnvoy> {
  const directory = await mkdtemp(join(tmpdir(), 'kii-envoy-'));
  const file = (name: string): object => ({
    path_config_source: { path: join(directory, `${name}.json`) },
    resource_api_version: 'V3',
  });
  for (const [name, list] of Object.entries(resources(file, ca))) {
    await writeFile(join(directory, `${name}.json`), JSON.stringify({ version_info: '1', resources: list }));
  }
  await writeFile(join(directory, 'bootstrap.json'), JSON.stringify(bootstrap(file)));
  const args = [
    '-c',
    join(directory, 'bootstrap.json'),
    '--admin-address-path',
    join(directory, 'admin'),
    '--concurrency',
    '1',
  ];
  const child = spawn(binary, [...args, '--use-dynamic-base-id', '--log-level', 'critical'], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const ask: RealEnvoy['ask'] = async (path) => {
    const response = await fetch(`http://${await readFile(join(directory, 'admin'), 'utf8')}${path}`);
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      body: (await response.text()).replaceAll(directory, '/etc/envoy'),
    };
  };
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 100; tries++) {
    const state = await ask('/ready').catch(() => undefined);
    if (state?.status === 200) return { ask, stop };
    await pause(200);
  }
  await stop();
  throw new Error(`${binary} did not become live`);
}
