// What is wrong with pods, in the words that `status` and `check` share. How bad it is and what to do next, each of
// them says itself.

import type { Pod } from '#core/fleet.ts';
import { andList, count } from '#core/phrase.ts';
import { cutOff } from '#core/rejection-reason.ts';
import { step } from '#core/shell.ts';
import { comparedInFull, type PodStatus } from '#model/status.ts';
import { xdsTypes } from '#model/sync.ts';
import { perPods, who } from './per-pods.ts';

/** One that many pods have is there once; `pods`: their names, at least one. */
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

export const rejected = (statuses: readonly PodStatus[]): PodProblem[] =>
  ofStatuses(statuses, rejectionsOf, (what, names) => `${who(names, 'has', 'have')} rejected ${what}`);

/** Envoy's own record of what it refused, and istiod's where Envoy has none: of a type that Envoy is not asked for. */
function rejectionsOf({ report, sync }: PodStatus): string[] {
  const own = (report?.rejections ?? []).map(({ kind, name, details }) => `${kind} ${name}: "${details}"`);
  if (own.length > 0 || sync.state !== 'connected') return own;
  return xdsTypes.flatMap((type) => {
    const { state, error } = sync.types[type] ?? {};
    return state === 'NACK' ? [`the last ${type} update${error === undefined ? '' : `: "${error}"`}`] : [];
  });
}

/** Where the reason is, when istiod has kept none. */
export function logOfRejection(statuses: readonly PodStatus[], { text, pods: [first] }: PodProblem): string[] {
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
    const number = difference[`${thing}s`] ?? 0;
    return number > 0 ? [{ number, text: count(number, thing) }] : [];
  });
  if (differing.length === 0) return ['the contents differ'];
  const verb = differing.reduce((sum, { number }) => sum + number, 0) === 1 ? 'differs' : 'differ';
  return [`${andList(differing.map(({ text }) => text))} ${verb}`];
}

export const stale = (statuses: readonly PodStatus[]): PodProblem[] =>
  ofStatuses(
    statuses,
    ({ sync }) => (sync.state === 'connected' ? xdsTypes.filter((type) => sync.types[type]?.state === 'STALE') : []),
    (type, names) => `${who(names, 'has', 'have')} not acknowledged the last ${type} update`,
  );

export const unknownSync = (statuses: readonly PodStatus[]): PodProblem[] =>
  ofStatuses(
    statuses,
    ({ sync }) => (sync.state === 'unknown' ? [sync.why] : []),
    (why, names) => `nobody can say whether ${who(names, 'is', 'are')} in sync: ${why}`,
  );

/** Pods that are deleted, and proxies that do not take or no longer take connections. */
export const leaving = (statuses: readonly PodStatus[]): PodProblem[] =>
  ofStatuses(
    statuses,
    ({ pod, report }) => {
      if (pod.deletedAt !== undefined) return ['being deleted'];
      return report && report.proxy.state !== 'LIVE' ? [report.proxy.state] : [];
    },
    (state, names) => `${who(names, 'is', 'are')} ${state}`,
  );

export const raisedLevels = (statuses: readonly PodStatus[]): PodProblem[] =>
  ofStatuses(
    statuses,
    ({ report }) => (report?.raisedLogLevels.length ? [report.raisedLogLevels.join(', ')] : []),
    (levels, names) => `${who(names, 'logs', 'log')} more than at start: ${levels}`,
  );
