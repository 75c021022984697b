// What `clusters` and `endpoints` say on stderr about what they leave out: services that exist and are not routed to.

import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import type { Selection } from '#model/selection.ts';
import { describeCluster } from './describe-cluster.ts';
import { someOf } from './phrase.ts';

/** `what`: the kind of the items. */
export function describeSelection(what: string, items: number, outcomes: readonly PodOutcome<Selection>[]): string[] {
  const all = outcomes.filter(hasAnswered).map(({ ok }) => ok);
  const routed = new Set(all.flatMap((one) => one.routed));
  const unrouted = [...new Set(all.flatMap((one) => one.unrouted))].filter((name) => !routed.has(name)).map(describeCluster);
  const unknown = all.flatMap((one) => one.unknown);
  return [
    ...(unrouted.length > 0 ? [describeUnrouted(unrouted)] : []),
    ...(unknown.length > 0 ? [`more may be routed to than is shown, --whole-mesh shows all: ${someOf(unknown)}`] : []),
    ...(items === 0 && unrouted.length === 0 && all.length > 0 ? [nothingFound(what, [...routed].map(describeCluster))] : []),
  ];
}

const describeUnrouted = (names: readonly string[]): string =>
  `${someOf(names)} ${names.length === 1 ? 'exists and is' : 'exist and are'} not routed to by the ingress: --whole-mesh shows ${names.length === 1 ? 'it' : 'them'}`;

const nothingFound = (what: string, routed: readonly string[]): string =>
  routed.length === 0 ? `no ${what}: the ingress routes to no service` : `no ${what} matches; services that the ingress routes to: ${someOf(routed)}`;
