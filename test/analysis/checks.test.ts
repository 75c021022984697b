import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withCauses, withKeptCauses } from '#analysis/check/causes.ts';
import { evaluate, isNamed, unjudgedBy } from '#analysis/check/check.ts';
import type { FactTypes } from '#analysis/check/facts.ts';
import { unusedEntries, withKnown } from '#analysis/check/known-findings.ts';
import { concerning, inOtherHands, ownerOf } from '#analysis/check/owner.ts';
import { checks } from '#analysis/checks/all.gen.ts';
import { nextStepsAgain } from '#command/next-step.ts';
import type { Pod } from '#core/fleet.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { stepText } from '#core/shell.ts';
import type { AccessCondition } from '#model/access-rule.ts';
import type { CheckResult, Finding } from '#model/finding.ts';
import type { PodStatus } from '#model/status.ts';
import { checkView } from '#render/views/check.ts';
import { answerOf, onTerminal, piped, terminal, wide } from '../support/builders/answer.ts';
import { certificate, secret } from '../support/builders/certificate.ts';
import {
  certificateItem,
  cluster,
  clusterName,
  configuration,
  facts,
  gatewayObject,
  names,
  object,
  podA,
  podB,
  podC,
  podFacts,
  pods,
  routes,
} from '../support/builders/facts.ts';
import { connected, gateway, ok, report, status } from '../support/builders/fleet.ts';
import { chainMatch, filterChain, httpHandler, listener, policies, rbac } from '../support/builders/listener.ts';
import {
  headerMatch,
  prefix,
  redirect,
  route,
  routeConfiguration,
  routeMatch,
  virtualHost,
} from '../support/builders/route.ts';
import { golden } from '../support/golden.ts';

const at = '2026-11-23T13:58:00Z';
const statuses = (changes: Partial<PodStatus>): FactTypes['statuses'] => [
  status(podA),
  status(podB),
  status(podC, changes),
];
const proxy = (changes: Partial<ReturnType<typeof report>['proxy']>): ReturnType<typeof report> =>
  report({ proxy: { ...report().proxy, ...changes } });

