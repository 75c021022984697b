import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readListeners } from '#dump/listeners.ts';
import { accessRules } from '#model/access-rule.ts';
import { type FilterChain, type HttpHandler, type Listener, upgrades } from '#model/listener.ts';
import { any, asked, camelCased, section } from '../support/dump.ts';

const address = (port: number, host = '0.0.0.0'): object => ({ socket_address: { address: host, port_value: port } });
const manager = (settings: object): object => ({
  name: 'envoy.filters.network.http_connection_manager',
  typed_config: any('extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', settings),
});
const tcpProxy = (settings: object): object => ({
  name: 'envoy.filters.network.tcp_proxy',
  typed_config: any('extensions.filters.network.tcp_proxy.v3.TcpProxy', settings),
});
const held = (listener: object, at = '2026-11-23T12:00:00Z'): object => ({
  version_info: '1',
  listener: any('config.listener.v3.Listener', listener),
  last_updated: at,
});
const dynamic = (...elements: object[]): object => section('Listeners', { dynamic_listeners: elements });

/** The only listener of a dump with one active listener. */
function readOne(listener: object): Listener {
  const [one] = readListeners(
    dynamic({
      name: '0.0.0.0_8443',
      active_state: held({ name: '0.0.0.0_8443', address: address(8443), ...listener }),
    }),
  );
  return one as Listener;
}
const readChain = (chain: object): FilterChain => readOne({ filter_chains: [chain] }).filterChains[0] as FilterChain;
const readHttp = (settings: object): HttpHandler => readChain({ filters: [manager(settings)] }).handler as HttpHandler;
const readTls = (context: object): FilterChain['tls'] =>
  readChain({
    transport_socket: {
      name: 'tls',
      typed_config: any('extensions.transport_sockets.tls.v3.DownstreamTlsContext', context),
    },
  }).tls;

test('reads name, address, time and state', () => {
  const { name, state, address: host, port, lastUpdated, rejected, filterChains, hasMatcherTree } = readOne({});
  assert.equal(
    { name, state, host, port, lastUpdated, rejected, filterChains, hasMatcherTree },
    {
      name: '0.0.0.0_8443',
      state: 'active',
      host: '0.0.0.0',
      port: 8443,
      lastUpdated: '2026-11-23T12:00:00Z',
      rejected: undefined,
      filterChains: [],
      hasMatcherTree: false,
    },
  );
});

test('reads every address that it listens on', () => {
  const {
    address: host,
    port,
    additionalAddresses,
  } = readOne({ additional_addresses: [{ address: address(8443, '::') }, { address: { pipe: { path: '/x' } } }, {}] });
  assert.equal([host, port, additionalAddresses], ['0.0.0.0', 8443, ['[::]:8443', '/x']]);
});

test('reads which :: takes IPv4 too, and of nothing else that it does', () => {
  const compat = (host: string, ipv4_compat = true): object => ({
    socket_address: { address: host, port_value: 8443, ipv4_compat },
  });
  const read = (...[first, ...others]: object[]): unknown =>
    readOne({ address: first, additional_addresses: others.map((one) => ({ address: one })) }).ipv4Compat;
  assert.equal([read(compat('::')), read(compat('0.0.0.0', false), compat('::'))], [true, true]);
  assert.equal(
    [read(compat('::', false)), read(address(8443, '::')), read(compat('fd00::1'))],
    [undefined, undefined, undefined],
  );
});

test('gives each state of a listener, with the rejection at the one that serves', () => {
  const element = {
    name: '::_8443',
    active_state: held({ name: '::_8443', address: address(8443, '::') }, '2026-11-23T12:00:01Z'),
    warming_state: held({ name: '::_8443', address: address(8443, '::') }, '2026-11-23T12:00:02Z'),
    draining_state: held({ name: '::_8443', address: address(8443, '::') }, '2026-11-23T12:00:03Z'),
    error_state: { details: 'no', last_update_attempt: '2026-11-23T12:00:04Z', version_info: '7' },
  };
  const read = readListeners(dynamic(element));
  assert.equal(
    read.map(({ state, lastUpdated, address: host, port }) => [state, lastUpdated, host, port]),
    [
      ['active', '2026-11-23T12:00:01Z', '::', 8443],
      ['warming', '2026-11-23T12:00:02Z', '::', 8443],
      ['draining', '2026-11-23T12:00:03Z', '::', 8443],
    ],
  );
  assert.equal(
    read.map(({ rejected }) => rejected),
    [{ details: 'no', at: '2026-11-23T12:00:04Z', version: '7' }, undefined, undefined],
  );
});

