// A whole Envoy, drawn at random: listeners at several addresses of one port, QUIC beside TCP, filter chains by server
// name, connection managers with every setting that decides over a request, and a runtime.

import type { Random } from '../random.ts';
import { extension, faultOf, fraction, type Json, ownPlace, routeConfiguration } from './routes.ts';
import { clusters, runtimeKeys } from './words.ts';

export interface Ports {
  readonly admin: number;
  readonly plain: number;
  readonly tls: number;
}

export interface Credentials {
  readonly key: string;
  readonly cert: string;
}

export interface OwnBackends {
  /** Ports of 127.0.0.1, by cluster. */
  readonly ports: Readonly<Record<string, number>>;
  /** One that terminates TLS itself. */
  readonly raw: number;
}

// Connection managers
// -------------------------------------------------------------------------------------------------------------------------

const perhaps = (random: Random, chance: number, fields: Json): Json => (random.chance(chance) ? fields : {});

const filtersOf = (random: Random): Json[] => {
  const [faultFilter, corsFilter] = [random.pick(ownPlace.faultFilters), random.pick(ownPlace.corsFilters)];
  const faults = [faultFilter].map((name) => ({
    name,
    typed_config: random.chance(0.15)
      ? faultOf(random, ownPlace)
      : { '@type': extension('filters.http.fault.v3.HTTPFault') },
    ...perhaps(random, 0.2, { disabled: true }),
  }));
  const cors = [corsFilter].map((name) => ({
    name,
    typed_config: { '@type': extension('filters.http.cors.v3.Cors') },
    ...perhaps(random, 0.2, { disabled: true }),
  }));
  const both = [...faults, ...cors];
  return [
    ...(random.chance(0.3) ? both.toReversed() : both),
    { name: 'envoy.filters.http.router', typed_config: { '@type': extension('filters.http.router.v3.Router') } },
  ];
};

const hostSettings = (random: Random): Json => ({
  ...random.pick([{ strip_matching_host_port: true }, { strip_any_host_port: true }, {}, {}]),
  ...perhaps(random, 0.3, { strip_trailing_host_dot: true }),
});

const pathSettings = (random: Random): Json => ({
  ...perhaps(random, 0.6, { normalize_path: random.chance(0.8) }),
  ...perhaps(random, 0.4, { merge_slashes: true }),
  ...perhaps(random, 0.5, {
    path_with_escaped_slashes_action: random.pick([
      'KEEP_UNCHANGED',
      'REJECT_REQUEST',
      'UNESCAPE_AND_REDIRECT',
      'UNESCAPE_AND_FORWARD',
    ]),
  }),
});

export const headerSettings = (random: Random): Json => ({
  ...perhaps(random, 0.6, { use_remote_address: random.chance(0.8) }),
  ...perhaps(random, 0.4, { xff_num_trusted_hops: random.pick([1, 2]) }),
  ...perhaps(random, 0.2, { skip_xff_append: true }),
  ...perhaps(random, 0.2, { append_x_forwarded_port: true }),
  ...perhaps(random, 0.15, { scheme_header_transformation: { scheme_to_overwrite: random.pick(['http', 'https']) } }),
  ...perhaps(random, 0.2, { generate_request_id: false }),
  ...perhaps(random, 0.2, { preserve_external_request_id: true }),
  ...perhaps(random, 0.2, { via: 'gw' }),
  ...perhaps(random, 0.2, { add_user_agent: true }),
  ...perhaps(random, 0.6, {
    forward_client_cert_details: random.pick(['FORWARD_ONLY', 'APPEND_FORWARD', 'SANITIZE_SET', 'ALWAYS_FORWARD_ONLY']),
  }),
  ...perhaps(random, 0.3, {
    common_http_protocol_options: { headers_with_underscores_action: random.pick(['REJECT_REQUEST', 'DROP_HEADER']) },
  }),
});

const accessLog = (path: string): Json => ({
  name: 'envoy.access_loggers.file',
  typed_config: {
    '@type': extension('access_loggers.file.v3.FileAccessLog'),
    path,
    log_format: {
      text_format_source: {
        inline_string:
          '"%REQ(:METHOD)% x" %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% - "-" 0 0 0 0 "-" "%REQ(USER-AGENT)%" "-" "-" "-" %UPSTREAM_CLUSTER_RAW% - - - - %ROUTE_NAME%\n',
      },
    },
  },
});

