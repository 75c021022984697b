// What `certs` finds wrong, as findings of checks: one for each place, which evaluate() puts together.

import { count, someOf } from '#core/phrase.ts';
import type { HostCertificateItem, ProblemCode } from '#model/host-certificate.ts';
import type { FoundProblem } from './check.ts';

export const certificateFindings = (
  items: readonly HostCertificateItem[],
  codes: readonly ProblemCode[],
): FoundProblem[] =>
  items.flatMap((item) =>
    item.problems
      .filter(({ code }) => codes.includes(code))
      .map(({ severity, text, about, next }) => ({
        severity,
        place: placeOf(item),
        text,
        pods: item.pods,
        concerns: [
          ...(about ? [about] : []),
          ...(item.value.gateway ? [item.value.gateway] : []),
          ...item.claims.map(({ gateway }) => gateway),
        ],
        hosts: item.value.host === undefined ? [] : [item.value.host],
        next,
      })),
  );

/** Where nobody can see what clients get, nothing is found wrong with it either. */
export function unseenCertificates(items: readonly HostCertificateItem[]): string | undefined {
  const unseen = items.filter(({ problems }) => problems.some(({ code }) => code === 'from-file'));
  const places = [...new Set(unseen.map(placeOf))];
  return places.length === 0
    ? undefined
    : `of ${count(places.length, 'host')} the certificate cannot be seen: ${someOf(places)}`;
}

const placeOf = ({ value: { host, port, secret } }: HostCertificateItem): string =>
  host === undefined ? (secret ?? '') : `${host}:${port}`;