test('puts the rejection of a listener that is not active at the warming one', () => {
  const [warming] = readListeners(
    dynamic({ name: '0.0.0.0_80', warming_state: held({}), error_state: { details: 'no' } }),
  );
  assert.equal([warming?.state, warming?.rejected?.details], ['warming', 'no']);
});

test('reads a listener that was rejected at once, by its name and address only', () => {
  const failed = any('config.listener.v3.Listener', {
    name: 'custom',
    address: address(8443),
    filter_chains: [{ filters: [tcpProxy({ cluster: 'x' })] }],
  });
  const error = { failed_configuration: failed, details: 'overlapping matching rules' };
  for (const element of [{ error_state: error }, { name: 'custom', error_state: error }]) {
    const [one, ...others] = readListeners(dynamic(element));
    assert.equal(
      [one?.name, one?.state, one?.address, one?.port, one?.filterChains],
      ['custom', 'warming', '0.0.0.0', 8443, []],
    );
    assert.is(one?.rejected?.details, 'overlapping matching rules');
    assert.is(others.length, 0);
  }
});

test('takes the address from the name where an answer was masked to names', () => {
  const [named] = readListeners(asked('ListenersConfigDump.DynamicListener', { name: '0.0.0.0_8443' }));
  assert.equal(named, {
    name: '0.0.0.0_8443',
    state: 'active',
    rejected: undefined,
    address: '0.0.0.0',
    port: 8443,
    additionalAddresses: [],
    lastUpdated: undefined,
    filterChains: [],
    defaultFilterChain: undefined,
    hasMatcherTree: false,
    listenerFilters: [],
  });
  const [dated] = readListeners(
    asked('ListenersConfigDump.DynamicListener', {
      name: '::_80',
      warming_state: { last_updated: '2026-11-23T12:00:00Z' },
    }),
  );
  assert.equal(
    [dated?.state, dated?.address, dated?.port, dated?.lastUpdated],
    ['warming', '::', 80, '2026-11-23T12:00:00Z'],
  );
  const [other] = readListeners(asked('ListenersConfigDump.DynamicListener', { name: 'virtualInbound' }));
  assert.equal([other?.name, other?.address, other?.port], ['virtualInbound', '', 0]);
});

test('reads static listeners; one without a name has its address for a name', () => {
  const read = readListeners(
    section('Listeners', {
      static_listeners: [held({ name: 'stats', address: address(15090) }), held({ address: address(15021, '::1') })],
    }),
  );
  assert.equal(
    read.map(({ name, state, address: host, port }) => [name, state, host, port]),
    [
      ['stats', 'static', '0.0.0.0', 15090],
      ['[::1]:15021', 'static', '::1', 15021],
    ],
  );
});

test('has a path and no port for a listener on a pipe', () => {
  const { address: host, port } = readOne({ address: { pipe: { path: '/run/x' } } });
  assert.equal([host, port], ['/run/x', 0]);
  assert.is(readOne({ address: { socket_address: { address: '0.0.0.0', named_port: 'https' } } }).port, 0);
});

test('names listener filters, the default chain and a matcher tree', () => {
  const one = readOne({
    listener_filters: [
      { name: 'envoy.filters.listener.tls_inspector' },
      {
        name: 'hello',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector',
        },
      },
      {},
    ],
    default_filter_chain: { name: 'rest', filters: [tcpProxy({ cluster: 'x' })] },
    filter_chain_matcher: { matcher_tree: {} },
  });
  assert.equal(
    [one.listenerFilters, one.defaultFilterChain?.name, one.hasMatcherTree],
    [['envoy.filters.listener.tls_inspector', 'hello (TlsInspector)', ''], 'rest', true],
  );
});

