// What `clusters` and `endpoints` say on stderr about what they leave out: services that exist and are not routed to.

import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { count, someOf } from '#core/phrase.ts';
import type { SelectionSum } from '#model/selection.ts';
import { describeCluster } from './describe-cluster.ts';

interface Selected {
  readonly items: readonly unknown[];
  readonly pods: readonly PodOutcome<unknown>[];
}

/** `what` is the kind of the items. */
export function describeSelection(
  what: string,
  { items: { length: items }, pods }: Selected,
  wholeMesh: boolean,
  selection: SelectionSum['sum'],
): string[] {
  const unrouted = [...selection.unrouted].map(describeCluster);
  return [
    ...(unrouted.length > 0 ? [describeUnrouted(unrouted)] : []),
    ...(selection.unknown.size > 0
      ? [
          `routes may lead to more than is shown: ${someOf([...selection.unknown])}. To see everything, add --whole-mesh`,
        ]
      : []),
    ...(wholeMesh ? [] : describeJudges(pods)),
    ...(selection.routed === undefined && items > 0 ? [notAsked] : []),
    ...(items === 0 && unrouted.length === 0 ? [nothingFound(what, selection.routed)] : []),
  ];
}

/** The endpoints of a pod that answered are not shown where only a pod that did not answer routes to their service. */
function describeJudges(pods: readonly PodOutcome<unknown>[]): string[] {
  const answered = pods.filter(hasAnswered).length;
  return answered === pods.length
    ? []
    : [
        `what the ingress routes to goes by ${answered} of ${count(pods.length, 'pod')}: there may be more. To see everything, add --whole-mesh`,
      ];
}

function describeUnrouted(names: readonly string[]): string {
  const [exist, them] = names.length === 1 ? ['exists', 'it'] : ['exist', 'them'];
  return `${someOf(names)} ${exist}, but the ingress does not route to ${them}. To see ${them}, add --whole-mesh`;
}

const notAsked = 'to see what the ingress routes to, and what of that is missing, add -o wide';

function nothingFound(what: string, routed: ReadonlySet<string> | undefined): string {
  if (routed === undefined) return `no ${what} matches`;
  return routed.size === 0
    ? `no ${what}: the ingress routes to no service`
    : `no ${what} matches; services that the ingress routes to: ${someOf([...routed].map(describeCluster))}`;
}