/** What makes each check find something, by its name. */
const troubles: Readonly<Record<string, Partial<FactTypes>>> = {
  'node-without-pod': {
    gateway: gateway(pods, {
      nodesWithoutPod: [1, 2, 3, 4].map((n) => ({ node: `node${n}`, reason: 'Insufficient cpu' })),
    }),
  },
  'pod-not-ready': {
    gateway: gateway([
      podA,
      { ...podB, isReady: false, reason: 'CrashLoopBackOff' },
      { ...podC, isReady: false, deletedAt: at },
    ]),
  },
  'pod-restarting': {
    statuses: [
      status({ ...podA, restarts: 7, reason: 'OOMKilled' }, { report: proxy({ uptimeSeconds: 720 }) }),
      status({ ...podB, restarts: 7 }),
    ],
  },
  'pod-draining': {
    statuses: [status({ ...podA, deletedAt: at }), status(podB, { report: proxy({ state: 'DRAINING' }) })],
  },
  'pod-silent': {
    statuses: statuses({
      report: undefined,
      failure: 'cannot read server_info of istio-system/istio-ingressgateway-c:15000: no answer in 30 s',
    }),
  },
  'not-connected': { statuses: statuses({ sync: { state: 'not-connected' } }) },
  'istiod-silent': {
    statuses: statuses({ sync: { state: 'unknown', why: 'istiod-b did not answer' } }),
    istiods: [{ name: 'istiod-b', version: undefined, failed: 'connection refused' }],
  },
  stale: {
    statuses: statuses({ sync: connected('istiod-a', { RDS: { state: 'STALE', error: undefined, sentAt: at } }) }),
  },
  rejected: {
    statuses: [
      status(podA, {
        report: report({
          rejections: [
            { kind: 'listener', name: '0.0.0.0_8443', details: 'overlapping matching rules', at, version: undefined },
          ],
        }),
      }),
      status(podB, { sync: connected('istiod-a', { CDS: { state: 'NACK', error: 'unknown field', sentAt: at } }) }),
    ],
    notTaken: [
      {
        kind: 'route configuration',
        name: 'https.443.https.svc1-main.svc1',
        takenAt: '2026-11-23T11:00:00Z',
        objects: [{ kind: 'VirtualService', namespace: 'svc1', name: 'svc1-main', changedAt: at }],
        hosts: ['svc1.discovery.wmnet'],
        difference: 'svc1.discovery.wmnet: route 1 is served with another destination',
        pods: names,
        logged: 'Invalid path: /x?y',
      },
    ],
  },
  versions: {
    statuses: [
      status(podA, { report: proxy({ istioVersion: '1.29.2' }) }),
      status(podB, { report: proxy({ istioVersion: '1.32.0' }) }),
      status(podC),
    ],
  },
  'clock-skew': { statuses: statuses({ report: report({ lastUpdated: '2026-11-23T14:12:00Z' }) }) },
  drift: { comparisons: statuses({ difference: { routes: 3, certificates: 1 } }) },
  warming: {
    pods: [podFacts(podA, { warmingListeners: ['0.0.0.0_8443'] }), podFacts(podB, { warmingClusters: [clusterName] })],
    statuses: statuses({ report: report({ warmingSecrets: ['kubernetes://ca', 'kubernetes://awaited'] }) }),
    certificates: [certificateItem([], { waitsFor: 'kubernetes://awaited' })],
  },
  'certificate-expired': {
    certificates: [certificateItem([{ code: 'expired', text: 'the certificate expired on 2026-11-21' }])],
  },
  'certificate-expiring': {
    certificates: [
      certificateItem([{ code: 'expiring', severity: 'warning', text: 'the certificate ends on 2026-11-28' }]),
    ],
  },
  'certificate-wrong-host': {
    certificates: [certificateItem([{ code: 'not-covered', text: 'the certificate is not for this host' }])],
  },
  'client-certificate-http3': {
    certificates: [certificateItem([{ code: 'open-over-http3', severity: 'warning', text: 'not over HTTP/3' }])],
  },
  'certificate-missing': {
    certificates: [
      certificateItem([
        { code: 'not-loaded', text: 'kubernetes://x is not loaded', next: ['kubectl -n istio-system get secret x'] },
        { code: 'secret-absent', text: 'Secret istio-system/x does not exist' },
      ]),
    ],
  },
  'secret-missing': {
    certificates: [
      certificateItem([
        { code: 'secret-absent', severity: 'warning', text: 'Secret istio-system/x does not exist any more' },
      ]),
      ...absentAndNotLoaded(),
    ],
  },
  'secret-newer': {
    certificates: [
      certificateItem([
        { code: 'secret-differs', text: 'Secret istio-system/x holds serial 06; the pods hold serial 05' },
      ]),
    ],
  },
  'certificate-issuer': {
    certificates: [
      certificateItem([
        { code: 'issuer-not-ready', text: 'cert-manager Certificate istio-system/x is not ready: Expired' },
      ]),
    ],
  },
  'certificate-chain': {
    certificates: [certificateItem([{ code: 'weak-key', severity: 'warning', text: 'the key is weak: RSA 1024' }])],
  },
  'certificate-served': {
    certificates: [
      certificateItem([
        {
          code: 'served-differs',
          text: 'a handshake gets serial 05 (CN = a, until 2027-01-01T00:00:00Z) and not serial 06 of kubernetes://a, which Envoy cannot use: of Secret istio-system/a its key is not that of its certificate CN = a',
          about: { kind: 'Secret', namespace: 'istio-system', name: 'a' },
          next: ['kubectl -n istio-system describe secret a'],
        },
      ]),
    ],
  },
  'known-expired': {
    knownFindings: [
      { id: 'KII039', subject: '*', until: '2026-11-01', reason: 'merged in October', line: 3 },
      { id: 'KII039', subject: '*', until: '2027-11-01', reason: 'merged in a year', line: 7 },
    ],
  },
  'certificate-differs': {
    certificates: [
      {
        ...certificateItem([
          { code: 'pods-differ', text: 'istio-ingressgateway-c has serial 05, 2 pods have serial 06' },
        ]),
        pods: [podC.name],
      },
    ],
  },
  'connection-reuse': { certificates: ['a', 'b'].map((name) => wildcardOf(name)) },
  'gateway-conflict': {
    gateways: [
      gatewayObject('svc1/old', ['a.example'], 1),
      gatewayObject('svc2/young', ['a.example', 'b.example'], 2),
      gatewayObject('svc3/x', ['svc3/c.example'], 3),
      gatewayObject('svc4/y', ['*/C.example'], 4),
    ],
  },
  'gateway-selector': {
    gateways: [
      gatewayObject('svc1/typo', ['a.example'], 1, { istio: 'ingressgateway', app: 'x' }),
      gatewayObject('svc2/other', ['b.example'], 1, { istio: 'egress' }),
    ],
  },
  'gateway-hosts': {
    gateways: [
      gatewayObject('svc1/stars', ['*/*', './a.example'], 1),
      gatewayObject('svc2/last', ['./a.example', '*/*'], 1),
    ],
  },
  'gateway-port': {
    gateway: gateway([{ ...podA, labels: { istio: 'ingressgateway' }, declaredPorts: [15021] }]),
    gateways: [
      gatewayObject('svc1/there', ['a.example'], 1),
      object('Gateway', 'svc1/odd', {
        servers: [9443, 9443, 443].map((number, index) => ({
          port: { number, name: `https-${index}`, protocol: 'HTTPS' },
          hosts: [`${index}.example`],
          tls: { mode: 'SIMPLE' },
        })),
      }),
    ],
    services: [
      object('Service', 'istio-system/istio-ingressgateway', {
        selector: { istio: 'ingressgateway' },
        ports: [{ port: 443, targetPort: 8443 }, { port: 80 }],
      }),
      object('Service', 'svc1/other', { selector: { istio: 'ingressgateway' }, ports: [{ port: 9443 }] }),
    ],
  },
  'virtual-service-gateway': {
    virtualservices: [object('VirtualService', 'svc1/lost', { hosts: ['a.example'], gateways: ['gone', 'mesh'] })],
  },
  'virtual-service-host': {
    gateways: [
      gatewayObject('svc1/svc1-main', ['svc1.discovery.wmnet']),
      gatewayObject('svc1/more', ['b.example', 'svc1/a.example']),
    ],
    virtualservices: [
      object('VirtualService', 'svc1/other', {
        hosts: ['other.example', 'svc1.discovery.wmnet'],
        gateways: ['svc1/svc1-main'],
      }),
      object('VirtualService', 'svc1/both', { hosts: ['other.example'], gateways: ['more', 'svc1-main'] }),
    ],
  },
  'virtual-service-unused': {
    unserved: [{ kind: 'VirtualService', namespace: 'svc1', name: 'lost', hosts: ['lost.example'] }],
    virtualservices: [
      object('VirtualService', 'svc1/hidden', { hosts: ['a'], gateways: ['svc1-main'], exportTo: ['.'], http: [{}] }),
      object('VirtualService', 'svc2/hidden', { hosts: ['a'], gateways: ['elsewhere'], exportTo: ['.'], http: [{}] }),
      object('VirtualService', 'svc1/matches', {
        hosts: ['a'],
        gateways: ['svc1-main', 'mesh'],
        http: [{ match: [{ gateways: ['mesh'] }] }, { match: [{ gateways: ['other'] }] }],
      }),
      object('VirtualService', 'svc1/some', {
        hosts: ['a'],
        gateways: ['svc1-main'],
        http: [{ match: [{ gateways: ['mesh'] }, { gateways: ['svc1/svc1-main'] }] }],
      }),
      object('VirtualService', 'svc2/nobodys', {}),
      object('VirtualService', 'svc2/delegate', { exportTo: ['.'] }),
      object('VirtualService', 'svc1/root', {
        hosts: ['a'],
        gateways: ['svc1-main'],
        http: [
          { delegate: { name: 'gone' } },
          { delegate: { name: 'delegate', namespace: 'svc2' } },
          { delegate: { name: 'some' } },
        ],
      }),
      object('VirtualService', 'svc2/inside', {
        hosts: ['a'],
        gateways: ['mesh'],
        http: [{ delegate: { name: 'gone' } }],
      }),
    ],
  },
  'route-without-object': {
    configurations: [
      configuration({
        routes: [
          routes(
            route({ from: { kind: 'VirtualService', namespace: 'svc9', name: 'gone' } }),
            route({ from: { kind: 'VirtualService', namespace: 'a', name: 'b-istio-autogenerated-k8s-ingress' } }),
          ),
        ],
        listeners: [
          listener({
            filterChains: ['main.gone', 'svc1-main.svc1'].map((name) =>
              filterChain({
                match: chainMatch({ serverNames: ['gone.example'] }),
                handler: httpHandler({ routeConfiguration: `https.443.https.${name}` }),
              }),
            ),
          }),
        ],
      }),
    ],
  },
  'shadowed-route': {
    configurations: [
      configuration({
        routes: [routes(route({ match: prefix('/') }), route({ position: 2, name: 'late', match: prefix('/late') }))],
      }),
    ],
  },
  'cluster-missing': { pods: [podFacts(podA), podFacts(podB, { clusters: new Set() })] },
  'no-endpoint': {
    pods: [
      podFacts(podA, {
        unusable: [
          { cluster: clusterName, endpoints: 0, reasons: [] },
          { cluster: 'not-routed', endpoints: 0, reasons: [] },
        ],
      }),
    ],
  },
  'no-healthy-endpoint': {
    pods: pods.map((of) =>
      podFacts(of, { unusable: [{ cluster: clusterName, endpoints: 3, reasons: ['failed_outlier_check'] }] }),
    ),
  },
  'connections-fail': {
    pods: [
      podFacts(podA, {
        failedConnections: [
          { cluster: clusterName, endpoints: 3, tried: 3, failing: 3, attempts: 14 },
          { cluster: 'not-routed', endpoints: 1, tried: 1, failing: 1, attempts: 1 },
        ],
      }),
      podFacts(podB, {
        failedConnections: [{ cluster: clusterName, endpoints: 3, tried: 2, failing: 1, attempts: 1 }],
      }),
      podFacts(podC, {
        failedConnections: [{ cluster: clusterName, endpoints: 3, tried: 2, failing: 2, attempts: 2 }],
      }),
    ],
  },
  'route-fails': {
    configurations: [
      configuration({
        routes: [
          routes(
            route({
              match: prefix('/pay'),
              fault: { abort: { code: 503, share: 0.5 }, delay: { ms: 5000, share: 0.1 }, headers: [] },
            }),
            route({
              position: 2,
              match: routeMatch({ headers: [headerMatch()] }),
              fault: { abort: { code: 200, share: 1, grpcStatus: 14 }, delay: undefined, headers: [] },
            }),
            route({ position: 3, action: { kind: 'direct-response', code: 503, body: 'later' } }),
            route({ position: 4, action: { kind: 'direct-response', code: 418, body: undefined } }),
            route({
              position: 5,
              fault: { abort: { code: 0, share: 1, byHeader: 100 }, delay: undefined, headers: [] },
            }),
          ),
        ],
      }),
    ],
  },
  'redirect-loop': {
    configurations: [
      configuration({
        listeners: [
          listener({
            filterChains: [
              filterChain({ handler: httpHandler({ routeConfiguration: 'https.443.https.svc1-main.svc1' }) }),
            ],
          }),
        ],
        routes: [routes(route({ action: redirect({ scheme: 'https' }) }))],
      }),
    ],
  },
  'destination-rule-conflict': {
    destinationrules: [
      ...['svc2/svc2-main', 'svc2/second', 'svc2/other', 'svc1/elsewhere', 'svc9/other'].map((id, second) =>
        object(
          'DestinationRule',
          id,
          {
            host: id.startsWith('svc9') ? 'unrouted' : 'svc2-tls-service.svc2.svc.cluster.local',
            trafficPolicy: { tls: { mode: 'SIMPLE' } },
            subsets: [{ name: 'v1', labels: {} }],
          },
          second,
        ),
      ),
      object('DestinationRule', 'svc2/apart', { host: 'svc3-tls-service' }),
    ],
  },
  'plain-text-to-tls': {
    configurations: [configuration({ clusters: [cluster({ tls: { mode: 'none' }, destinationRule: undefined })] })],
  },
  'refused-by-policy': { configurations: [refusing('DENY'), refusing('ALLOW'), refusing('CUSTOM')] },
  overload: {
    pods: [podFacts(podA, { stats: new Map([['overload.envoy.overload_actions.stop_accepting_requests.active', 1]]) })],
  },
  'connection-limit': {
    pods: pods.map((of) =>
      podFacts(of, {
        reached: [
          { cluster: clusterName, of: 'pending requests', limit: 1, isKnown: true },
          { cluster: clusterName, of: 'connections', limit: 20, isKnown: true },
        ],
        stats: new Map([
          ['listener.0.0.0.0_8443.downstream_cx_overflow', 12],
          ['listener.0.0.0.0_8443.downstream_cx_total', 12],
        ]),
      }),
    ),
  },
  'log-level-raised': { statuses: statuses({ report: report({ raisedLogLevels: ['all:debug'] }) }) },
};