test('reads every condition of a filter chain', () => {
  const range = (prefix: string, length?: number): object => ({
    address_prefix: prefix,
    ...(length === undefined ? {} : { prefix_len: length }),
  });
  const { name, match } = readChain({
    name: 'one',
    filter_chain_match: {
      server_names: ['Svc1.Discovery.WMNET', '*.example'],
      transport_protocol: 'tls',
      application_protocols: ['h2'],
      destination_port: 443,
      prefix_ranges: [range('10.0.0.0', 8)],
      source_prefix_ranges: [range('0.0.0.0')],
      direct_source_prefix_ranges: [range('::', 0)],
      source_ports: [1, 2],
      source_type: 'SAME_IP_OR_LOOPBACK',
    },
  });
  assert.is(name, 'one');
  assert.equal(match, {
    serverNames: ['svc1.discovery.wmnet', '*.example'],
    transportProtocol: 'tls',
    applicationProtocols: ['h2'],
    destinationPort: 443,
    destinationPrefixes: ['10.0.0.0/8'],
    sourcePrefixes: ['0.0.0.0/0'],
    directSourcePrefixes: ['::/0'],
    sourcePorts: [1, 2],
    sourceType: 'same-ip-or-loopback',
  });
});

test('reads a filter chain without conditions', () => {
  const { name, match, tls, networkFilters, handler } = readChain({});
  assert.equal(
    [name, tls, networkFilters, handler],
    [undefined, undefined, [], { kind: 'unknown', type: 'no filter' }],
  );
  assert.equal(match, {
    serverNames: [],
    transportProtocol: undefined,
    applicationProtocols: [],
    destinationPort: undefined,
    destinationPrefixes: [],
    sourcePrefixes: [],
    directSourcePrefixes: [],
    sourcePorts: [],
    sourceType: 'any',
  });
  const sourceType = (type: string): string =>
    readChain({ filter_chain_match: { source_type: type } }).match.sourceType;
  assert.equal([sourceType('EXTERNAL'), sourceType('NEWER')], ['external', 'any']);
});

test('reads TLS: certificates, protocols and versions', () => {
  const common = {
    tls_certificate_sds_secret_configs: [{ name: 'kubernetes://rsa' }, { name: 'kubernetes://ec' }],
    alpn_protocols: ['h2', 'http/1.1'],
    tls_params: { tls_minimum_protocol_version: 'TLSv1_2', tls_maximum_protocol_version: 'TLSv1_3' },
  };
  assert.equal(readTls({ common_tls_context: common }), {
    mode: 'SIMPLE',
    certificates: ['kubernetes://rsa', 'kubernetes://ec'],
    clientCa: undefined,
    alpn: ['h2', 'http/1.1'],
    minVersion: 'TLSv1_2',
    maxVersion: 'TLSv1_3',
  });
});

test('tells MUTUAL from OPTIONAL_MUTUAL by whether a client certificate is required', () => {
  const combined = {
    combined_validation_context: {
      default_validation_context: {},
      validation_context_sds_secret_config: { name: 'ca' },
    },
  };
  const modes = [
    { require_client_certificate: true, common_tls_context: combined },
    { require_client_certificate: false, common_tls_context: combined },
    { common_tls_context: { validation_context_sds_secret_config: { name: 'ca' } } },
    { common_tls_context: { validation_context: { trusted_ca: { filename: '/etc/ca.pem' } } } },
    { common_tls_context: { validation_context: { trusted_ca: { inline_string: 'PEM' } } } },
    { common_tls_context: { validation_context: { verify_certificate_hash: ['x'] } } },
    { common_tls_context: { validation_context: {} } },
    { common_tls_context: {} },
    {},
  ].map((context) => [readTls(context)?.mode, readTls(context)?.clientCa]);
  assert.equal(modes, [
    ['MUTUAL', 'ca'],
    ['OPTIONAL_MUTUAL', 'ca'],
    ['OPTIONAL_MUTUAL', 'ca'],
    ['OPTIONAL_MUTUAL', 'inline'],
    ['OPTIONAL_MUTUAL', 'inline'],
    ['OPTIONAL_MUTUAL', undefined],
    ['SIMPLE', undefined],
    ['SIMPLE', undefined],
    ['SIMPLE', undefined],
  ]);
});

