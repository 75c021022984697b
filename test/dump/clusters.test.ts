import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readClusters } from '#dump/clusters.ts';
import type { Cluster, UpstreamTls } from '#model/cluster.ts';
import { any, asked, camelCased, section } from '../support/dump.ts';

const name = 'outbound|4001||svc1-tls-service.svc1.svc.cluster.local';
const element = (cluster: object): object => ({
  version_info: '1',
  cluster: any('config.cluster.v3.Cluster', { name, ...cluster }),
  last_updated: '2026-11-23T12:00:00Z',
});
const active = (cluster: object): object => section('Clusters', { dynamic_active_clusters: [element(cluster)] });
const readOne = (cluster: object): Cluster => readClusters(active(cluster))[0] as Cluster;

const rawBuffer = {
  name: 'envoy.transport_sockets.raw_buffer',
  typed_config: any('extensions.transport_sockets.raw_buffer.v3.RawBuffer'),
};
const tlsSocket = (context: object): object => ({
  name: 'tls',
  typed_config: any('extensions.transport_sockets.tls.v3.UpstreamTlsContext', context),
});
const tls = (common: object, over: object = {}): object => tlsSocket({ common_tls_context: common, ...over });
type Tls = Extract<UpstreamTls, { isVerified: boolean }>;
const readTls = (common: object, over: object = {}): Tls => readOne({ transport_socket: tls(common, over) }).tls as Tls;
const protocolOptions = (options: object): object => ({
  typed_extension_protocol_options: {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any('extensions.upstreams.http.v3.HttpProtocolOptions', {
      upstream_http_protocol_options: options,
    }),
  },
});

test('reads a cluster of istiod', () => {
  const cluster = readOne({
    type: 'EDS',
    eds_cluster_config: { eds_config: { ads: {} }, service_name: 'svc1' },
    connect_timeout: '10s',
    lb_policy: 'LEAST_REQUEST',
    metadata: {
      filter_metadata: { istio: { config: '/apis/networking.istio.io/v1/namespaces/svc1/destination-rule/svc1-main' } },
    },
    common_lb_config: { healthy_panic_threshold: {} },
  });
  assert.equal(cluster, {
    name,
    state: 'active',
    lastUpdated: '2026-11-23T12:00:00Z',
    rejected: undefined,
    type: 'EDS',
    edsServiceName: 'svc1',
    lbPolicy: 'LEAST_REQUEST',
    connectTimeoutMs: 10_000,
    destinationRule: { kind: 'DestinationRule', namespace: 'svc1', name: 'svc1-main' },
    tls: { mode: 'none' },
    circuitBreakers: [],
    outlierDetection: undefined,
    panicThreshold: 0,
    inlineEndpoints: [],
  });
});

test("has Envoy's defaults for a cluster that says nothing", () => {
  const { type, edsServiceName, lbPolicy, connectTimeoutMs, destinationRule, panicThreshold } = readOne({});
  assert.equal(
    [type, edsServiceName, lbPolicy, connectTimeoutMs, destinationRule, panicThreshold],
    ['STATIC', name, 'ROUND_ROBIN', undefined, undefined, 50],
  );
});

test('tells static, active and warming clusters, and the rejected', () => {
  const rejected = { ...element({}), error_state: { details: 'no', version_info: '2' } };
  const dump = section('Clusters', {
    static_clusters: [element({})],
    dynamic_active_clusters: [rejected],
    dynamic_warming_clusters: [element({})],
  });
  assert.equal(
    readClusters(dump).map(({ state, rejected: r }) => [state, r?.details]),
    [
      ['static', undefined],
      ['active', 'no'],
      ['warming', undefined],
    ],
  );
});

test('takes the state of what resource= answers from who asked', () => {
  const answer = asked('ClustersConfigDump.DynamicCluster', element({}));
  assert.equal([readClusters(answer)[0]?.state, readClusters(answer, 'warming')[0]?.state], ['active', 'warming']);
  assert.is(readClusters(asked('ClustersConfigDump.StaticCluster', element({})), 'warming')[0]?.state, 'static');
});

test('reads an element without its cluster', () => {
  assert.equal(
    readClusters(asked('ClustersConfigDump.DynamicCluster', { error_state: { details: 'no' } })).map((c) => [
      c.name,
      c.rejected?.details,
    ]),
    [['', 'no']],
  );
});

