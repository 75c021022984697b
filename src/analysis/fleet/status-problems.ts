// What `status` says is wrong, the worst first, each with the next step and, where people are tempted, what not to do.
// One that many pods share is said once.

import type { Gateway } from '#core/fleet.ts';
import { type NextStep, type Step, step } from '#core/shell.ts';
import { notTaken } from '#model/kubernetes-certificate.ts';
import type { PodStatus, StatusIstiod, StatusProblem } from '#model/status.ts';
import { perPods, podList, who } from './per-pods.ts';
import {
  differenceOf,
  differing,
  leaving,
  logOfRejection,
  notReady,
  type PodProblem,
  raisedLevels,
  rejected,
  stale,
  unknownSync,
} from './pod-problems.ts';

export function statusProblems(
  statuses: readonly PodStatus[],
  gateway: Gateway,
  istiods: readonly StatusIstiod[],
): StatusProblem[] {
  const { namespace } = gateway;
  const pods = statuses.map(({ pod }) => pod);
  const connected = statuses.filter(({ sync }) => sync.state !== 'not-connected');
  const problems = [
    ...notReady(pods).map(
      asProblem('error', (names) => [step`kubectl -n ${namespace} describe pod ${names[0] ?? ''}`]),
    ),
    ...notConnected(statuses),
    ...rejected(statuses).map(
      (one): StatusProblem => ({
        severity: 'error',
        text: one.text,
        next: [
          ...logOfRejection(statuses, one),
          // It names the object.
          step`kubectl istio-ingress check --only rejected`,
          'correct what Envoy rejects; until then do not restart the pod, which would lose the configuration that it still serves',
        ],
      }),
    ),
    ...differing(connected).map(asProblem('error', (names) => [seeDifference(names)])),
    ...warming(statuses),
    ...stale(statuses).map(
      asProblem('warning', () => ['just after a change this passes by itself: ask again in a minute']),
    ),
    ...unknownSync(statuses).map(asProblem('warning')),
    ...leaving(statuses).map(asProblem('warning')),
    ...raisedLevels(statuses).map(asProblem('warning', () => [step`kubectl istio-ingress log-level --restore`])),
    ...silentIstiods(istiods),
    ...silentPods(statuses),
    ...nodesWithoutPod(gateway),
  ];
  return problems.toSorted((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
}

const asProblem =
  (severity: StatusProblem['severity'], nextOf: (pods: readonly string[]) => readonly NextStep[] = () => []) =>
  ({ text, pods }: PodProblem): StatusProblem => ({ severity, text, next: nextOf(pods) });

function notConnected(statuses: readonly PodStatus[]): StatusProblem[] {
  const pods = statuses.filter(({ sync, report }) => sync.state === 'not-connected' && report);
  return perPods(
    pods.map((status) => [differenceOf(status).join(), status.pod.name]),
    (difference, names) => ({
      severity: 'error',
      text: `${who(names, 'is', 'are')} connected to no istiod and ${names.length === 1 ? 'serves' : 'serve'} ${difference === '' ? 'what it last got; nothing differs yet' : `an older configuration: ${difference}`}`,
      next: [
        ...(difference === '' ? [] : [seeDifference(names)]),
        'do not restart it before it can reach istiod: a fresh pod would have no configuration at all',
      ],
    }),
  );
}

const seeDifference = (names: readonly string[]): Step =>
  step`kubectl istio-ingress diff ${names.length === 1 ? { pod: names[0] } : {}}`;

function warming(statuses: readonly PodStatus[]): StatusProblem[] {
  const pairs = statuses.flatMap(({ pod, report, sync }) => {
    const isRejected = sync.state === 'connected' && sync.types.SDS?.state === 'NACK';
    const why = isRejected ? notTaken : 'istiod has not delivered it';
    return (report?.warmingSecrets ?? []).map((name) => [`${name}: ${why}`, pod.name] as const);
  });
  return perPods(pairs, (what, names) => ({
    severity: 'error',
    text: `${who(names, 'waits', 'wait')} for secret ${what}, and TLS to its hosts fails`,
    next: [
      step`kubectl istio-ingress check --only certificate-missing`,
      step`kubectl istio-ingress secrets --name ${what.slice(0, what.lastIndexOf(': '))} -o wide`,
    ],
  }));
}

const silentIstiods = (istiods: readonly StatusIstiod[]): StatusProblem[] =>
  istiods.flatMap(({ name, failed }) =>
    failed === undefined ? [] : [{ severity: 'warning', text: `${name} did not answer: ${failed}`, next: [] }],
  );

/** The reasons are on stderr and in JSON. */
function silentPods(statuses: readonly PodStatus[]): StatusProblem[] {
  const names = statuses.filter(({ report }) => !report).map(({ pod }) => pod.name);
  if (names.length === 0) return [];
  const what = names.length === 1 ? 'it serves' : 'they serve';
  return [{ severity: 'error', text: `${podList(names)} did not answer: what ${what} is not known`, next: [] }];
}

function nodesWithoutPod({ nodesWithoutPod: nodes, kind, name, namespace }: Gateway): StatusProblem[] {
  if (nodes.length === 0) return [];
  const names = nodes.map(({ node }) => node);
  return [
    {
      severity: 'error',
      text: `${names.length > 3 ? `${names.length} nodes have` : `${names.join(', ')} ${names.length === 1 ? 'has' : 'have'}`} no gateway pod: requests that the load balancer sends there fail`,
      next: [
        kind === 'DaemonSet'
          ? step`kubectl -n ${namespace} describe daemonset ${name}`
          : step`kubectl -n ${namespace} get events`,
      ],
    },
  ];
}
