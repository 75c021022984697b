import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate } from '#analysis/check/check.ts';
import type { FactTypes } from '#analysis/check/facts.ts';
import { checks } from '#analysis/checks/all.gen.ts';
import { statusProblems } from '#analysis/fleet/status-problems.ts';
import { stepText } from '#core/shell.ts';
import type { PodStatus } from '#model/status.ts';
import { facts } from '../../support/builders/facts.ts';
import { connected, gateway, pod, report, status } from '../../support/builders/fleet.ts';

const sync = (state: 'STALE' | 'NACK', error?: string) =>
  connected('istiod-a', { LDS: { state, error, sentAt: undefined } });
const problems = (...statuses: readonly PodStatus[]) =>
  statusProblems(statuses, gateway(statuses.map((one) => one.pod)), []);

const found = (name: string, changes: Partial<FactTypes>): string[] =>
  checks
    .filter((check) => check.name === name)
    .flatMap((check) => evaluate(check, facts(changes)).findings.map(({ text }) => text));

for (const [check, one, text] of [
  [
    'pod-not-ready',
    status(pod('a', { isReady: false, reason: 'CrashLoopBackOff' })),
    'istio-ingressgateway-a is not ready: CrashLoopBackOff',
  ],
  [
    'rejected',
    status(pod('a'), { sync: sync('NACK', 'bad') }),
    'istio-ingressgateway-a has rejected the last LDS update: "bad"',
  ],
  [
    'stale',
    status(pod('a'), { sync: sync('STALE') }),
    'istio-ingressgateway-a has not acknowledged the last LDS update',
  ],
  [
    'stale',
    status(pod('a'), {
      sync: connected('istiod-a', { CDS: { state: 'NOT SENT', error: undefined, sentAt: undefined } }),
    }),
    'istio-ingressgateway-a is connected to istiod, which has sent nothing yet',
  ],
  [
    'drift',
    status(pod('a'), { difference: { routes: 1, certificates: 0 } }),
    'istio-ingressgateway-a serves something else than most pods: 1 route differs',
  ],
  [
    'istiod-silent',
    status(pod('a'), { sync: { state: 'unknown', why: 'x' } }),
    'nobody can say whether istio-ingressgateway-a is in sync: x',
  ],
  ['pod-draining', status(pod('a', { deletedAt: '2026-11-23T14:00:00Z' })), 'istio-ingressgateway-a is being deleted'],
  [
    'pod-draining',
    status(pod('a'), { report: report({ proxy: { ...report().proxy, state: 'PRE_INITIALIZING' } }) }),
    'istio-ingressgateway-a is PRE_INITIALIZING: it serves nothing yet, and waits for its first clusters: from istiod, or for DNS to answer for a name in its bootstrap',
  ],
  [
    'log-level-raised',
    status(pod('a'), { report: report({ raisedLogLevels: ['all:debug'] }) }),
    'istio-ingressgateway-a logs more than at start: all:debug',
  ],
] as const) {
  test(`status says what the check ${check} says`, () => {
    assert.ok(problems(one).some((problem) => problem.text === text));
    assert.equal(found(check, { statuses: [one], comparisons: [one], gateway: gateway([one.pod]), istiods: [] }), [
      text,
    ]);
  });
}

test('what Envoy has rejected is not said to pass by itself, where istiod 1.18 calls it STALE', () => {
  const rejections = [
    { kind: 'listener', name: '0.0.0.0_8443', details: 'bad', at: undefined, version: undefined },
  ] as const;
  assert.equal(
    problems(status(pod('a'), { sync: sync('STALE'), report: report({ rejections }) })).map(({ text }) => text),
    ['istio-ingressgateway-a has rejected listener 0.0.0.0_8443: "bad"'],
  );
});

test('a pod that istiod does not know is said to differ once, with that', () => {
  const lost = status(pod('a'), { sync: { state: 'not-connected' }, difference: { routes: 0, certificates: 2 } });
  assert.equal(
    problems(lost).map(({ text }) => text),
    ['istio-ingressgateway-a is connected to no istiod and serves an older configuration: 2 certificates differ'],
  );
});

test('of a warming secret it is said who lacks it, whether or not there is a Secret', () => {
  const [waiting] = problems(status(pod('a'), { report: report({ warmingSecrets: ['kubernetes://x'] }) }));
  assert.equal(waiting?.next.map(stepText), [
    'kubectl istio-ingress check --only certificate-missing',
    'kubectl istio-ingress secrets --name kubernetes://x -o wide',
  ]);
});

test('a secret that has not come to a pod that rejects secrets may have come with one of those', () => {
  const waiting = { report: report({ warmingSecrets: ['kubernetes://x'] }) };
  const rejecting = connected('istiod-a', { SDS: { state: 'NACK', error: 'Failed to load', sentAt: undefined } });
  const texts = problems(status(pod('a'), { ...waiting, sync: rejecting }), status(pod('b'), waiting)).map(
    ({ text }) => text,
  );
  assert.equal(
    texts.filter((text) => / for secret /.test(text)),
    [
      'istio-ingressgateway-a waits for secret kubernetes://x: istiod has not delivered it, or Envoy has rejected the update that it came with, and TLS to its hosts fails',
      'istio-ingressgateway-b waits for secret kubernetes://x: istiod has not delivered it, and TLS to its hosts fails',
    ],
  );
});

test.run();
