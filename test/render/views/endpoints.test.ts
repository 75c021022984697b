import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Style } from '#command/command.ts';
import type { Endpoint } from '#model/cluster.ts';
import type { Backend, EndpointItem } from '#model/endpoint-row.ts';
import { endpointsView } from '#render/views/endpoints.ts';
import { answerOf, onTerminal, piped, wide } from '../../support/builders/answer.ts';
import { endpoint } from '../../support/builders/cluster.ts';
import { failure, ok, pod, three } from '../../support/builders/fleet.ts';
import { goldenDocument, keepsToSchema } from '../../support/document.ts';
import { golden } from '../../support/golden.ts';
import { testWidths } from '../../support/widths.ts';

const names = three.map(({ name }) => name);
const svc1 = 'outbound|4001||svc1-tls-service.svc1.svc.cluster.local';

const backend = (changes: Partial<Backend> = {}): Backend => ({
  isListed: true,
  pod: 'svc1/svc1-6d4',
  node: 'node0',
  zone: undefined,
  isReady: true,
  ...changes,
});

const item = (changes: Partial<Endpoint>, more: Partial<EndpointItem> = {}): EndpointItem => {
  const one = endpoint(changes);
  return {
    value: { cluster: one.cluster, missing: undefined, endpoint: one },
    pods: names,
    routedBy: names,
    stats: { rq_total: 12, rq_error: 3, cx_connect_fail: 1 },
    successRate: undefined,
    backend: backend(),
    ...more,
  };
};

const without = (
  cluster: string,
  missing: 'endpoints' | 'cluster',
  isRouted = true,
  pods: readonly string[] = names,
): EndpointItem => ({
  value: { cluster, missing, endpoint: undefined },
  pods,
  routedBy: isRouted ? names : [],
  stats: {},
  successRate: undefined,
  backend: undefined,
});

const healthy = [
  item({}),
  item({ address: '10.64.0.5:4000' }, { backend: backend({ pod: undefined, node: 'node1' }) }),
  item({ address: '[fd00::6]:4000' }, { backend: undefined }),
];

const troubled = [
  item(
    { health: 'UNHEALTHY', reasons: ['failed_outlier_check'], weight: 3, locality: 'eqiad/row-a' },
    { pods: names.slice(0, 1), successRate: 61.27 },
  ),
  item({ priority: 1, locality: 'codfw' }, { pods: names.slice(1) }),
  item(
    { address: '10.64.0.5:4000', health: 'DRAINING', reasons: ['eds: DRAINING'] },
    { backend: backend({ isReady: false }) },
  ),
  item(
    { address: '10.64.0.6:4000' },
    { backend: backend({ isListed: false, pod: undefined, node: undefined, isReady: undefined }) },
  ),
  without('outbound|4003||svc3-tls-service.svc3.svc.cluster.local', 'endpoints', true, names.slice(0, 2)),
  without('outbound|80||nothing.svc3.svc.cluster.local', 'cluster'),
  without('PassthroughCluster', 'endpoints'),
];

function render(items: readonly EndpointItem[], style: Style = piped): string {
  return onTerminal(endpointsView.table(items, answerOf(endpointsView, items, three.map(ok)), style));
}

test('prints address, health, and the pod and node behind it', () => {
  golden('render/endpoints/healthy/out.txt', render(healthy));
});

test('adds balancing, outlier state and counters where wide is asked for', () => {
  golden('render/endpoints/troubled/wide.txt', render(troubled, wide));
});

test('says what is not healthy and why, what is gone, and which clusters have none', () => {
  golden('render/endpoints/troubled/out.txt', render(troubled));
});

test('colours what is wrong', () => {
  golden('render/endpoints/troubled/color.txt', render(troubled, { ...piped, color: true }));
});

testWidths('render/endpoints/healthy', (style) => render(healthy, style));
testWidths('render/endpoints/troubled', (style) => render(troubled, style));

test('balancing is shown only where it tells something', () => {
  const titles = (items: readonly EndpointItem[]): string => render(items).split('\n')[0] as string;
  assert.not.match(titles(healthy), /BALANCING/);
  for (const told of [{ weight: 2 }, { priority: 1 }, { locality: 'eqiad' }])
    assert.match(titles([item(told)]), /BALANCING/);
});

test('what the ingress does not route to is said to be so, and is no trouble', () => {
  const mesh = [
    ...healthy.slice(0, 1),
    item({}, { routedBy: [] }),
    item({ address: '10.64.0.9:4000' }, { routedBy: names.slice(0, 1) }),
    without('outbound|80||lonely.svc1.svc.cluster.local', 'endpoints', false),
  ];
  golden('render/endpoints/whole-mesh/out.txt', render(mesh));
});

test('prints names that lead back to an endpoint', () => {
  assert.equal([...healthy.slice(0, 1), ...troubled.slice(-1)].map(endpointsView.name), [
    `endpoint/${svc1}/10.64.0.4:4000`,
    'endpoint/PassthroughCluster/none',
  ]);
});

test('prints nothing where there is nothing', () => {
  assert.is(render([]), '');
});

test('the document keeps to its schema, as JSON and as YAML', async () => {
  const outcomes = [...three.slice(1).map(ok), failure(pod('x'))];
  keepsToSchema(answerOf(endpointsView, [...healthy, ...troubled], outcomes));
  await goldenDocument(
    'render/endpoints/document',
    answerOf(endpointsView, [...healthy.slice(0, 1), ...troubled.slice(0, 5)], outcomes),
  );
});

test.run();