test('keeps types and balancers it does not know by name', () => {
  assert.is(readOne({ type: 'ORIGINAL_DST' }).type, 'ORIGINAL_DST');
  assert.is(readOne({ type: 9 }).type, '9');
  assert.is(readOne({ cluster_type: { name: 'envoy.clusters.redis' } }).type, 'envoy.clusters.redis');
  const extension = {
    name: 'lb',
    typed_config: any('extensions.load_balancing_policies.least_request.v3.LeastRequest'),
  };
  const policies = [{ typed_extension_config: extension }, { typed_extension_config: { name: 'other' } }];
  assert.is(
    readOne({ lb_policy: 'MAGLEV', load_balancing_policy: { policies } }).lbPolicy,
    'envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest',
  );
  assert.is(readOne({ lb_policy: 'MAGLEV', load_balancing_policy: {} }).lbPolicy, 'MAGLEV');
});

test('reads circuit breakers of every priority', () => {
  const thresholds = [
    { max_connections: 1000, max_pending_requests: 4_294_967_295, max_requests: 3, max_retries: 4 },
    { priority: 'HIGH', max_retries: '5' },
  ];
  assert.equal(readOne({ circuit_breakers: { thresholds } }).circuitBreakers, [
    { priority: 'DEFAULT', maxConnections: 1000, maxPendingRequests: 4_294_967_295, maxRequests: 3, maxRetries: 4 },
    {
      priority: 'HIGH',
      maxConnections: undefined,
      maxPendingRequests: undefined,
      maxRequests: undefined,
      maxRetries: 5,
    },
  ]);
});

test('reads outlier detection field by field', () => {
  const detection = { consecutive_5xx: 5, interval: '10s', always_eject_one_host: true, base_ejection_time: null };
  assert.equal(readOne({ outlier_detection: detection }).outlierDetection, {
    consecutive_5xx: 5,
    interval: '10s',
    always_eject_one_host: 'true',
  });
  assert.equal(readOne({ outlier_detection: { baseEjectionTime: '30s' } }).outlierDetection, {
    base_ejection_time: '30s',
  });
});

test('reads the panic threshold', () => {
  assert.is(readOne({ common_lb_config: { healthy_panic_threshold: { value: 30 } } }).panicThreshold, 30);
  assert.is(readOne({ common_lb_config: {} }).panicThreshold, 50);
});

test('reads the header with the address of the endpoint', () => {
  const byHeader = (config: object): unknown => readOne({ original_dst_lb_config: config }).addressHeader;
  assert.is(byHeader({ use_http_header: true }), 'x-envoy-original-dst-host');
  assert.is(byHeader({ use_http_header: true, http_header_name: 'X-To' }), 'x-to');
  assert.is(byHeader({}), undefined);
});

test('reads what becomes of requests in panic', () => {
  const zones = { zone_aware_lb_config: { fail_traffic_on_panic: true } };
  const policy = (fields: object): object => ({
    policies: [
      {
        typed_extension_config: {
          typed_config: { ...any('extensions.load_balancing_policies.round_robin.v3.RoundRobin'), ...fields },
        },
      },
    ],
  });
  assert.is(readOne({ common_lb_config: zones }).failsInPanic, true);
  assert.is(readOne({ load_balancing_policy: policy({ locality_lb_config: zones }) }).failsInPanic, true);
  assert.is(readOne({ load_balancing_policy: policy({}) }).failsInPanic, undefined);
});

test('names what is not evaluated', () => {
  const policies = (type: string): object => ({
    policies: [{ typed_extension_config: { typed_config: any(`extensions.load_balancing_policies.${type}`) } }],
  });
  const options = (filter: string): object => ({
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
      http_filters: [{ typed_config: any(`extensions.filters.http.${filter}`) }],
    },
  });
  const of = (fields: object): readonly string[] | undefined => readOne(fields).unevaluated;
  assert.equal(of({ lb_subset_config: {}, original_dst_lb_config: { metadata_key: { key: 'k' } } }), [
    'lb_subset_config',
    'metadata_key',
  ]);
  assert.equal(of({ load_assignment: { policy: { drop_overloads: [{ category: 'x' }] } } }), ['drop_overloads']);
  assert.equal(of({ load_balancing_policy: policies('subset.v3.Subset') }), ['load_balancing_policy']);
  assert.is(of({ load_balancing_policy: policies('least_request.v3.LeastRequest') }), undefined);
  assert.equal(of({ typed_extension_protocol_options: options('header_mutation.v3.HeaderMutation') }), [
    'http_filters',
  ]);
  assert.is(of({ typed_extension_protocol_options: options('upstream_codec.v3.UpstreamCodec') }), undefined);
});