/** Of hosts a and b, whose routes are for /api and everything else; a policy is for the whole of a, others for less. */
function refusing(action: string): FactTypes['configurations'][number] {
  const host = (value: string): AccessCondition => ({
    kind: 'header',
    match: {
      name: ':authority',
      value: { kind: 'exact', value, ignoreCase: true },
      invert: false,
      treatMissingAsEmpty: false,
    },
  });
  const paths = (value: string): AccessCondition => ({
    kind: 'path',
    match: { kind: 'prefix', value, ignoreCase: false },
  });
  const address: AccessCondition = { kind: 'unknown', says: "the client's address", isOfClient: true };
  const onB = (of: AccessCondition): AccessCondition => ({ kind: 'all', of: [host('b.example'), of] });
  const rules: Readonly<Record<string, readonly AccessCondition[]>> = {
    DENY: [host('a.example'), onB(paths('/api')), onB(paths('/admin/')), onB(address)],
    ALLOW: [onB(paths('/public/')), onB(address)],
    CUSTOM: [host('b.example')],
  };
  const filter = rbac(policies(action, { [action.toLowerCase()]: rules[action] ?? [] }));
  const configurationOf = routeConfiguration({
    virtualHosts: ['a.example', 'b.example:*'].map((domain) =>
      virtualHost({
        domains: [domain],
        routes: [route({ match: prefix('/api') }), route({ position: 2, match: prefix('/') })],
      }),
    ),
  });
  return configuration({
    pods: [podA.name],
    routes: [configurationOf],
    listeners: [
      listener({
        filterChains: [
          filterChain({ handler: httpHandler({ routeConfiguration: configurationOf.name, httpFilters: [filter] }) }),
        ],
      }),
    ],
  });
}

