// The rights that the tool can use, and what is lost without each: what `doctor` asks the API server for, and `help
// rbac` lists.

import { type KindRight, kinds, type Resource, type RightPlace, resources } from '#core/kinds.ts';

export type { RightPlace };

export interface Right extends KindRight {
  readonly group: string;
  /** Plural, with their subresource: `pods/log`. */
  readonly resources: readonly string[];
}

const stream = { group: '', verbs: ['get', 'create'] } as const;

/** The ways into pods, and istiod's pods beside the gateway's. */
const ways: readonly Right[] = [
  {
    ...stream,
    resources: ['pods/portforward'],
    place: 'gateway',
    need: 'forward',
    without: 'everything that Envoy answers, unless exec is allowed; a snapshot needs neither: --from',
    purpose: "the way to Envoy's admin port and istiod's debug port",
  },
  {
    ...stream,
    resources: ['pods/exec'],
    place: 'gateway',
    need: 'optional',
    without: 'nothing, where port-forward is allowed: exec is the other way in',
  },
  {
    verbs: ['list'],
    group: '',
    resources: ['pods'],
    place: 'istiod',
    need: 'wanted',
    without: 'whether a pod is in sync: status says UNKNOWN, and why',
  },
  {
    ...stream,
    resources: ['pods/portforward'],
    place: 'istiod',
    need: 'wanted',
    without: 'whether a pod is in sync, likewise',
  },
];

const logs: Right = {
  verbs: ['get'],
  group: '',
  resources: ['pods/log'],
  place: 'gateway',
  need: 'wanted',
  without: 'logs',
  purpose: 'logs',
};

/** In the table's order; kinds with the same right are one. */
const ofKinds: readonly Right[] = [
  ...Map.groupBy(resources, (resource) => JSON.stringify([kinds[resource].group, kinds[resource].right])).values(),
].map((alike) => {
  const { group, right } = kinds[alike[0] as Resource];
  return { ...right, group, resources: alike };
});

const neededFor = (need: Right['need'], place?: RightPlace): readonly Right[] =>
  ofKinds.filter((right) => right.need === need && (place === undefined || right.place === place));

export const rights: readonly Right[] = [
  ...neededFor('needed'),
  ...ways,
  ...neededFor('wanted', 'gateway'),
  logs,
  ...neededFor('wanted', 'cluster'),
  ...neededFor('optional'),
];

/** A right, or a part of one, that somebody does not have. */
export interface MissingRight {
  readonly verbs: readonly string[];
  readonly group: string;
  readonly resources: readonly string[];
  /** Undefined: in all namespaces, or in none. */
  readonly namespace: string | undefined;
}

/** `get, create pods/portforward in istio-system` */
export function describeRight({ verbs, resources, group, namespace }: MissingRight): string {
  const what = resources
    .map((resource) => (group === '' || group === 'apps' ? resource : `${resource}.${group}`))
    .join(', ');
  return `${verbs.join(', ')} ${what}${namespace === undefined ? '' : ` in ${namespace}`}`;
}
