import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '#analysis/request/explain.ts';
import type { Style } from '#command/command.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import type { Explanation, ExplanationItem, Sent } from '#model/explanation.ts';
import type { OnPods } from '#model/merge-pods.ts';
import { explainView } from '#render/views/explain.ts';
import { answerOf, onTerminal, piped, terminal, wide } from '../../support/builders/answer.ts';
import { ok, on, three } from '../../support/builders/fleet.ts';
import { redirect, routeMatch } from '../../support/builders/route.ts';
import {
  cluster,
  clusterName,
  configuration,
  endpoint,
  entry,
  request,
  route,
  routedBy,
  secret,
} from '../../support/builders/way.ts';
import { golden } from '../../support/golden.ts';

const from = { kind: 'VirtualService', namespace: 'svc1', name: 'svc1-main' };
const path = (value: string) => routeMatch({ path: { kind: 'prefix', value, caseSensitive: true } });
const many = Array.from({ length: 9 }, (_, index) =>
  route({ position: index + 1, match: path(`/number/${index}`), from }),
);

const hit = route({
  position: 10,
  from,
  match: routeMatch({ path: { kind: 'regex', value: '/.*' } }),
  action: {
    ...route().action,
    kind: 'forward',
    to: {
      kind: 'weighted',
      totalWeight: 3,
      clusters: [
        { cluster: clusterName, weight: 2 },
        { cluster: 'outbound|80||gone.svc1.svc.cluster.local', weight: 1 },
      ],
    },
    rewrite: {
      prefix: '/new',
      regex: undefined,
      template: undefined,
      host: 'inside.example.org',
      autoHost: false,
      hostFromHeader: undefined,
    },
  } as never,
  fault: { abort: { code: 503, share: 0.1 }, delay: { ms: 200, share: 0.5 }, headers: [] },
});

const explained = (of: readonly ReturnType<typeof route>[], over: Partial<PodConfiguration> = {}): Explanation =>
  explain(configuration({ ...routedBy(...of), ...over }), request({ path: '/x?y=1' }), entry);

const listed = { isListed: true, pod: 'svc1/web-7d9c', node: 'node1', zone: undefined, isReady: true };
const endpoints = [
  { ...endpoint(), backend: listed },
  endpoint({ address: '10.0.0.2:80', health: 'UNHEALTHY', reasons: ['failed_outlier_check'] }),
  {
    ...endpoint({ address: '10.0.0.3:80', priority: 1 }),
    backend: { isListed: false, pod: undefined, node: undefined, zone: undefined, isReady: undefined },
  },
];
const verified = {
  mode: 'SIMPLE',
  sni: 'web',
  autoSni: false,
  subjectAltNames: ['web.svc1'],
  ca: 'file-root:/etc/ssl/certs/ca-certificates.crt',
  isVerified: true,
} as const;
const clusters = [
  cluster({ tls: verified, destinationRule: { kind: 'DestinationRule', namespace: 'svc1', name: 'svc1-main' } }),
];

const most = explained([...many, hit], { endpoints, clusters });
const items: readonly OnPods<Explanation>[] = [
  on(most, three.slice(0, 2)),
  on(
    explained([route({ from, action: redirect({ code: 302, host: 'b.example.org' }) })], {
      secrets: [secret({ chain: [] })],
    }),
    three.slice(2),
  ),
];
const render = (of: readonly OnPods<ExplanationItem>[], style: Style): string =>
  onTerminal(explainView.table(of, answerOf(explainView, of, three.map(ok)), style));

test('prints the way as a tree: near misses, chances, rewrites, endpoints by health; pods that disagree apart', () => {
  golden('render/explain/piped.txt', render(items, piped));
  golden('render/explain/120.txt', render(items, terminal(120)));
  golden('render/explain/80.txt', render(items, terminal(80)));
  golden('render/explain/wide.txt', render(items, wide));
  golden('render/explain/color.txt', render(items, { ...terminal(120), color: true }));
});

