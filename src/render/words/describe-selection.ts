// What `clusters` and `endpoints` say on stderr about what they leave out: services that exist and are not routed to.

import { someOf } from '#core/phrase.ts';
import type { SelectionSum } from '#model/selection.ts';
import { describeCluster } from './describe-cluster.ts';

/** `what`: the kind of the items, of which there are so many. */
export function describeSelection(what: string, items: number, selection: SelectionSum['sum']): string[] {
  const unrouted = [...selection.unrouted].map(describeCluster);
  return [
    ...(unrouted.length > 0 ? [describeUnrouted(unrouted)] : []),
    ...(selection.unknown.size > 0
      ? [`more may be routed to than is shown, --whole-mesh shows all: ${someOf([...selection.unknown])}`]
      : []),
    ...(items === 0 && unrouted.length === 0 ? [nothingFound(what, [...selection.routed].map(describeCluster))] : []),
  ];
}

const describeUnrouted = (names: readonly string[]): string =>
  `${someOf(names)} ${names.length === 1 ? 'exists and is' : 'exist and are'} not routed to by the ingress: --whole-mesh shows ${names.length === 1 ? 'it' : 'them'}`;

const nothingFound = (what: string, routed: readonly string[]): string =>
  routed.length === 0
    ? `no ${what}: the ingress routes to no service`
    : `no ${what} matches; services that the ingress routes to: ${someOf(routed)}`;