test('says inline for a certificate that stands in the listener', () => {
  assert.equal(
    readTls({ common_tls_context: { tls_certificates: [{ certificate_chain: { filename: '/etc/tls.crt' } }] } })
      ?.certificates,
    ['inline'],
  );
});

test('has no TLS where the socket speaks something else', () => {
  assert.is(
    readChain({
      transport_socket: { name: 'raw', typed_config: any('extensions.transport_sockets.raw_buffer.v3.RawBuffer') },
    }).tls,
    undefined,
  );
});

test('reads the settings of the connection manager', () => {
  const { httpFilters, accessLogs, inlineRoutes, ...settings } = readHttp({
    rds: { route_config_name: 'https.443.https.one.ns' },
    normalize_path: true,
    merge_slashes: true,
    path_with_escaped_slashes_action: 'REJECT_REQUEST',
    strip_any_host_port: true,
    strip_trailing_host_dot: true,
    use_remote_address: true,
  });
  assert.equal([httpFilters, accessLogs, inlineRoutes], [[], [], undefined]);
  assert.equal(settings, {
    kind: 'http',
    routeConfiguration: 'https.443.https.one.ns',
    normalizePath: true,
    mergeSlashes: true,
    escapedSlashes: 'REJECT_REQUEST',
    stripHostPort: 'any',
    stripTrailingHostDot: true,
    useRemoteAddress: true,
  });
});

test("has Envoy's defaults for what the connection manager does not say", () => {
  const { httpFilters: _, accessLogs: __, ...settings } = readHttp({ scoped_routes: {} });
  assert.equal(settings, {
    kind: 'http',
    routeConfiguration: undefined,
    inlineRoutes: undefined,
    normalizePath: false,
    mergeSlashes: false,
    escapedSlashes: undefined,
    stripHostPort: undefined,
    stripTrailingHostDot: false,
    useRemoteAddress: false,
  });
  assert.is(readHttp({ strip_matching_host_port: true }).stripHostPort, 'matching');
});

test('reads routes that stand in the listener', () => {
  const routes = [{ match: { prefix: '/stats' }, direct_response: { status: 200 } }];
  const { inlineRoutes } = readHttp({ route_config: { virtual_hosts: [{ name: 'backend', domains: ['*'], routes }] } });
  assert.equal(
    [inlineRoutes?.name, inlineRoutes?.state, inlineRoutes?.rejected, inlineRoutes?.lastUpdated],
    ['', 'static', undefined, undefined],
  );
  assert.equal(
    inlineRoutes?.virtualHosts.map(({ name, domains, routes: read }) => [name, domains, read.length]),
    [['backend', ['*'], 1]],
  );
});

test('tells HTTP filters that are configured, disabled, or come from elsewhere', () => {
  const typedStruct = (value?: object): object => ({
    '@type': 'type.googleapis.com/xds.type.v3.TypedStruct',
    type_url: 'type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm',
    ...(value ? { value } : {}),
  });
  const { httpFilters } = readHttp({
    http_filters: [
      { name: 'fault', typed_config: any('extensions.filters.http.fault.v3.HTTPFault') },
      { name: 'rbac', typed_config: any('extensions.filters.http.rbac.v3.RBAC', { rules: {} }), disabled: true },
      { name: 'plugin', typed_config: typedStruct({ config: {} }) },
      { name: 'empty plugin', typed_config: typedStruct() },
      {
        name: 'remote',
        config_discovery: { type_urls: ['type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua'] },
      },
      {
        name: 'remote with default',
        config_discovery: { default_config: any('extensions.filters.http.rbac.v3.RBAC') },
      },
      { name: 'bare' },
    ],
  });
  assert.equal(
    httpFilters.map(({ name, type, disabled, isConfigured }) => [name, type, disabled, isConfigured]),
    [
      ['fault', 'HTTPFault', false, false],
      ['rbac', 'RBAC', true, true],
      ['plugin', 'Wasm', false, true],
      ['empty plugin', 'Wasm', false, false],
      ['remote', 'Lua', false, true],
      ['remote with default', 'RBAC', false, true],
      ['bare', undefined, false, false],
    ],
  );
});