test('lists the endpoints that stand in the cluster', () => {
  const at = (address: object): object => ({ endpoint: { address } });
  const hosts = [
    at({ socket_address: { address: '127.0.0.1', port_value: 15020 } }),
    at({ socket_address: { address: '::1', port_value: 80 } }),
    at({ socket_address: { address: 'svc.example', port_value: 443 } }),
    { endpoint_name: 'elsewhere' },
  ];
  const more = [
    at({ pipe: { path: './etc/istio/proxy/XDS' } }),
    at({ envoy_internal_address: { server_listener_name: 'inner', endpoint_id: '10.0.0.1:80' } }),
    at({}),
  ];
  const { inlineEndpoints } = readOne({
    load_assignment: { endpoints: [{ lb_endpoints: hosts }, {}, { lb_endpoints: more }] },
  });
  assert.equal(inlineEndpoints, [
    '127.0.0.1:15020',
    '[::1]:80',
    'svc.example:443',
    './etc/istio/proxy/XDS',
    'envoy://inner/10.0.0.1:80',
    '',
  ]);
});

test('has no TLS for plain sockets, also masked ones', () => {
  assert.equal(readOne({ transport_socket: rawBuffer }).tls, { mode: 'none' });
  assert.equal(readOne({ transport_socket: { name: 'envoy.transport_sockets.raw_buffer' } }).tls, { mode: 'none' });
});

test('reads TLS that is verified by a CA from SDS', () => {
  const validation = {
    default_validation_context: { match_subject_alt_names: [{ exact: 'spiffe://a' }] },
    validation_context_sds_secret_config: { name: 'file-root:/etc/ca.crt' },
  };
  assert.equal(readTls({ combined_validation_context: validation }, { sni: 'svc1.example' }), {
    mode: 'SIMPLE',
    sni: 'svc1.example',
    autoSni: false,
    subjectAltNames: ['spiffe://a'],
    ca: 'file-root:/etc/ca.crt',
    isVerified: true,
  });
});

test('tells TLS that verifies nothing', () => {
  for (const common of [
    {},
    { validation_context: {} },
    { combined_validation_context: { default_validation_context: {} } },
  ]) {
    assert.equal([readTls(common).ca, readTls(common).isVerified], [undefined, false]);
  }
  assert.is(
    (readOne({ transport_socket: tlsSocket({ sni: 'a' }) }).tls as Tls).isVerified,
    false,
    'a context with nothing in common',
  );
});

test('tells what else verifies, and what does not although there is a CA', () => {
  const readContext = (context: object): unknown[] => {
    const { ca, isVerified } = readTls({ validation_context: context });
    return [ca, isVerified];
  };
  assert.equal(readContext({ trusted_ca: { filename: '/etc/ca.pem' } }), ['inline', true]);
  assert.equal(readContext({ trusted_ca: { inline_bytes: 'UEVN' } }), ['inline', true]);
  assert.equal(readContext({ system_root_certs: {} }), ['inline', true]);
  assert.equal(readContext({ verify_certificate_spki: ['x'] }), [undefined, true]);
  assert.equal(readContext({ verify_certificate_hash: ['x'] }), [undefined, true]);
  assert.equal(readContext({ custom_validator_config: { name: 'spiffe' } }), [undefined, true]);
  assert.equal(readContext({ trusted_ca: { filename: '/etc/ca.pem' }, trust_chain_verification: 'ACCEPT_UNTRUSTED' }), [
    'inline',
    false,
  ]);
  assert.is(readTls({ validation_context_sds_secret_config: { name: 'ROOTCA' } }).ca, 'ROOTCA');
});