/** One for each filter chain, with routes of its own. */
function manager(random: Random, name: string, log: string, more: Json = {}): Json {
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type': extension('filters.network.http_connection_manager.v3.HttpConnectionManager'),
      stat_prefix: name,
      route_config: routeConfiguration(random, name, ownPlace),
      http_filters: filtersOf(random),
      access_log: [accessLog(log)],
      ...hostSettings(random),
      ...pathSettings(random),
      ...headerSettings(random),
      ...more,
    },
  };
}

// Listeners
// --------------------------------------------------------------------------------------------------------------------------

const at = (address: string, port: number, protocol = 'TCP'): Json => ({
  socket_address: { address, port_value: port, protocol },
});

function plainListeners(random: Random, { plain }: Ports, log: string): Json[] {
  const one = (name: string, address: Json, more: Json = {}): Json => ({
    name,
    address,
    filter_chains: [{ filters: [manager(random, name, log)] }],
    ...more,
  });
  return [
    one('any', at('0.0.0.0', plain)),
    one('two', at('127.0.0.2', plain), { additional_addresses: [{ address: at('127.0.0.3', plain) }] }),
    one('six', at('::1', plain)),
  ];
}

const inline = (text: string): Json => ({ inline_string: text });

const serverTls = (
  { key, cert }: Credentials,
  alpn: readonly string[],
  client: 'none' | 'asked' | 'required',
): Json => ({
  '@type': extension('transport_sockets.tls.v3.DownstreamTlsContext'),
  common_tls_context: {
    tls_certificates: [{ certificate_chain: inline(cert), private_key: inline(key) }],
    alpn_protocols: alpn,
    ...(client === 'none' ? {} : { validation_context: { trusted_ca: inline(cert) } }),
  },
  ...(client === 'required' ? { require_client_certificate: true } : {}),
});

const tcpProxy = (log: string): Json => ({
  name: 'envoy.filters.network.tcp_proxy',
  typed_config: {
    '@type': extension('filters.network.tcp_proxy.v3.TcpProxy'),
    stat_prefix: 'pass',
    cluster: 'raw',
    access_log: [accessLog(log)],
  },
});

function tlsListener(random: Random, { tls }: Ports, credentials: Credentials, log: string): Json {
  const both = ['h2', 'http/1.1'];
  const chain = (
    name: string,
    names: readonly string[],
    alpn = both,
    client: 'none' | 'asked' | 'required' = 'none',
  ): Json => ({
    name,
    filter_chain_match: { server_names: names },
    transport_socket: { name: 'tls', typed_config: serverTls(credentials, alpn, client) },
    filters: [manager(random, name, log)],
  });
  const pass = { name: 'pass', filter_chain_match: { server_names: ['pass.test'] }, filters: [tcpProxy(log)] };
  return {
    name: 'tls',
    address: at('0.0.0.0', tls),
    listener_filters: [
      { name: 'tls', typed_config: { '@type': extension('filters.listener.tls_inspector.v3.TlsInspector') } },
    ],
    filter_chains: [
      chain('exact', ['a.test', 'x.w.test']),
      chain('wildcard', ['*.w.test']),
      chain('mutual', ['mutual.test'], both, 'required'),
      chain('optional', ['optional.test'], both, 'asked'),
      chain('h1', ['h1.test'], ['http/1.1']),
      pass,
    ],
    ...(random.chance(0.5) ? { default_filter_chain: { ...chain('default', []), filter_chain_match: undefined } } : {}),
  };
}

interface Quic {
  readonly random: Random;
  readonly credentials: Credentials;
  readonly log: string;
}

function quicChain(
  { random, credentials, log }: Quic,
  name: string,
  match: Json | undefined,
  client: Parameters<typeof serverTls>[2] = 'none',
): Json {
  const context = { ...serverTls(credentials, ['h3'], client), '@type': undefined };
  const type = extension('transport_sockets.quic.v3.QuicDownstreamTransport');
  return {
    name,
    ...(match === undefined ? {} : { filter_chain_match: match }),
    transport_socket: { name: 'quic', typed_config: { '@type': type, downstream_tls_context: context } },
    filters: [manager(random, name, log, { codec_type: 'HTTP3', http3_protocol_options: {} })],
  };
}