const sent = (suffix: string, over: Partial<Sent>): Sent => ({
  pod: `istio-ingressgateway-${suffix}`,
  by: 'tool',
  logged: undefined,
  code: 200,
  location: undefined,
  ms: 12,
  serial: '1001',
  isOfService: true,
  text: undefined,
  ended: undefined,
  isDecided: true,
  differs: [],
  ...over,
});

test('a route that matches as well and comes later is shown as the one that loses, with the repair', () => {
  const young = { ...from, name: 'young' };
  const before = route({ from, match: path('/x') });
  const behind = route({ position: 2, from: young, match: path('/x?') });
  const same = route({ position: 3, from: young, match: path('/x') });
  const losing = route({
    position: 4,
    from: young,
    match: routeMatch({ path: { kind: 'exact', value: '/x' } as never }),
  });
  const item = on(explained([before, behind, same, losing]), three);
  golden('render/explain/losing.txt', render([item], piped));
  golden('render/explain/losing-80.txt', render([item], terminal(80)));
});

test('a route whose conditions nobody can judge is a maybe', () => {
  const maybe = route({ from, match: routeMatch({ others: ['dynamic_metadata'] }) });
  const item = on(explained([maybe, route({ position: 2, from, action: redirect() })]), three);
  golden('render/explain/maybe.txt', render([item], piped));
});

test('an answer to gRPC has its status', () => {
  const grpc = { path: '/x', headers: new Map([['content-type', ['application/grpc']]]) };
  const shown = (of: ReturnType<typeof route>): string =>
    render([on(explain(configuration(routedBy(of)), request(grpc), entry), three)], piped);
  assert.match(shown(route({ from, match: path('/other') })), '✗ 200 with grpc-status 12: no route of');
  assert.match(shown(route({ from, action: redirect() })), '200 with grpc-status 2, redirect to ');
});

test('shows what came of a request that was sent, and where it is not what was predicted', () => {
  const refused = {
    code: 503,
    isOfService: false,
    text: 'upstream connect error or disconnect/reset before headers. reset reason: connection failure',
  };
  const told = [
    sent('66qlf', {}),
    sent('gfn8x', { ms: 31 }),
    sent('l9b5b', { ...refused, differs: [`predicted an answer of ${clusterName}`, 'certificate 1001 instead of 01'] }),
    sent('qq2zt', {
      code: undefined,
      ms: undefined,
      serial: undefined,
      isOfService: false,
      ended: 'port 8443: nothing listens on that port',
      differs: ['predicted 404'],
    }),
  ];
  const item = on({ ...explained([route({ from })]), sent: told }, three);
  golden('render/explain/sent.txt', render([item], piped));
  golden('render/explain/sent-80.txt', render([item], terminal(80)));
});

test('shows what the access log has of it, and what that means', () => {
  const logged = {
    time: '2026-11-23T12:08:09.123456789Z',
    flags: ['UF', 'URX'],
    details: 'upstream_reset_before_response_started{remote_connection_failure}',
    upstreamCluster: clusterName,
    upstreamHost: '10.64.0.7:4000',
    routeName: 'default',
    causes: [
      { name: 'UF', text: 'no connection to the endpoint. Mostly: the pod is gone', isReason: false },
      { name: 'transport', text: 'the certificate of the pod is not one of the CA', isReason: true },
    ],
  };
  const failed = { code: 503, serial: undefined, isOfService: false, logged };
  const told = [
    sent('66qlf', failed),
    sent('gfn8x', { ...failed, logged: { ...logged, upstreamHost: '10.64.0.8:4000' } }),
    sent('l9b5b', {}),
  ];
  const way = explained([route({ from })]);
  golden('render/explain/logged.txt', render([on({ ...way, sent: told }, three)], terminal(120)));
  const byClient = sent('66qlf', {
    ...failed,
    by: 'client',
    ms: 3,
    differs: [`predicted an answer of ${clusterName}`],
  });
  golden('render/explain/request.txt', render([on({ ...way, sent: [byClient] }, three)], terminal(120)));
});

test('-o name has the clusters, or how it ends', () => {
  golden('render/explain/name.txt', `${items.map((item) => explainView.name(item)).join('\n')}\n`);
});

test.run();