test('reads names of both spellings', () => {
  const typed = [
    { san_type: 'DNS', matcher: { exact: 'a.example' } },
    { san_type: 'URI', matcher: { prefix: 'spiffe://' } },
    { san_type: 'DNS' },
  ];
  const { subjectAltNames } = readTls({
    validation_context: { match_typed_subject_alt_names: typed, match_subject_alt_names: [{ suffix: '.example' }] },
  });
  assert.equal(subjectAltNames, ['a.example', 'prefix spiffe://', 'suffix .example']);
});

test('tells the modes by the certificate that the gateway presents', () => {
  const presenting = (...names: string[]): object => ({
    tls_certificate_sds_secret_configs: names.map((one) => ({ name: one })),
  });
  assert.is(readTls(presenting('default')).mode, 'ISTIO_MUTUAL');
  assert.is(readTls(presenting('kubernetes://client')).mode, 'MUTUAL');
  assert.is(readTls({ tls_certificates: [{}] }).mode, 'MUTUAL');
  assert.is(readTls(presenting()).mode, 'SIMPLE');
});

test('finds auto_sni in the protocol options, and in the cluster of old versions', () => {
  const autoSni = (cluster: object): boolean => (readOne({ transport_socket: tls({}), ...cluster }).tls as Tls).autoSni;
  assert.is(autoSni(protocolOptions({ auto_sni: true })), true);
  assert.is(autoSni({ upstream_http_protocol_options: { auto_sni: true } }), true);
  assert.is(autoSni(protocolOptions({ auto_san_validation: true })), false);
  assert.is(autoSni({ typed_extension_protocol_options: {} }), false);
});

test('reads a choice by endpoint, with the rest where no entry takes every endpoint', () => {
  const plain = { name: 'tlsMode-disabled', match: {}, transport_socket: rawBuffer };
  const istio = {
    name: 'tlsMode-istio',
    match: { tlsMode: 'istio' },
    transport_socket: tls({ tls_certificate_sds_secret_configs: [{ name: 'default' }] }),
  };
  const choices = (matches: object[], own?: object): unknown => {
    const { tls: read } = readOne({ transport_socket_matches: matches, ...(own ? { transport_socket: own } : {}) });
    return read.mode === 'per-endpoint' && read.choices.map((choice) => [choice.name, choice.tls.mode]);
  };
  assert.equal(choices([istio, plain], tls({})), [
    ['tlsMode-istio', 'ISTIO_MUTUAL'],
    ['tlsMode-disabled', 'none'],
  ]);
  assert.equal(choices([istio], tls({})), [
    ['tlsMode-istio', 'ISTIO_MUTUAL'],
    ['others', 'SIMPLE'],
  ]);
  assert.equal(choices([istio]), [
    ['tlsMode-istio', 'ISTIO_MUTUAL'],
    ['others', 'none'],
  ]);
  assert.equal(choices([{ name: 'any', transport_socket: rawBuffer }], tls({})), [['any', 'none']]);
});

test('looks inside sockets that add something to another', () => {
  const wrapped = {
    name: 'proxy',
    typed_config: any('extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport', {
      transport_socket: tls({}, { sni: 'a' }),
    }),
  };
  const quic = {
    name: 'quic',
    typed_config: any('extensions.transport_sockets.quic.v3.QuicUpstreamTransport', {
      upstream_tls_context: { sni: 'b' },
    }),
  };
  assert.equal(
    [wrapped, quic].map((socket) => (readOne({ transport_socket: socket }).tls as Tls).sni),
    ['a', 'b'],
  );
});

test('keeps a socket it does not know by its type', () => {
  const alts = { name: 'alts', typed_config: any('extensions.transport_sockets.alts.v3.Alts') };
  assert.equal(readOne({ transport_socket: alts }).tls, {
    mode: 'unknown',
    type: 'envoy.extensions.transport_sockets.alts.v3.Alts',
  });
  assert.equal(readOne({ transport_socket: { name: 'masked' } }).tls, { mode: 'unknown', type: 'masked' });
});

test('reads the spelling of istioctl', () => {
  const dump = active({
    type: 'EDS',
    transport_socket: tls({
      combined_validation_context: {
        default_validation_context: {},
        validation_context_sds_secret_config: { name: 'ca' },
      },
    }),
    outlier_detection: { consecutive_gateway_failure: 5 },
    ...protocolOptions({ auto_sni: true }),
  });
  assert.equal(readClusters(camelCased(dump)), readClusters(dump));
});

test.run();
