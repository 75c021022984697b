// Every field that Envoy's protos give to these messages has an entry, and one only: `npm run gen:protos` brings new ones.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rootObject } from '#core/json.ts';
import { type Coverage, coverage, type MessageName, unevaluatedIn, withUnevaluated } from '#dump/proto-coverage.ts';
import { loadMessages, type Message } from '#dump/proto-fields.ts';

/** Where the messages stand whose package is not that of routes, listeners or the connection manager. */
const packages: Readonly<Record<string, string>> = {
  CorsPolicy: 'envoy.extensions.filters.http.cors.v3.CorsPolicy',
  HTTPFault: 'envoy.extensions.filters.http.fault.v3.HTTPFault',
  FaultAbort: 'envoy.extensions.filters.http.fault.v3.FaultAbort',
  HeaderAbort: 'envoy.extensions.filters.http.fault.v3.FaultAbort.HeaderAbort',
  FaultDelay: 'envoy.extensions.filters.common.fault.v3.FaultDelay',
  HeaderDelay: 'envoy.extensions.filters.common.fault.v3.FaultDelay.HeaderDelay',
  ClusterWeight: 'envoy.config.route.v3.WeightedCluster.ClusterWeight',
  ConnectMatcher: 'envoy.config.route.v3.RouteMatch.ConnectMatcher',
  GrpcRouteMatchOptions: 'envoy.config.route.v3.RouteMatch.GrpcRouteMatchOptions',
  RequestMirrorPolicy: 'envoy.config.route.v3.RouteAction.RequestMirrorPolicy',
  Cluster: 'envoy.config.cluster.v3.Cluster',
  OriginalDstLbConfig: 'envoy.config.cluster.v3.Cluster.OriginalDstLbConfig',
  CommonLbConfig: 'envoy.config.cluster.v3.Cluster.CommonLbConfig',
  ZoneAwareLbConfig: 'envoy.config.cluster.v3.Cluster.CommonLbConfig.ZoneAwareLbConfig',
  Policy: 'envoy.config.endpoint.v3.ClusterLoadAssignment.Policy',
  RouteUpgradeConfig: 'envoy.config.route.v3.RouteAction.UpgradeConfig',
  UpgradeConfig: 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.UpgradeConfig',
  TcpProxy: 'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
  TcpWeightedCluster: 'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster',
  TcpClusterWeight: 'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight',
  HashPolicy: 'envoy.config.route.v3.RouteAction.HashPolicy',
};

const messageOf = await loadMessages();
const names = Object.keys(coverage) as MessageName[];
const usual = [
  'envoy.config.route.v3',
  'envoy.config.listener.v3',
  'envoy.extensions.filters.network.http_connection_manager.v3',
  'envoy.config.core.v3',
  'envoy.type.v3',
  'envoy.type.matcher.v3',
];

function messageFor(name: MessageName): Message {
  const found = [packages[name], ...usual.map((of) => `${of}.${name}`)].flatMap((one) => (one && messageOf(one)) || []);
  const [message] = found;
  if (message === undefined) throw new Error(`no message ${name}`);
  return message;
}

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

for (const name of names) {
  test(`each field of ${name} is on one list`, () => {
    const { evaluated, caveat, noEffect }: Coverage = coverage[name];
    const listed = [evaluated, caveat, ...Object.values(noEffect)].flatMap(words);
    const own = messageFor(name).fields.map((one) => one.name);
    assert.equal(listed.toSorted(), own.toSorted());
  });
}

/** Read by other files, each with tests of its own; of the old CORS policy the fields are those of the filter's. */
const others = new Set([
  'envoy.config.accesslog.v3.AccessLog',
  'envoy.config.core.v3.Address',
  'envoy.config.core.v3.CidrRange',
  'envoy.config.core.v3.ExtensionConfigSource',
  'envoy.config.cluster.v3.CircuitBreakers',
  'envoy.config.cluster.v3.Cluster.CustomClusterType',
  'envoy.config.cluster.v3.Cluster.EdsClusterConfig',
  'envoy.config.cluster.v3.Cluster.TransportSocketMatch',
  'envoy.config.cluster.v3.LoadBalancingPolicy',
  'envoy.config.cluster.v3.OutlierDetection',
  'envoy.config.core.v3.TransportSocket',
  'envoy.config.core.v3.UpstreamHttpProtocolOptions',
  'envoy.config.endpoint.v3.ClusterLoadAssignment',
  'envoy.config.listener.v3.AdditionalAddress',
  'envoy.config.listener.v3.Filter',
  'envoy.config.listener.v3.ListenerFilter',
  'envoy.config.listener.v3.UdpListenerConfig',
  'envoy.config.route.v3.CorsPolicy',
  'xds.core.v3.TypedExtensionConfig',
  'xds.type.matcher.v3.Matcher',
]);

test('of the messages in what is evaluated, each has its own lists', () => {
  const known = new Set([...names.map((name) => messageFor(name).name), ...others]);
  const unknown = names.flatMap((name) =>
    messageFor(name)
      .fields.filter((one) => one.kind === 'message' && words(coverage[name].evaluated).includes(one.name))
      .filter(({ type }) => !known.has(type) && !type.startsWith('google.protobuf.'))
      .map((one) => `${name}.${one.name}: ${one.type}`),
  );
  assert.equal(unknown, []);
});

test('what is not evaluated is named, and so is a field that nobody knows; a default that is written out is not', () => {
  const of = (message: MessageName, object: object) => unevaluatedIn(message, rootObject(object, 'the test'));
  assert.equal(of('RouteAction', { cluster: 'a', metadata_match: {}, brandNew: 1, priority: 'HIGH' }), [
    'metadata_match',
    'brand_new',
  ]);
  assert.equal(of('Listener', { use_original_dst: false, bind_to_port: true, fcds_config: [] }), []);
  assert.equal(of('Listener', { use_original_dst: true, bind_to_port: false }), ['use_original_dst', 'bind_to_port']);
  const manager = (fields: object): readonly string[] => of('HttpConnectionManager', fields);
  assert.equal(manager({ codec_type: 'HTTP2', proxyStatusConfig: { setRecommendedResponseCode: true } }), [
    'codec_type',
    'proxy_status_config',
  ]);
  assert.equal(manager({ codec_type: 'AUTO', proxy_status_config: { remove_details: true } }), []);
  assert.equal(of('FilterChain', { use_proxy_proto: true }), ['use_proxy_proto']);
  assert.equal(unevaluatedIn('Route', undefined), []);
  assert.equal(withUnevaluated(['b'], ['a', 'b']), { unevaluated: ['a', 'b'] });
  assert.equal(withUnevaluated([], []), {});
});

test.run();
