// Where what Envoy holds need not be what it serves. A secret that Envoy rejects stands in its dump as active all the
// same, while the certificate before it goes on being served: the new content is set before it is tried, and the time of
// the update after that. Source: envoy source/common/secret/sds_api.cc SdsApi::onConfigUpdate.

import type { Certificate, Secret } from './certificate.ts';

/** Why what is held may not be served. */
export interface Doubt {
  /** A clause that goes on after "…, because": `its first certificate is a CA`. */
  readonly text: string;
  /** True where Envoy cannot have taken it; else it may have. */
  readonly isSure: boolean;
}

/** Clocks of the API server, of who signs and of the pod differ by so much without anything being wrong. */
const clockSlackMs = 5_000;

/** What the dump alone says, the surest first. `lastUpdated`: when Envoy last took an update of the secret, RFC 3339. */
export function doubtsOfSecret(
  { chain, kind, state, unreadable, file }: Pick<Secret, 'chain' | 'kind' | 'state' | 'unreadable' | 'file'>,
  lastUpdated: string | undefined,
): Doubt[] {
  if (kind !== 'certificate' || state === 'warming' || file !== undefined) return [];
  const [first, second] = chain;
  if (unreadable !== undefined) return [{ text: `its content cannot be read: ${unreadable}`, isSure: false }];
  if (!first) return [];
  return [...orderDoubts(first, second), ...ageDoubts(chain, lastUpdated)];
}

/** A CA that is alone signs itself and may serve a host. */
function orderDoubts(first: Certificate, second: Certificate | undefined): Doubt[] {
  if (!second) return [];
  if (first.isCa && !second.isCa) {
    const text = `${second.subject} stands second in the chain, after the CA ${first.subject}, and Envoy takes the first for the one that the key belongs to`;
    return [{ text, isSure: false }];
  }
  if (first.isCa && first.dnsNames.length === 0)
    return [
      {
        text: `the first certificate of the chain is a CA, ${first.subject}, and Envoy takes that for the host's`,
        isSure: false,
      },
    ];
  if (!second.isCa && second.fingerprint !== first.fingerprint)
    return [{ text: `${second.subject}, which is no CA, stands second in the chain`, isSure: false }];
  return [];
}

function ageDoubts(chain: readonly Certificate[], lastUpdated: string | undefined): Doubt[] {
  const youngest = chain
    .map(({ notBefore }) => notBefore)
    .sort()
    .at(-1);
  if (!isAfter(youngest, lastUpdated)) return [];
  const text = `it was signed at ${youngest}, after the last update of the secret that Envoy has taken, at ${withoutFraction(lastUpdated)}`;
  return [{ text, isSure: false }];
}

export const isAfter = (later: string | undefined, earlier: string | undefined): boolean =>
  later !== undefined && earlier !== undefined && Date.parse(later) > Date.parse(earlier) + clockSlackMs;

export const withoutFraction = (at = ''): string => at.replace(/\.\d+Z$/, 'Z');