/** Said by certificate-missing. */
function absentAndNotLoaded(): FactTypes['certificates'] {
  return [
    certificateItem([{ code: 'secret-absent', text: 'Secret istio-system/y does not exist' }], { outcome: 'none' }),
  ];
}

function wildcardOf(name: string): FactTypes['certificates'][number] {
  const envoySecret = secret({ chain: [certificate({ dnsNames: ['*.discovery.wmnet'] })] });
  return certificateItem([], {
    host: `${name}.discovery.wmnet`,
    gateway: { kind: 'Gateway', namespace: name, name: 'main' },
    envoySecret,
  });
}

const inOrder = checks.toSorted((a, b) => (a.id < b.id ? -1 : 1));
const named = (name: string): (typeof checks)[number] =>
  checks.find((check) => check.name === name) as (typeof checks)[number];
const resultOf = (name: string, changes: Partial<FactTypes>): CheckResult => evaluate(named(name), facts(changes));

function print(results: readonly CheckResult[], style = piped): string {
  const outcomes = pods.map(ok);
  return onTerminal(checkView.table(results, answerOf(checkView, results, outcomes), style));
}

test('every check has an id and a name of its own, and a case below', () => {
  assert.is(new Set(checks.map(({ id }) => id)).size, checks.length);
  assert.equal(inOrder.map(({ name }) => name).sort(), Object.keys(troubles).sort());
  for (const { id } of checks) assert.match(id, /^KII\d{3}$/);
});

