// What `status` says is wrong, the worst first, each with the next step and, where people are tempted, what not to do.
// One that many pods share is said once.

import type { Answer } from '#core/command.ts';
import type { PodStatus, RejectedResource } from '#model/status.ts';
import { xdsTypes } from '#model/sync.ts';
import { count } from './phrase.ts';

/** `extra.istiods` of the answer of `status`. */
export interface Istiod {
  readonly name: string;
  readonly version?: string | undefined;
  readonly failed?: string | undefined;
}

export const istiodsOf = (answer: Pick<Answer, 'extra'>): readonly Istiod[] => (answer.extra?.['istiods'] ?? []) as readonly Istiod[];

export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly text: string;
  /** Commands to paste, and advice. */
  readonly next: readonly string[];
}

export function findProblems(items: readonly PodStatus[], answer: Answer<PodStatus>): readonly Problem[] {
  const { namespace } = answer.gateway;
  const problems = [
    ...notReady(items, namespace),
    ...notConnected(items, namespace),
    ...rejected(items),
    ...differing(items, namespace),
    ...warming(items, namespace),
    ...stale(items),
    ...unknownSync(items),
    ...leaving(items),
    ...raisedLevels(items),
    ...silentIstiods(answer),
    ...silentPods(items),
    ...nodesWithoutPod(answer),
  ];
  return problems.toSorted((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
}

/** One problem for every pod that has it, by the same key. */
function perKey(pairs: readonly (readonly [key: string, pod: string])[], describe: (key: string, pods: readonly string[]) => Problem): Problem[] {
  const groups = Map.groupBy(pairs, ([key]) => key);
  return [...groups].map(([key, group]) => describe(key, [...new Set(group.map(([, pod]) => pod))]));
}

const who = (pods: readonly string[]): string => (pods.length > 3 ? `${pods.length} pods` : pods.join(', '));

const verb = (pods: readonly string[], one: string, many: string): string => (pods.length === 1 ? one : many);

function notReady(items: readonly PodStatus[], namespace: string): Problem[] {
  const pods = items.filter(({ pod }) => !pod.isReady && pod.deletedAt === undefined);
  return perKey(
    pods.map(({ pod }) => [pod.reason ?? pod.phase, pod.name]),
    (reason, names) => ({
      severity: 'error',
      text: `${who(names)} ${verb(names, 'is', 'are')} not ready: ${reason}`,
      next: [`kubectl -n ${namespace} describe pod ${names[0]}`],
    }),
  );
}

function notConnected(items: readonly PodStatus[], namespace: string): Problem[] {
  const pods = items.filter(({ sync, report }) => sync.state === 'not-connected' && report);
  return perKey(
    pods.map((status) => [describeDifference(status), status.pod.name]),
    (difference, names) => ({
      severity: 'error',
      text: `${who(names)} ${verb(names, 'is', 'are')} connected to no istiod and ${verb(names, 'serves', 'serve')} ${difference === '' ? 'what it last got; nothing differs yet' : `an older configuration: ${difference}`}`,
      next: [
        ...(difference === '' ? [] : [seeDifference(names, namespace)]),
        'do not restart it before it can reach istiod: a fresh pod would have no configuration at all',
      ],
    }),
  );
}

/** `istio-system` is where this tool looks by itself. */
const ours = (command: string, namespace: string): string => `kubectl istio-ingress ${command}${namespace === 'istio-system' ? '' : ` -n ${namespace}`}`;

const seeDifference = (names: readonly string[], namespace: string): string => ours(names.length === 1 ? `diff --pod ${names[0]}` : 'diff', namespace);

function describeDifference({ difference }: PodStatus): string {
  if (!difference) return '';
  const { routes, certificates } = difference;
  const parts = [...(routes > 0 ? [count(routes, 'route')] : []), ...(certificates > 0 ? [count(certificates, 'certificate')] : [])];
  return parts.length === 0 ? 'its contents differ' : `${parts.join(' and ')} ${routes + certificates === 1 ? 'differs' : 'differ'}`;
}

function differing(items: readonly PodStatus[], namespace: string): Problem[] {
  const pods = items.filter((status) => status.difference && status.sync.state !== 'not-connected');
  return perKey(
    pods.map((status) => [describeDifference(status), status.pod.name]),
    (difference, names) => ({
      severity: 'error',
      text: `${who(names)} ${verb(names, 'serves', 'serve')} something else than most pods: ${difference}`,
      next: [seeDifference(names, namespace)],
    }),
  );
}

/** Envoy's own record of what it refused, and istiod's where Envoy has none: of a type that `status` does not ask Envoy for. */
function rejected(items: readonly PodStatus[]): Problem[] {
  const own = items.flatMap(({ pod, report }) => (report?.rejections ?? []).map((rejection) => [describeRejection(rejection), pod.name] as const));
  const known = new Set(own.map(([, name]) => name));
  const istiods = items.flatMap(({ pod, sync }) => {
    if (known.has(pod.name) || sync.state !== 'connected') return [];
    return xdsTypes.flatMap((type) => {
      const { state, error } = sync.types[type] ?? {};
      return state === 'NACK' ? [[`the last ${type} update${error === undefined ? '' : `: "${error}"`}`, pod.name] as const] : [];
    });
  });
  return perKey([...own, ...istiods], (what, names) => ({
    severity: 'error',
    text: `${who(names)} rejected ${what}`,
    next: ['what was there before goes on being served; a restart would lose it, so correct what is rejected first'],
  }));
}

const describeRejection = (rejection: RejectedResource): string => `${rejection.kind} ${rejection.name}: "${rejection.details}"`;

function warming(items: readonly PodStatus[], namespace: string): Problem[] {
  const pairs = items.flatMap(({ pod, report }) => (report?.warmingSecrets ?? []).map((name) => [name, pod.name] as const));
  return perKey(pairs, (secret, names) => ({
    severity: 'error',
    text: `${who(names)} ${verb(names, 'waits', 'wait')} for secret ${secret}: istiod has not delivered it, and TLS to its hosts fails`,
    next: [describeSecretLookup(secret, namespace), ours(`secrets --name ${secret}`, namespace)],
  }));
}

/** `kubernetes://name` is in the proxy's namespace, `kubernetes://namespace/name` and `kubernetes-gateway://` say where. */
function describeSecretLookup(secret: string, namespace: string): string {
  const path = secret.replace(/^[a-z-]+:\/\//, '').split('/');
  const [own, name] = path.length === 2 ? path : [namespace, path[0]];
  return `kubectl -n ${own} get secret ${name}`;
}

function stale(items: readonly PodStatus[]): Problem[] {
  const pairs = items.flatMap(({ pod, sync }) =>
    sync.state === 'connected' ? xdsTypes.filter((type) => sync.types[type]?.state === 'STALE').map((type) => [type, pod.name] as const) : [],
  );
  return perKey(pairs, (type, names) => ({
    severity: 'warning',
    text: `${who(names)} ${verb(names, 'has', 'have')} not acknowledged the last ${type} update`,
    next: ['just after a change this passes by itself: ask again in a minute'],
  }));
}

function unknownSync(items: readonly PodStatus[]): Problem[] {
  const pairs = items.flatMap(({ pod, sync }) => (sync.state === 'unknown' ? [[sync.why, pod.name] as const] : []));
  return perKey(pairs, (why, names) => ({
    severity: 'warning',
    text: `nobody can say whether ${who(names)} ${verb(names, 'is', 'are')} in sync: ${why}`,
    next: [],
  }));
}

/** Pods that are deleted, and proxies that do not take or no longer take connections. */
function leaving(items: readonly PodStatus[]): Problem[] {
  const pairs = items.flatMap(({ pod, report }) => {
    if (pod.deletedAt !== undefined) return [['being deleted', pod.name] as const];
    return report && report.proxy.state !== 'LIVE' ? [[report.proxy.state, pod.name] as const] : [];
  });
  return perKey(pairs, (state, names) => ({ severity: 'warning', text: `${who(names)} ${verb(names, 'is', 'are')} ${state}`, next: [] }));
}

function raisedLevels(items: readonly PodStatus[]): Problem[] {
  const pairs = items.flatMap(({ pod, report }) => (report?.raisedLogLevels.length ? [[report.raisedLogLevels.join(', '), pod.name] as const] : []));
  return perKey(pairs, (levels, names) => ({
    severity: 'warning',
    text: `${who(names)} ${verb(names, 'logs', 'log')} more than at start: ${levels}`,
    next: ['kubectl istio-ingress log-level --restore'],
  }));
}

function silentIstiods(answer: Answer<PodStatus>): Problem[] {
  return istiodsOf(answer).flatMap(({ name, failed }) =>
    failed === undefined ? [] : [{ severity: 'warning', text: `${name} did not answer: ${failed}`, next: [] }],
  );
}

/** Why stands on stderr and in JSON. */
function silentPods(items: readonly PodStatus[]): Problem[] {
  const names = items.filter(({ report }) => !report).map(({ pod }) => pod.name);
  if (names.length === 0) return [];
  return [{ severity: 'error', text: `${who(names)} did not answer: what ${verb(names, 'it serves', 'they serve')} is not known`, next: [] }];
}

function nodesWithoutPod({ gateway }: Answer<PodStatus>): Problem[] {
  const { nodesWithoutPod: nodes, kind, name, namespace } = gateway;
  if (nodes.length === 0) return [];
  const names = nodes.map(({ node }) => node);
  return [
    {
      severity: 'error',
      text: `${names.length > 3 ? `${names.length} nodes have` : `${names.join(', ')} ${verb(names, 'has', 'have')}`} no gateway pod: requests that the load balancer sends there fail`,
      next: [kind === 'DaemonSet' ? `kubectl -n ${namespace} describe daemonset ${name}` : `kubectl -n ${namespace} get events`],
    },
  ];
}
