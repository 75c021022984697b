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
      ? [`more may be routed to than is shown, --whole-mesh shows all: ${someOf([...selection.unknown])}`]
      : []),
    ...(selection.routed === undefined && items > 0 ? [notAsked] : []),
    ...(items === 0 && unrouted.length === 0 ? [nothingFound(what, selection.routed)] : []),
  ];
}

const describeUnrouted = (names: readonly string[]): string =>
  `${someOf(names)} ${names.length === 1 ? 'exists and is' : 'exist and are'} not routed to by the ingress: --whole-mesh shows ${names.length === 1 ? 'it' : 'them'}`;

const notAsked = 'what the ingress routes to, and what of that is missing, is shown by -o wide';

function nothingFound(what: string, routed: ReadonlySet<string> | undefined): string {
  if (routed === undefined) return `no ${what} matches`;
  return routed.size === 0
    ? `no ${what}: the ingress routes to no service`
    : `no ${what} matches; services that the ingress routes to: ${someOf([...routed].map(describeCluster))}`;
}