test('a healthy fleet passes every check', () => {
  const results = inOrder.map((check) => evaluate(check, facts()));
  assert.equal(
    results.filter(({ outcome }) => outcome !== 'passed').map(({ name, findings }) => [name, findings]),
    [],
  );
  golden('analysis/checks/healthy.txt', print(results));
  golden('analysis/checks/healthy-wide.txt', print(results, wide));
});

for (const { id, name } of inOrder) {
  test(`${id} finds ${name}, and says what to do`, () => {
    const result = resultOf(name, troubles[name] ?? {});
    assert.is(result.outcome, 'found');
    golden(`analysis/checks/${id}-${name}.txt`, print([result], wide));
    golden(
      `analysis/checks/${id}-${name}.json`,
      `${JSON.stringify(nextStepsAgain(result.findings, stepText), null, 1)}\n`,
    );
  });
}

test('all of them fit eighty columns', () => {
  const lines = print(
    inOrder.map(({ name }) => resultOf(name, troubles[name] ?? {})),
    terminal(80),
  ).split('\n');
  assert.equal(
    lines.filter((line) => line.length > 80 && !/^ {4}kubectl /.test(line)),
    [],
  );
  golden('analysis/checks/all-80.txt', lines.join('\n'));
});

test('drift of a TCP port and of endpoints hurts the owner of the service behind it', () => {
  const db = 'outbound|5432||db.shop.svc.cluster.local';
  const handler = { kind: 'tcp', clusters: [{ cluster: db, weight: 1 }], accessLogs: [] } as const;
  const chained = configuration({ listeners: [listener({ filterChains: [filterChain({ handler })] })] });
  const drifted = troubles['drift'] ?? {};
  const hurt = (changes: Partial<FactTypes>, owner: string): number => {
    const all = { ...drifted, ...changes };
    return concerning(resultOf('drift', all), ownerOf(owner, facts(all))).findings.length;
  };
  const unlike = { configurations: [chained, configuration()] };
  assert.equal([hurt(unlike, 'shop'), hurt(unlike, 'other'), hurt({}, 'shop')], [1, 0, 0]);
  assert.equal([hurt({ unlikeAssigned: [db] }, 'shop/db'), hurt({ unlikeAssigned: [db] }, 'shop/web')], [1, 0]);
});

test('drift of one pod is not put down to the hosts in which another pod differs', () => {
  const servedBy = (pod: Pod, ...hosts: readonly string[]) =>
    configuration({
      pods: [pod.name],
      routes: [
        routeConfiguration({ virtualHosts: hosts.map((host) => virtualHost({ domains: [host], routes: [route()] })) }),
      ],
    });
  const { findings } = resultOf('drift', {
    comparisons: [
      status(podA),
      status(podB, { difference: { routes: 1, certificates: 0 } }),
      status(podC, { difference: { routes: 2, certificates: 0 } }),
    ],
    configurations: [servedBy(podA), servedBy(podB, 'shop.example'), servedBy(podC, 'a.example', 'b.example')],
  });
  assert.equal(
    findings.map(({ pods: odd, hosts }) => [odd, hosts]),
    [
      [[podB.name], ['shop.example']],
      [[podC.name], ['a.example', 'b.example']],
    ],
  );
});

test('a check that lacks a fact is not evaluated, with the reason, and does not pass', () => {
  const results = inOrder.map((check) =>
    evaluate(check, facts({}, { gateways: 'may not list gateways', pods: 'no pod answered' })),
  );
  const unknown = results.filter(({ outcome }) => outcome === 'not-evaluated').map(({ name }) => name);
  assert.equal(
    unknown,
    inOrder.filter(({ needs }) => needs.some((need) => need === 'gateways' || need === 'pods')).map(({ name }) => name),
  );
  assert.ok(unknown.length > 5);
  golden('analysis/checks/not-evaluated.txt', print(results));
});

