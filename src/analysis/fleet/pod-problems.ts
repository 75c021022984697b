// What is wrong with pods, in the words that `status` and `check` share. Each of them adds its own severity and next
// step.

import type { Pod } from '#core/fleet.ts';
import { andList, count } from '#core/phrase.ts';
import { cutOff } from '#core/rejection-reason.ts';
import { type Step, step } from '#core/shell.ts';
import { comparedInFull, countOf, type PodStatus, pluralOf, type RejectedResource } from '#model/status.ts';
import { type XdsType, xdsTypes } from '#model/sync.ts';
import { perPods, who } from './per-pods.ts';

/** A problem of several pods is one problem; `pods`: their names, at least one. */
export interface PodProblem {
  readonly text: string;
  readonly pods: readonly string[];
}

type Sentence = (what: string, pods: readonly string[]) => string;

/** `whatOf`: what a pod has of the problem, none or more. */
const problemsOf = <Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  whatOf: (item: Item) => readonly string[],
  sentence: Sentence,
): PodProblem[] =>
  perPods(
    items.flatMap((item) => whatOf(item).map((what) => [what, nameOf(item)] as const)),
    (what, pods) => ({ text: sentence(what, pods), pods }),
  );

const ofStatuses = (
  statuses: readonly PodStatus[],
  whatOf: (status: PodStatus) => readonly string[],
  sentence: Sentence,
): PodProblem[] => problemsOf(statuses, ({ pod }) => pod.name, whatOf, sentence);

export const notReady = (pods: readonly Pod[]): PodProblem[] =>
  problemsOf(
    pods,
    ({ name }) => name,
    ({ isReady, deletedAt, reason, phase }) => (isReady || deletedAt !== undefined ? [] : [reason ?? phase]),
    (reason, names) => `${who(names, 'is', 'are')} not ready: ${reason}`,
  );

export interface RejectedThing {
  readonly kind: RejectedResource['kind'] | XdsType;
  /** Empty where no name is known. */
  readonly name: string;
  /** Envoy's reason. */
  readonly details: string | undefined;
}

export const rejected = (statuses: readonly PodStatus[]): PodProblem[] =>
  rejectedThings(statuses).map(({ text, pods }) => ({ text, pods }));

/** Each once, with the pods that have rejected it. */
export const rejectedThings = (statuses: readonly PodStatus[]): (PodProblem & { readonly thing: RejectedThing })[] =>
  [
    ...Map.groupBy(
      statuses.flatMap((status) => rejectionsOf(status).map((thing) => ({ thing, pod: status.pod.name }))),
      ({ thing }) => describeRejected(thing),
    ),
  ].flatMap(([what, group]) => {
    const pods = [...new Set(group.map(({ pod }) => pod))];
    return group
      .slice(0, 1)
      .map(({ thing }) => ({ thing, pods, text: `${who(pods, 'has', 'have')} rejected ${what}` }));
  });

function describeRejected({ kind, name, details }: RejectedThing): string {
  const what = isType(kind) ? `the last ${kind} update` : `${kind} ${name || 'of a name that is not known'}`;
  return details === undefined ? what : `${what}: "${details}"`;
}

const isType = (kind: RejectedThing['kind']): kind is XdsType => (xdsTypes as readonly string[]).includes(kind);

const typeOf = { listener: 'LDS', cluster: 'CDS', 'route configuration': 'RDS', secret: 'SDS' } as const;

/** Envoy's own record of what it refused, and istiod's of the types of which Envoy has none. */
function rejectionsOf({ report, sync }: PodStatus): RejectedThing[] {
  const own = (report?.rejections ?? []).map(({ kind, name, details }) => ({ kind, name, details }));
  if (sync.state !== 'connected') return own;
  const recorded = new Set<XdsType>(own.map(({ kind }) => typeOf[kind]));
  const others = xdsTypes.flatMap((type): RejectedThing[] => {
    const { state, error } = sync.types[type] ?? {};
    return state === 'NACK' && !recorded.has(type) ? [{ kind: type, name: '', details: error }] : [];
  });
  return [...own, ...others];
}

