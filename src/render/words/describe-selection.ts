// What `clusters` and `endpoints` say on stderr about what they leave out: services that exist and are not routed to.

import { someOf } from '#core/phrase.ts';
import type { SelectionSum } from '#model/selection.ts';
import { describeCluster } from './describe-cluster.ts';

/** `what` is the kind of the items, `items` their number. */
export function describeSelection(what: string, items: number, selection: SelectionSum['sum']): string[] {
  const unrouted = [...selection.unrouted].map(describeCluster);
  return [
    ...(unrouted.length > 0 ? [describeUnrouted(unrouted)] : []),
    ...(selection.unknown.size > 0
      ? [
          `routes may lead to more than is shown: ${someOf([...selection.unknown])}. To see everything, add --whole-mesh`,
        ]
      : []),
    ...(selection.routed === undefined && items > 0 ? [notAsked] : []),
    ...(items === 0 && unrouted.length === 0 ? [nothingFound(what, selection.routed)] : []),
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