test('a limit that Envoy does not count has not passed: nobody knows whether it is reached', () => {
  const uncounted = { of: 'pending requests', limit: 1, isKnown: false } as const;
  const outcomeWith = (cluster: string): unknown => {
    const reached = [{ ...uncounted, cluster }];
    const own = podFacts(podA, { reached, report: proxy({ envoyVersion: '1.36.2' }) });
    const { outcome, notEvaluated } = resultOf('connection-limit', { pods: [own] });
    return [outcome, ...notEvaluated];
  };
  assert.equal(outcomeWith(clusterName), [
    'not-evaluated',
    'whether limits of pending requests are reached is not known of 1 pod: Envoy 1.36.2 does not count them',
  ]);
  assert.equal(outcomeWith('xds-grpc'), ['passed']);
  const services = [{ cluster: clusterName, of: 'connections', limit: 2, isKnown: true } as const];
  const both = { pods: [podFacts(podA, { reached: [{ ...uncounted, cluster: clusterName }, ...services] })] };
  assert.is(resultOf('connection-limit', both).outcome, 'found');
  assert.match(unjudgedBy(named('connection-limit'), facts(both)) ?? '', 'is not known of 1 pod');
});

test('pods that did not answer are named as not looked at', () => {
  const results = inOrder.map((check) =>
    evaluate(check, facts({}, {}, [{ pod: podC.name, why: 'no answer in 30 s' }])),
  );
  assert.equal(results.find(({ name }) => name === 'drift')?.notEvaluated, [`${podC.name}: no answer in 30 s`]);
  assert.match(print(results), 'nothing is known of 1 pod');
});

test('an owner sees what concerns them, and that there is more', () => {
  const results = ['gateway-conflict', 'drift', 'stale'].map((name) =>
    concerning(resultOf(name, troubles[name] ?? {}), ownerOf('svc2', facts(troubles[name] ?? {}))),
  );
  assert.equal(
    results.map(({ outcome, others }) => [outcome, others]),
    [
      ['found', 1],
      ['passed', 1],
      ['passed', 1],
    ],
  );
  assert.match(print(results), 'svc2/young');
  assert.match(print(results), '3 findings of the gateway itself or of others not shown');
  assert.not.match(print(results), /^✓/m);
});

test('of what joins the hosts of many, an owner sees what concerns them alone', () => {
  const certificates = ['a', 'b', 'c'].map(wildcardOf);
  const configurations = troubles['refused-by-policy']?.configurations ?? [];
  const hosts = ['b.discovery.wmnet', 'b.example'];
  const owner = { has: () => false, hasServiceOf: () => false, hosts, secrets: new Set<string>() };
  const [reuse, refused] = ['connection-reuse', 'refused-by-policy'].map((name) =>
    concerning(resultOf(name, { certificates, configurations, owner }), owner),
  );
  assert.equal(
    reuse?.findings.map(({ text, hosts: hurt, inHandsOf, next }) => [text, hurt, inHandsOf, ...next.map(stepText)]),
    [
      [
        'browsers may use one connection for b.discovery.wmnet and for 2 hosts of other owners: a.discovery.wmnet, c.discovery.wmnet. The certificate of kubernetes://a (*.discovery.wmnet) is good for them; several of them name this very secret',
        ['b.discovery.wmnet'],
        'Gateway a/main',
        'kubectl istio-ingress explain https://b.discovery.wmnet/ --sni a.discovery.wmnet',
      ],
    ],
  );
  assert.equal(
    refused?.findings.map(({ severity }) => severity),
    ['error', 'error', 'error', 'info', 'info', 'info'],
  );
  assert.ok(refused?.findings.every(({ text }) => text.includes('b.example') && !text.includes('a.example')));
  const stranger = { ...owner, hosts: ['elsewhere.example'] };
  for (const name of ['connection-reuse', 'refused-by-policy'])
    assert.equal(resultOf(name, { certificates, configurations, owner: stranger }).findings, [], name);
});

test('what follows from a finding stands under it, and is counted apart', () => {
  const cause = resultOf('certificate-served', troubles['certificate-served'] ?? {});
  const sync = connected('istiod-a', { SDS: { state: 'NACK', error: 'KEY_VALUES_MISMATCH', sentAt: at } });
  const follows = resultOf('rejected', { statuses: pods.map((one) => status(one, { sync })) });
  const results = withCauses([follows, cause]);
  assert.equal(results[0]?.findings[0]?.causedBy, { id: 'KII044', text: cause.findings[0]?.text });
  golden('analysis/checks/caused.txt', print(results));
  assert.is(withCauses([follows])[0]?.findings[0]?.causedBy, undefined);
});