test('the AuthorizationPolicies of a filter are known by the names of its rules', () => {
  const policiesOf = (rules: object): unknown =>
    readHttp({ http_filters: [{ name: 'rbac', typed_config: any('extensions.filters.http.rbac.v3.RBAC', { rules }) }] })
      .httpFilters[0]?.policies;
  const rules = ['ns[b]-policy[two]-rule[0]', 'ns[a]-policy[one]-rule[0]', 'ns[a]-policy[one]-rule[1]', 'else'];
  const policies = Object.fromEntries(rules.map((name) => [name, {}]));
  assert.equal(JSON.parse(JSON.stringify(policiesOf({ action: 'DENY', policies }))), {
    action: 'DENY',
    names: ['a/one', 'b/two'],
  });
  assert.is((policiesOf({ policies }) as { readonly action: string }).action, 'ALLOW');
  assert.is(policiesOf({ policies: { else: {} } }), undefined);
  assert.is(policiesOf({}), undefined);
});

test('a principal that asks for a text of a token is one of it', () => {
  const isOfToken = (principal: object): unknown => {
    const rules = {
      policies: { 'ns[a]-policy[one]-rule[0]': { permissions: [{ any: true }], principals: [principal] } },
    };
    const filter = { name: 'rbac', typed_config: any('extensions.filters.http.rbac.v3.RBAC', { rules }) };
    const [rule] = readHttp({ http_filters: [filter] }).httpFilters[0]?.policies?.[accessRules] ?? [];
    return rule?.when.kind === 'unknown' && rule.when.isOfToken === true;
  };
  const matcher = {
    filter: 'envoy.filters.http.jwt_authn',
    path: [{ key: 'payload' }, { key: 'iss' }],
    value: { string_match: { exact: 'i' } },
  };
  assert.ok(isOfToken({ metadata: matcher }));
  assert.ok(isOfToken({ sourced_metadata: { metadata_matcher: matcher } }));
  assert.not.ok(isOfToken({ sourced_metadata: { metadata_matcher: matcher, metadata_source: 'ROUTE' } }));
  assert.not.ok(isOfToken({ metadata: { ...matcher, invert: true } }));
  assert.not.ok(isOfToken({ metadata: { ...matcher, value: { null_match: {} } } }));
  assert.not.ok(isOfToken({ metadata: { ...matcher, filter: 'other' } }));
  const old = (key: string): object => ({ metadata: { ...matcher, filter: 'istio_authn', path: [{ key }] } });
  assert.equal([isOfToken(old('request.auth.principal')), isOfToken(old('source.principal'))], [true, false]);
});

/** As istiod 1.31 makes it of hosts, paths and notPaths, methods, IP addresses. */
const istioRule = {
  permissions: [
    {
      and_rules: {
        rules: [
          {
            or_rules: {
              rules: [
                { header: { name: ':authority', string_match: { exact: 'a.example', ignore_case: true } } },
                { header: { name: ':authority', string_match: { suffix: '.b.example', ignore_case: true } } },
              ],
            },
          },
          { not_rule: { or_rules: { rules: [{ url_path: { path: { prefix: '/open/' } } }] } } },
          { or_rules: { rules: [{ destination_port: 8443 }] } },
        ],
      },
    },
  ],
  principals: [
    { and_ids: { ids: [{ or_ids: { ids: [{ remote_ip: { address_prefix: '10.0.0.0', prefix_len: 8 } }] } }] } },
  ],
};
const never = {
  permissions: [{ not_rule: { any: true } }],
  principals: [{ not_id: { any: true } }],
};

