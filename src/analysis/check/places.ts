// Findings of single places, such as `a.example:443`: what is the same in several of them is said once.

import type { Finding } from '#model/finding.ts';

export interface PlacedFinding extends Finding {
  /** Undefined of what has no place. */
  readonly place?: string;
}

const most = 6;

/** In the order of their first places. `partOf`: what is of different parts stays apart. */
export function together(findings: readonly PlacedFinding[], partOf: (one: Finding) => string = () => ''): Finding[] {
  const alike = Map.groupBy(findings, (one) =>
    one.place === undefined ? one : JSON.stringify([one.severity, one.text, one.avoid, partOf(one)]),
  );
  return [...alike.values()].flatMap(asOne);
}

function asOne(group: readonly PlacedFinding[]): Finding[] {
  const [first] = group;
  if (!first) return [];
  if (first.place === undefined) return [first];
  const { place: _, ...rest } = first;
  const places = [...new Set(group.flatMap(({ place }) => place ?? []))].sort();
  const more = places.length > most ? ` and ${places.length - most} more` : '';
  const hosts = [...new Set(group.flatMap((one) => one.hosts ?? []))];
  return [
    {
      ...rest,
      text: `${places.slice(0, most).join(', ')}${more}: ${first.text}`,
      pods: [...new Set(group.flatMap(({ pods }) => pods))],
      concerns: group.flatMap(({ concerns }) => concerns),
      ...(hosts.length === 0 ? {} : { hosts }),
    },
  ];
}
