// Shared by the questions about certificates: one pod's certificates, and the notes for an empty answer or for
// certificates that end.

import { clientCaEndsWithin, endsWithin } from '#analysis/certificates/certificate-deadline.ts';
import { nearestHosts } from '#analysis/request/nearest-hosts.ts';
import type { PodOutcome } from '#core/fleet.ts';
import { hasAnswered } from '#core/fleet.ts';
import { someOf } from '#core/phrase.ts';
import { mapOutcomes } from '#model/merge-pods.ts';
import type { PodSecrets } from './pod-certificates.ts';

/** One pod's part of the answer. */
export interface PodCertificates<Row> extends Omit<PodSecrets, 'secrets'> {
  readonly rows: readonly Row[];
  /** Every host that the pod's listeners name, for "did you mean"; empty where something was found. */
  readonly hosts: readonly string[];
}

/** Whose part of the TLS is asked for. */
export type CertificatePart = 'certificate' | 'client-ca' | 'upstream-ca';

export const rowsOf = <Row>(pods: readonly PodOutcome<PodCertificates<Row>>[]) =>
  mapOutcomes(pods, ({ rows }) => rows).filter(hasAnswered);

/** PEM blocks of each pod, by the pod's name and the secret's. */
export const bundlesOf = (
  pods: readonly PodOutcome<Pick<PodSecrets, 'bundles'>>[],
): Map<string, PodSecrets['bundles']> => new Map(pods.filter(hasAnswered).map(({ pod, ok }) => [pod.name, ok.bundles]));

interface Ending {
  readonly value: Parameters<typeof endsWithin>[0] &
    Parameters<typeof clientCaEndsWithin>[0] & {
      readonly host?: string | undefined;
      readonly secret: string | undefined;
      readonly cluster?: string;
    };
}

/** Empty where no certificate ends within that time, or the user gave no --fail-within. `failWithin`: milliseconds. */
export function lateNotes(items: readonly Ending[], failWithin: number | undefined, now: Date): string[] {
  if (failWithin === undefined) return [];
  const late = items.flatMap(({ value }) => {
    const name = value.host ?? value.cluster ?? value.secret ?? '';
    if (endsWithin(value, failWithin, now)) return [name];
    return clientCaEndsWithin(value, failWithin, now) ? [`${name} (the CA of its clients)`] : [];
  });
  return late.length === 0
    ? []
    : [`not valid from now until ${new Date(now.getTime() + failWithin).toISOString().slice(0, 16)}Z: ${someOf(late)}`];
}

export function nothingFound(asked: string | undefined, part: CertificatePart, hosts: readonly string[]): string {
  if (hosts.length === 0) return 'no certificates: no Gateway with TLS reaches this gateway';
  if (asked !== undefined && !hosts.some((host) => host === asked)) {
    const near = nearestHosts(asked, hosts);
    return `nothing has that name${near.length === 0 ? '' : `; the nearest hosts: ${near.join(', ')}`}`;
  }
  return part === 'client-ca'
    ? 'no host asks for certificates of clients'
    : `no route leads anywhere${asked === undefined ? '' : ` from ${asked}`}`;
}