test('reads what the rules of AuthorizationPolicies ask for', () => {
  const host = (kind: 'exact' | 'suffix', value: string): object => ({
    kind: 'header',
    match: {
      name: ':authority',
      value: { kind, value, ignoreCase: true },
      invert: false,
      treatMissingAsEmpty: false,
    },
  });
  const rules = {
    action: 'DENY',
    policies: {
      'ns[a]-policy[one]-rule[1]': istioRule,
      'ns[a]-policy[none]-rule[0]': never,
      own: { permissions: [{ any: true }], principals: [{ any: true }] },
    },
  };
  const config = any('extensions.filters.http.rbac.v3.RBAC', { rules });
  const [filter] = readHttp({ http_filters: [{ name: 'rbac', typed_config: config }] }).httpFilters;
  assert.equal(filter?.policies?.[accessRules], [
    {
      policy: { kind: 'AuthorizationPolicy', namespace: 'a', name: 'one' },
      index: 1,
      isWithoutProvider: false,
      when: {
        kind: 'all',
        of: [
          {
            kind: 'all',
            of: [
              { kind: 'any', of: [host('exact', 'a.example'), host('suffix', '.b.example')] },
              { kind: 'not', of: { kind: 'path', match: { kind: 'prefix', value: '/open/', ignoreCase: false } } },
              { kind: 'port', port: 8443 },
            ],
          },
          { kind: 'unknown', says: "the client's address", isOfClient: true },
        ],
      },
    },
    {
      policy: { kind: 'AuthorizationPolicy', namespace: 'a', name: 'none' },
      index: 0,
      isWithoutProvider: false,
      when: {
        kind: 'all',
        of: [
          { kind: 'not', of: { kind: 'always' } },
          { kind: 'not', of: { kind: 'always' } },
        ],
      },
    },
    { policy: undefined, index: 0, isWithoutProvider: false, when: { kind: 'always' } },
  ]);
});

test('an authorization service is asked by the rules that the RBAC filter before it only evaluates', () => {
  const rules = (provider: string): object => ({
    action: 'DENY',
    policies: { [`istio-ext-authz-${provider}-ns[a]-policy[${provider}]-rule[0]`]: istioRule },
  });
  const evaluates = (provider: string): object => ({
    name: 'rbac',
    typed_config: any('extensions.filters.http.rbac.v3.RBAC', { shadow_rules: rules(provider) }),
  });
  const asks = (provider: string): object => ({
    name: 'ext',
    typed_config: any('extensions.filters.http.ext_authz.v3.ExtAuthz', {
      filter_enabled_metadata: { value: { string_match: { prefix: `istio-ext-authz-${provider}-` } } },
    }),
  });
  const filters = readHttp({ http_filters: [evaluates('x'), asks('x'), evaluates('y'), asks('y')] }).httpFilters;
  assert.equal(
    filters.map(({ policies, isConfigured }) => [policies?.action, policies?.names, isConfigured]),
    [
      [undefined, undefined, false],
      ['CUSTOM', ['a/x'], true],
      [undefined, undefined, false],
      ['CUSTOM', ['a/y'], true],
    ],
  );
  const everything = { permissions: [{ any: true }], principals: [{ any: true }] };
  const [bad] = readHttp({
    http_filters: [
      {
        name: 'rbac',
        typed_config: any('extensions.filters.http.rbac.v3.RBAC', {
          rules: { policies: { 'istio-ext-authz-z-ns[a]-policy[z]-rule[0]-deny-due-to-bad-CUSTOM-action': never } },
        }),
      },
    ],
  }).httpFilters;
  assert.equal([bad?.policies?.names, bad?.policies?.[accessRules][0]?.isWithoutProvider], [['a/z'], true]);
  const [old] = readHttp({
    http_filters: [
      {
        name: 'rbac',
        typed_config: any('extensions.filters.http.rbac.v3.RBAC', {
          rules: { action: 'DENY', policies: { 'default-deny-all-due-to-bad-CUSTOM-action': everything } },
        }),
      },
    ],
  }).httpFilters;
  assert.equal(old?.policies?.[accessRules], [
    { policy: undefined, index: 0, isWithoutProvider: true, when: { kind: 'always' } },
  ]);
});