const quicListener = (name: string, address: string, port: number, chains: Json): Json => ({
  name,
  address: at(address, port, 'UDP'),
  udp_listener_config: { quic_options: {} },
  ...chains,
});

/**
 * HTTP/3 at the port of the plain listeners and at that of TLS, there at an address of its own too: other routes, which
 * no TCP connection may reach.
 */
function quicListeners(quic: Quic, { plain, tls }: Ports): Json[] {
  const named = (name: string, names: readonly string[], more: Json = {}, ...client: ['asked' | 'required'] | []) =>
    quicChain(quic, `quic-${name}`, { server_names: names, ...more }, ...client);
  const chains = [
    named('exact', ['a.test']),
    named('wildcard', ['*.w.test'], { transport_protocol: 'quic', application_protocols: ['h3'] }),
    named('optional', ['optional.test'], {}, 'asked'),
    named('tls', ['tls.test'], { transport_protocol: 'tls' }),
    named('h2', ['h1.test'], { application_protocols: ['h2'] }),
    named('mutual', ['mutual.test'], {}, 'required'),
  ];
  const rest = quic.random.chance(0.5) ? { default_filter_chain: quicChain(quic, 'quic-default', undefined) } : {};
  return [
    quicListener('quic-plain', '0.0.0.0', plain, { filter_chains: [quicChain(quic, 'quic-plain', undefined)] }),
    quicListener('quic-tls', '0.0.0.0', tls, { filter_chains: chains, ...rest }),
    quicListener('quic-two', '127.0.0.2', tls, { filter_chains: [quicChain(quic, 'quic-two', undefined)] }),
  ];
}

// The rest
// ---------------------------------------------------------------------------------------------------------------------------

const clusterOf = (name: string, port: number | undefined): Json => ({
  name,
  type: 'STATIC',
  connect_timeout: '2s',
  load_assignment: {
    cluster_name: name,
    endpoints: port === undefined ? [] : [{ lb_endpoints: [{ endpoint: { address: at('127.0.0.1', port) } }] }],
  },
});

const runtimeValue = (random: Random): unknown =>
  random.pick([0, 30, 100, 150, '50', fraction(random), true, 12.5, 'odd']);

/**
 * Two layers, of which the later one counts; a key may be written as a tree. A weight of 0 Envoy refuses where nothing
 * else is left.
 */
function runtimeOf(random: Random): Json {
  const layer = (): Json => ({
    truth: Object.fromEntries(
      runtimeKeys
        .slice(0, 3)
        .flatMap((key) => (random.chance(0.5) ? [[key.slice('truth.'.length), runtimeValue(random)]] : [])),
    ),
    ...(random.chance(0.5) ? { [`weights.x.${clusters[0]}`]: random.pick([1, 5, 100]) } : {}),
    ...(random.chance(0.3) ? { 'weights.x.missing': random.pick([1, 5]) } : {}),
    ...(random.chance(0.15) ? { 'fault.http.abort.abort_percent': random.pick([0, 100]) } : {}),
    ...(random.chance(0.15) ? { 'fault.http.abort.http_status': random.pick([429, 410]) } : {}),
    ...(random.chance(0.15) ? { 'fault.http.abort.grpc_status': random.pick([3, 7]) } : {}),
  });
  return {
    layers: [
      { name: 'first', static_layer: layer() },
      { name: 'second', static_layer: layer() },
      { name: 'admin', admin_layer: {} },
    ],
  };
}

export const bootstrapOf = (
  random: Random,
  ports: Ports,
  backends: OwnBackends,
  credentials: Credentials,
  log: string,
): Json => ({
  node: { id: 'node-of-the-gateway', cluster: 'gateway' },
  admin: { address: at('127.0.0.1', ports.admin) },
  layered_runtime: runtimeOf(random),
  static_resources: {
    listeners: [
      ...plainListeners(random, ports, log),
      tlsListener(random, ports, credentials, log),
      ...quicListeners({ random, credentials, log }, ports),
    ],
    clusters: [
      ...Object.entries(backends.ports).map(([name, port]) => clusterOf(name, port)),
      clusterOf('raw', backends.raw),
      clusterOf('empty', undefined),
    ],
  },
});