test('many services whose connections all fail are one finding; an ejected endpoint follows from it', () => {
  const five = ['a', 'b', 'c', 'd', 'e'].map((name) => `outbound|80||${name}.svc2.svc.cluster.local`);
  const routed = configuration({ routed: { leads: new Map(five.map((name) => [name, []])), unknown: [] } });
  const failing = (clusters: readonly string[]): FactTypes['pods'] =>
    [podA, podB].map((of) =>
      podFacts(of, {
        failedConnections: clusters.map((name) => ({ cluster: name, endpoints: 2, tried: 2, failing: 2, attempts: 3 })),
        unusable: clusters.map((name) => ({ cluster: name, endpoints: 2, reasons: ['failed_outlier_check'] })),
      }),
    );
  const resultsOf = (clusters: readonly string[]): readonly CheckResult[] =>
    withCauses(
      ['connections-fail', 'no-healthy-endpoint'].map((name) =>
        resultOf(name, { configurations: [routed], pods: failing(clusters) }),
      ),
    );
  const [all] = resultsOf(five);
  assert.equal(
    all?.findings.map(({ text, pods: on, clusters }) => [text, on, clusters]),
    [
      [
        'every connection to the endpoints of 5 services has failed (30 tried): svc2/a:80, svc2/b:80, svc2/c:80, svc2/d:80 and 1 more',
        [podA.name, podB.name],
        five,
      ],
    ],
  );
  const [cause, follows] = resultsOf(five.slice(0, 2));
  assert.is(cause?.findings.length, 2);
  assert.equal(
    follows?.findings.map(({ causedBy }) => causedBy?.text),
    cause?.findings.map(({ text }) => text),
  );
});

test('an owner sees what hurts them together with its cause, which is nothing of theirs', () => {
  const ofPod = { pods: [podC.name] };
  const all = withCauses([
    { ...resultOf('not-connected', troubles['not-connected'] ?? {}) },
    ...['drift', 'route-without-object'].map((name) => {
      const result = resultOf(name, troubles[name] ?? {});
      return { ...result, findings: result.findings.map((one) => ({ ...one, ...ofPod })) };
    }),
  ]);
  const owner = ownerOf('gone', facts({}));
  const kept = withKeptCauses(
    all.map((one) => concerning(one, owner)),
    all,
    inOtherHands,
  );
  assert.equal(
    kept.map(({ name, outcome, findings, others }) => [name, outcome, findings.length, others]),
    [
      ['not-connected', 'found', 1, 0],
      ['drift', 'passed', 0, 1],
      ['route-without-object', 'found', 1, 1],
    ],
  );
  assert.is(kept[0]?.findings[0]?.inHandsOf, 'those who run the gateway');
  assert.match(print(kept), 'from it follows: Gateway gone/main is not there');
});

test('the rejection of a secret without a name hurts whom it may hurt, and is over where everybody was tried', () => {
  const sync = connected('istiod-a', { SDS: { state: 'NACK', error: 'KEY_VALUES_MISMATCH', sentAt: at } });
  const served = { ...certificateItem([], { host: 'own.example' }), pods: names };
  const tried = {
    ...served,
    value: {
      ...served.value,
      served: { outcome: 'certificate' as const, chain: [], protocol: 'TLSv1.3', alpn: undefined },
    },
  };
  const other = { ...certificateItem([], { host: 'other.example' }), pods: names, isLeftOut: true as const };
  const found = (certificates: Partial<FactTypes>['certificates'] & object): Finding | undefined =>
    resultOf('rejected', { statuses: pods.map((one) => status(one, { sync })), certificates }).findings[0];
  assert.match(found([tried])?.text ?? '', 'It is over');
  const [left] = [found([tried, other])];
  assert.not.match(left?.text ?? '', 'It is over');
  assert.equal([left?.severity, left?.hosts], ['error', ['other.example']]);
});

test('a service whose name DNS does not know has no endpoints for that reason', () => {
  const { findings } = resultOf('no-endpoint', {
    pods: [podFacts(podA, { unusable: [{ cluster: clusterName, endpoints: 0, reasons: [] }] })],
    configurations: [
      configuration({ clusters: [cluster({ type: 'LOGICAL_DNS', inlineEndpoints: ['no.such.example:443'] })] }),
    ],
  });
  assert.match(findings[0]?.text ?? '', 'Envoy has got no address of no.such.example from DNS');
});

test('what is known is counted, with what follows from it, until its day is over', () => {
  const certificates = [certificateItem([{}], { host: 'a.example' }), certificateItem([{}], { host: 'b.example' })];
  const [first] = certificates;
  const result = resultOf('certificate-expired', { certificates: first ? [first] : [] });
  const entry = { id: 'certificate-expired', subject: 'a.*', until: '2026-11-23', reason: 'it is replaced', line: 1 };
  const [marked] = withKnown([result], [entry], new Date('2026-11-23T23:59:59Z'));
  assert.equal(marked?.findings[0]?.known, { until: '2026-11-23', reason: 'it is replaced' });
  assert.match(print([marked as CheckResult]), 'nothing found · 1 known');
  const [over] = withKnown([result], [entry], new Date('2026-11-24T00:00:00Z'));
  assert.is(over?.findings[0]?.known, undefined);
  const other = { ...entry, subject: 'b.*' };
  assert.equal(unusedEntries([result], [entry, other]), [other]);
});

