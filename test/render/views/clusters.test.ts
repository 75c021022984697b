import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Style } from '#command/command.ts';
import type { Cluster } from '#model/cluster.ts';
import { type ClusterRow, rowsOfClusters } from '#model/cluster-row.ts';
import type { OnPods } from '#model/merge-pods.ts';
import { clustersView } from '#render/views/clusters.ts';
import { answerOf, onTerminal, piped, wide } from '../../support/builders/answer.ts';
import { cluster, upstreamTls } from '../../support/builders/cluster.ts';
import { failure, ok, on, pod, three } from '../../support/builders/fleet.ts';
import { goldenDocument, keepsToSchema } from '../../support/document.ts';
import { golden } from '../../support/golden.ts';
import { testWidths } from '../../support/widths.ts';

const limits = {
  maxConnections: 4_294_967_295,
  maxPendingRequests: 4_294_967_295,
  maxRequests: 4_294_967_295,
  maxRetries: 4_294_967_295,
};

const all: readonly Cluster[] = [
  cluster(),
  cluster({
    name: 'outbound|4002|v1|svc2-tls-service.svc2.svc.cluster.local',
    destinationRule: { kind: 'DestinationRule', namespace: 'svc2', name: 'svc2-main' },
    tls: upstreamTls({ mode: 'MUTUAL', sni: 'svc2.example', subjectAltNames: ['exact svc2.example'] }),
    circuitBreakers: [
      { priority: 'DEFAULT', ...limits },
      { priority: 'HIGH', ...limits, maxRequests: 10 },
    ],
    outlierDetection: { consecutive_5xx: 5, base_ejection_time: '30s' },
    panicThreshold: 50,
  }),
  cluster({
    name: 'outbound|4003||svc3-tls-service.svc3.svc.cluster.local',
    tls: upstreamTls({ ca: undefined, isVerified: false }),
  }),
  cluster({
    name: 'outbound|4004||svc4-tls-service.svc4.svc.cluster.local',
    destinationRule: undefined,
    tls: {
      mode: 'per-endpoint',
      choices: [
        { name: 'tlsMode-istio', tls: upstreamTls({ mode: 'ISTIO_MUTUAL' }) },
        { name: 'tlsMode-disabled', tls: { mode: 'none' } },
      ],
    },
  }),
  cluster({
    name: 'outbound|5432||db.example.org',
    type: 'STRICT_DNS',
    destinationRule: undefined,
    tls: { mode: 'none' },
    circuitBreakers: [],
    inlineEndpoints: ['db.example.org:5432'],
  }),
];

const everywhere = (rows: readonly ClusterRow[]): readonly OnPods<ClusterRow>[] => rows.map((row) => on(row, three));
const routed = (...clusters: readonly Cluster[]): readonly ClusterRow[] =>
  rowsOfClusters(clusters, new Set(clusters.map(({ name }) => name)));

const healthy = everywhere(routed(...all));
const why =
  'cluster: no healthy panic threshold in common_lb_config of outbound|4001||svc1-tls-service.svc1.svc.cluster.local';
const troubled = everywhere([
  ...routed(cluster({ rejected: { details: why, at: '2026-11-23T13:58:00Z', version: undefined } })),
  ...routed(cluster({ name: 'outbound|4002||svc2-tls-service.svc2.svc.cluster.local', state: 'warming' })),
  ...rowsOfClusters(
    [cluster({ name: 'outbound|4005||svc5-tls-service.svc5.svc.cluster.local' })],
    new Set(['outbound|80||nothing.svc3.svc.cluster.local']),
  ),
]).map((item) => (item.value.state === 'missing' ? on(item.value, three.slice(0, 1)) : item));

function render(items: readonly OnPods<ClusterRow>[], style: Style = piped): string {
  return onTerminal(clustersView.table(items, answerOf(clustersView, items, three.map(ok)), style));
}

test('prints each service with its DestinationRule, and whether TLS to it is verified', () => {
  golden('render/clusters/healthy/out.txt', render(healthy));
});

test('adds SNI, names, CA, limits and outlier detection where wide is asked for', () => {
  golden('render/clusters/healthy/wide.txt', render(healthy, wide));
});

test('says what is missing, rejected, warming or not routed to', () => {
  golden('render/clusters/troubled/out.txt', render(troubled));
});

test('colours what is wrong, and TLS that is not verified', () => {
  const unverified = everywhere(routed(cluster({ tls: upstreamTls({ isVerified: false }) })));
  golden('render/clusters/troubled/color.txt', render([...troubled, ...unverified], { ...piped, color: true }));
});

testWidths('render/clusters/healthy', (style) => render(healthy, style));
testWidths('render/clusters/troubled', (style) => render(troubled, style));

test('prints names that lead back to a cluster', () => {
  assert.equal(troubled.map(clustersView.name), [
    'cluster/outbound|4001||svc1-tls-service.svc1.svc.cluster.local',
    'cluster/outbound|4001||svc1-tls-service.svc1.svc.cluster.local/rejected',
    'cluster/outbound|4002||svc2-tls-service.svc2.svc.cluster.local',
    'cluster/outbound|4005||svc5-tls-service.svc5.svc.cluster.local',
    'cluster/outbound|80||nothing.svc3.svc.cluster.local',
  ]);
});

test('a cluster of another name is printed by it', () => {
  assert.match(
    render(everywhere(routed(cluster({ name: 'PassthroughCluster', type: 'ORIGINAL_DST' })))),
    /^PassthroughCluster +— +ORIGINAL_DST /m,
  );
});

test('prints nothing where there is nothing', () => {
  assert.is(render([]), '');
});

test('the document keeps to its schema, as JSON and as YAML', async () => {
  const outcomes = [...three.slice(1).map(ok), failure(pod('x'))];
  const odd = everywhere(
    routed(
      cluster({
        name: 'agent',
        tls: { mode: 'unknown', type: 'alts' },
        lbPolicy: undefined,
        connectTimeoutMs: undefined,
      }),
    ),
  );
  keepsToSchema(answerOf(clustersView, [...healthy, ...troubled, ...odd], outcomes));
  await goldenDocument(
    'render/clusters/document',
    answerOf(clustersView, [...healthy.slice(1, 2), ...troubled], outcomes),
  );
});

test.run();
