// What `certs` finds wrong, as findings of checks: what several hosts share is said once.

import type { HostCertificateItem, ProblemCode } from '#model/host-certificate.ts';
import type { FoundProblem } from './check.ts';

const mostHosts = 6;

export function certificateFindings(
  items: readonly HostCertificateItem[],
  codes: readonly ProblemCode[],
): FoundProblem[] {
  const pairs = items.flatMap((item) =>
    item.problems.filter(({ code }) => codes.includes(code)).map((problem) => ({ item, problem })),
  );
  return [...Map.groupBy(pairs, ({ problem }) => `${problem.severity} ${problem.text}`).values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const places = [...new Set(group.map(({ item }) => placeOf(item)))].sort();
    const shown =
      places.length > mostHosts
        ? `${places.slice(0, mostHosts).join(', ')} and ${places.length - mostHosts} more`
        : places.join(', ');
    return [
      {
        severity: first.problem.severity,
        text: `${shown}: ${first.problem.text}`,
        pods: [...new Set(group.flatMap(({ item }) => item.pods))],
        concerns: group.flatMap(({ item, problem: { about } }) => [
          ...(about ? [about] : []),
          ...(item.value.gateway ? [item.value.gateway] : []),
          ...item.claims.map(({ gateway }) => gateway),
        ]),
        hosts: [...new Set(group.flatMap(({ item }) => item.value.host ?? []))],
        next: first.problem.next,
      },
    ];
  });
}

const placeOf = ({ value: { host, port, secret } }: HostCertificateItem): string =>
  host === undefined ? (secret ?? '') : `${host}:${port}`;