test('many findings of one check are five lines and a number, unless all are asked for', () => {
  const items = Array.from({ length: 9 }, (_, i) =>
    certificateItem([{ text: `problem ${i}` }], { host: `h${i}.example` }),
  );
  const text = print([resultOf('certificate-expired', { certificates: items })]);
  assert.match(text, 'and 4 more: see --only certificate-expired -o wide');
  assert.match(print([resultOf('certificate-expired', { certificates: items })], wide), 'problem 8');
});

test('hosts with the same trouble are one finding', () => {
  const items = Array.from({ length: 9 }, (_, i) => certificateItem([{}], { host: `h${i}.example` }));
  assert.equal(
    resultOf('certificate-expired', { certificates: items }).findings.map(({ text }) => text),
    [
      'h0.example:8443, h1.example:8443, h2.example:8443, h3.example:8443, h4.example:8443, h5.example:8443 and 3 more: it is so',
    ],
  );
});

test('a redirect that another Gateway makes as well, and a Gateway for another gateway, are for information', () => {
  const redirect = (id: string) =>
    object('Gateway', id, {
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'], tls: { httpsRedirect: true } }],
    });
  const [lost] = resultOf('gateway-conflict', { gateways: [redirect('n/a'), redirect('n/b')] }).findings;
  assert.is(lost?.severity, 'info');
});

test('a loser that some pods still serve is said to be so', () => {
  const still = {
    ...certificateItem([], { host: 'a.example', gateway: { kind: 'Gateway', namespace: 'svc2', name: 'young' } }),
    pods: [podC.name],
  };
  const [found] = resultOf('gateway-conflict', { ...troubles['gateway-conflict'], certificates: [still] }).findings;
  assert.match(found?.text ?? '', `${podC.name} still serves it`);
});

test('a service whose port does not say TLS, or that TLS is spoken to, is left alone', () => {
  const plain = [configuration({ clusters: [cluster({ tls: { mode: 'none' }, destinationRule: undefined })] })];
  const services = [
    object('Service', 'svc2/svc2-tls-service', {
      ports: [
        { name: 'http', port: 4002 },
        { name: 'https', port: 4003 },
      ],
    }),
  ];
  assert.is(resultOf('plain-text-to-tls', { configurations: plain, services }).outcome, 'passed');
  const auto = [
    configuration({ clusters: [cluster({ tls: { mode: 'per-endpoint', choices: [] }, destinationRule: undefined })] }),
  ];
  assert.is(resultOf('plain-text-to-tls', { configurations: auto }).outcome, 'found');
});

test('where a rule of the gateway’s own namespace goes first, those of the Service’s lose nothing to each other', () => {
  const rule = (id: string, more: object = {}): KubeObject =>
    object('DestinationRule', id, { host: 'svc2-tls-service.svc2.svc.cluster.local', trafficPolicy: {}, ...more });
  const destinationrules = [rule('svc2/one'), rule('svc2/two')];
  assert.is(resultOf('destination-rule-conflict', { destinationrules }).outcome, 'found');
  const own = rule('istio-system/own', { exportTo: ['.'] });
  assert.is(resultOf('destination-rule-conflict', { destinationrules: [...destinationrules, own] }).outcome, 'passed');
});

test('a DestinationRule that the clusters are made by is not overruled, whatever istiods of other versions do', () => {
  const rule = (id: string, second: number, exportTo?: readonly string[]): KubeObject =>
    object(
      'DestinationRule',
      id,
      { host: 'svc2-tls-service.svc2.svc.cluster.local', trafficPolicy: {}, ...(exportTo ? { exportTo } : {}) },
      second,
    );
  const destinationrules = [rule('svc2/svc2-main', 1), rule('svc2/younger', 2, ['*'])];
  const madeBy = (name: string): string =>
    resultOf('destination-rule-conflict', {
      destinationrules,
      configurations: [
        configuration({
          clusters: [cluster({ destinationRule: { kind: 'DestinationRule', namespace: 'svc2', name } })],
        }),
      ],
    })
      .findings.map(({ text }) => text)
      .join();
  assert.match(madeBy('younger'), 'DestinationRule svc2/younger counts in its place');
  assert.is(madeBy('svc2-main'), '');
});

test('checks go by id, name and section, in any case', () => {
  const check = named('drift');
  assert.equal(
    [['KII020'], ['kii020'], ['drift'], ['configuration'], ['Drift'], ['dri'], []].map((words) =>
      isNamed(check, words),
    ),
    [true, true, true, true, true, false, false],
  );
});

test('findings name the pods that have them', () => {
  assert.equal(resultOf('no-healthy-endpoint', troubles['no-healthy-endpoint'] ?? {}).findings[0]?.pods, names);
});

test.run();