/** The command that finds the reason, where istiod has kept none. */
export function logOfRejection(statuses: readonly PodStatus[], { text, pods: [first] }: PodProblem): Step[] {
  const pod = statuses.find((status) => status.pod.name === first)?.pod;
  return pod && text.includes(cutOff)
    ? [step`kubectl -n ${pod.namespace} logs ${pod.name} | grep 'validation failed'`]
    : [];
}

export const differing = (statuses: readonly PodStatus[]): PodProblem[] =>
  ofStatuses(
    statuses,
    differenceOf,
    (difference, names) => `${who(names, 'serves', 'serve')} something else than most pods: ${difference}`,
  );

/** None where nothing differs, else one: `3 routes and 1 certificate differ`. */
export function differenceOf({ difference }: PodStatus): string[] {
  if (!difference) return [];
  const differing = comparedInFull.flatMap((thing) => {
    const number = difference[countOf(thing)] ?? 0;
    return number > 0 ? [{ number, text: pluralOf(thing) === thing ? `the ${thing}` : count(number, thing) }] : [];
  });
  if (differing.length === 0) return ['the contents differ'];
  const verb = differing.reduce((sum, { number }) => sum + number, 0) === 1 ? 'differs' : 'differ';
  return [`${andList(differing.map(({ text }) => text))} ${verb}`];
}

export const stale = (statuses: readonly PodStatus[]): PodProblem[] =>
  ofStatuses(statuses, staleTypes, (type, names) =>
    type === 'nothing'
      ? `${who(names, 'is', 'are')} connected to istiod, which has sent nothing yet`
      : `${who(names, 'has', 'have')} not acknowledged the last ${type} update`,
  );

/** istiod 1.18 calls STALE what Envoy has rejected: Envoy's own record says that already. */
function staleTypes({ report, sync }: PodStatus): (XdsType | 'nothing')[] {
  if (sync.state !== 'connected') return [];
  if (sync.types.CDS?.state === 'NOT SENT') return ['nothing'];
  const refused = new Set<XdsType>((report?.rejections ?? []).map(({ kind }) => typeOf[kind]));
  return xdsTypes.filter((type) => sync.types[type]?.state === 'STALE' && !refused.has(type));
}

export const unknownSync = (statuses: readonly PodStatus[]): PodProblem[] =>
  ofStatuses(
    statuses,
    ({ sync }) => (sync.state === 'unknown' ? [sync.why] : []),
    (why, names) => `nobody can say whether ${who(names, 'is', 'are')} in sync: ${why}`,
  );

/**
 * What a proxy that has started waits for. Source: envoy/admin/v3/server_info.proto State; clusters of the bootstrap by
 * DNS name (zipkin, before Istio 1.22) hold it up as well.
 */
const waitsFor: Readonly<Record<string, string>> = {
  PRE_INITIALIZING:
    'it serves nothing yet, and waits for its first clusters: from istiod, or for DNS to answer for a name in its bootstrap',
  INITIALIZING: 'it serves nothing yet, and waits for its first routes or certificates',
};

const withReason = (state: string): string => [state, waitsFor[state] ?? []].flat().join(': ');

/** Pods that are deleted, and proxies that do not take or no longer take connections. */
export const leaving = (statuses: readonly PodStatus[]): PodProblem[] =>
  ofStatuses(
    statuses,
    ({ pod, report }) => {
      if (pod.deletedAt !== undefined) return ['being deleted'];
      return report && report.proxy.state !== 'LIVE' ? [withReason(report.proxy.state)] : [];
    },
    (state, names) => `${who(names, 'is', 'are')} ${state}`,
  );

export const raisedLevels = (statuses: readonly PodStatus[]): PodProblem[] =>
  ofStatuses(
    statuses,
    ({ report }) => (report?.raisedLogLevels.length ? [report.raisedLogLevels.join(', ')] : []),
    (levels, names) => `${who(names, 'logs', 'log')} more than at start: ${levels}`,
  );