test('keeps access logs as they are, of HTTP and of TCP', () => {
  const log = {
    name: 'envoy.access_loggers.file',
    typed_config: any('extensions.access_loggers.file.v3.FileAccessLog', { path: '/dev/stdout' }),
  };
  assert.equal(readHttp({ access_log: [log] }).accessLogs, [log]);
  const { handler } = readChain({ filters: [tcpProxy({ cluster: 'x', access_log: [log] })] });
  assert.equal(handler, { kind: 'tcp', clusters: [{ cluster: 'x', weight: 1 }], accessLogs: [log] });
});

test('reads the clusters of a TCP proxy by weight', () => {
  const weighted = { clusters: [{ name: 'a', weight: 90 }, { name: 'b', weight: 10 }, { name: 'c' }] };
  const { handler } = readChain({ filters: [tcpProxy({ weighted_clusters: weighted })] });
  assert.equal(handler.kind === 'tcp' && handler.clusters, [
    { cluster: 'a', weight: 90 },
    { cluster: 'b', weight: 10 },
    { cluster: 'c', weight: 0 },
  ]);
  const { handler: none } = readChain({ filters: [tcpProxy({})] });
  assert.equal(none.kind === 'tcp' && none.clusters, []);
});

test('names the network filters before the handler, and a handler it does not know', () => {
  const redis = { name: 'redis', typed_config: any('extensions.filters.network.redis_proxy.v3.RedisProxy') };
  const { networkFilters, handler } = readChain({ filters: [{ name: 'envoy.filters.network.rbac' }, redis] });
  assert.equal(
    [networkFilters, handler],
    [
      ['envoy.filters.network.rbac'],
      { kind: 'unknown', type: 'envoy.extensions.filters.network.redis_proxy.v3.RedisProxy' },
    ],
  );
  assert.equal(readChain({ filters: [{ name: 'masked' }] }).handler, { kind: 'unknown', type: 'masked' });
});

test('reads the spelling of istioctl', () => {
  const dump = dynamic({
    name: '0.0.0.0_8443',
    active_state: held({
      name: '0.0.0.0_8443',
      address: address(8443),
      filter_chains: [
        {
          filter_chain_match: { server_names: ['a'], source_ports: [1] },
          filters: [manager({ rds: { route_config_name: 'r' }, strip_any_host_port: true })],
        },
      ],
    }),
    error_state: { details: 'no', last_update_attempt: '2026-11-23T12:00:04Z' },
  });
  assert.equal(readListeners(camelCased(dump)), readListeners(dump));
});

test('names the path of what cannot be read', () => {
  assert.throws(
    () => readChain({ filter_chain_match: { source_ports: [1, 'x'] } }),
    (error: { code: string; message: string }) =>
      error.code === 'bad-answer' &&
      error.message.endsWith('filter_chains[0].filter_chain_match.source_ports[1] is "x", not a number'),
  );
});

test('a UDP listener is one, also where a mask has left its name alone', () => {
  const udp = { socket_address: { address: '0.0.0.0', port_value: 8443, protocol: 'UDP' } };
  assert.is(readOne({ address: udp }).transport, 'UDP');
  assert.is(readOne({}).transport, undefined);
  const [masked] = readListeners(dynamic({ name: 'udp_0.0.0.0_8443' }));
  assert.equal([masked?.address, masked?.port, masked?.transport], ['0.0.0.0', 8443, 'UDP']);
});

test('what the connection manager does to headers is read where it is not the default', () => {
  const settings = {
    xff_num_trusted_hops: 1,
    skip_xff_append: true,
    append_x_forwarded_port: true,
    scheme_header_transformation: { scheme_to_overwrite: 'https' },
    generate_request_id: false,
    preserve_external_request_id: true,
    common_http_protocol_options: { headers_with_underscores_action: 'DROP_HEADER', idle_timeout: '3600s' },
    forward_client_cert_details: 'SANITIZE_SET',
    add_user_agent: true,
    via: 'edge',
  };
  assert.equal(readHttp(settings).headerRules, {
    trustedHops: 1,
    skipsXffAppend: true,
    appendsXForwardedPort: true,
    scheme: 'https',
    generatesRequestId: false,
    preservesRequestId: true,
    underscores: 'DROP_HEADER',
    clientCertificateHeader: 'SANITIZE_SET',
    setsUserAgent: true,
    via: 'edge',
  });
  const defaults = { xff_num_trusted_hops: 0, generate_request_id: true, via: '', add_user_agent: false };
  assert.is(readHttp(defaults).headerRules, undefined);
});

test('reads for which protocols requests may ask, and filters of their own', () => {
  const read = (...configs: object[]) => readHttp({ upgrade_configs: configs })[upgrades];
  assert.equal(read({ upgrade_type: 'WebSocket' }, { upgrade_type: 'CONNECT', enabled: false }), [
    { type: 'websocket', isAllowed: true },
    { type: 'connect', isAllowed: false },
  ]);
  const [own] = read({ upgrade_type: 'websocket', filters: [{ name: 'a' }] }) ?? [];
  assert.equal(
    own?.filters?.httpFilters.map(({ name }) => name),
    ['a'],
  );
  assert.equal(read(), []);
});

test('network filters whose name does not tell their type have it behind their name', () => {
  const filter = (name: string, type: string): object => ({
    name,
    typed_config: any(`extensions.filters.network.${type}`),
  });
  const { networkFilters } = readChain({
    filters: [
      filter('envoy.filters.network.rbac', 'rbac.v3.RBAC'),
      filter('corp', 'rbac.v3.RBAC'),
      { name: 'istio.stats', typed_config: { '@type': 'type.googleapis.com/stats.PluginConfig' } },
      filter('t', 'tcp_proxy.v3.TcpProxy'),
    ],
  });
  assert.equal(networkFilters, ['envoy.filters.network.rbac', 'corp (rbac)', 'istio.stats']);
});

test('what AuthorizationPolicies make of connections is read, also where no rule is left', () => {
  const policiesOf = (config: object): unknown => {
    const rbac = { name: 'r', typed_config: any('extensions.filters.network.rbac.v3.RBAC', config) };
    const { policies } = readChain({ filters: [rbac, tcpProxy({ cluster: 'a' })] });
    return policies && JSON.parse(JSON.stringify(policies));
  };
  assert.equal(policiesOf({ rules: {} }), [{ action: 'ALLOW', names: [] }]);
  const denies = { action: 'DENY', policies: { 'ns[a]-policy[one]-rule[0]': {} } };
  assert.equal(policiesOf({ rules: denies }), [{ action: 'DENY', names: ['a/one'] }]);
  for (const config of [{ rules: { action: 'DENY' } }, { shadow_rules: {} }, {}])
    assert.is(policiesOf(config), undefined);
});

test('reads whether a PROXY header is asked for', () => {
  const read = (config: object) =>
    readOne({ listener_filters: [{ name: 'a', typed_config: config }] }).takesWithoutProxyHeader;
  assert.is(read({ allow_requests_without_proxy_protocol: true }), true);
  assert.is(read({}), undefined);
});

test('what is not evaluated of a TCP proxy is named', () => {
  const proxy = (fields: object): object => ({
    name: 't',
    typed_config: { ...any('extensions.filters.network.tcp_proxy.v3.TcpProxy'), ...fields },
  });
  const shares = { clusters: [{ name: 'a', weight: 1, metadata_match: { filter_metadata: {} } }] };
  assert.equal(readChain({ filters: [proxy({ cluster: 'a', tunneling_config: { hostname: 'b' } })] }).unevaluated, [
    'tunneling_config',
  ]);
  assert.equal(readChain({ filters: [proxy({ weighted_clusters: shares })] }).unevaluated, ['metadata_match']);
  assert.is(readChain({ filters: [proxy({ cluster: 'a', idle_timeout: '1s' })] }).unevaluated, undefined);
});

test('settings that may change the answer and are not evaluated are named', () => {
  assert.equal(readOne({ use_original_dst: true }).unevaluated, ['use_original_dst']);
  const manager_ = manager({ early_header_mutation_extensions: [{}], http_protocol_options: {} });
  assert.equal(readChain({ filters: [manager_] }).unevaluated, ['early_header_mutation_extensions']);
  assert.is(readChain({ filters: [manager({})] }).unevaluated, undefined);
});

test.run();
