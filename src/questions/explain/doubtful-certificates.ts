// Whether clients get the certificate that an explanation names, as far as the pods' dumps and its Secret tell without a
// handshake: by the rule of `certs` and `check`.

import { doubtsOfHost } from '#analysis/certificates/doubts.ts';
import { withoutPort } from '#core/host.ts';
import type { Source } from '#core/source.ts';
import { type Explanation, held, type Sent, type ServedCertificate, withCertificates } from '#model/explanation.ts';
import type { SecretBehind } from '#model/kubernetes-certificate.ts';
import type { Request } from '#model/request.ts';
import { readSecretsBehind } from '#questions/kubernetes-certificates.ts';

/** Gives each of these the surest doubt of each certificate. A Secret that may not be read costs what it would say. */
export async function doubtsIn(
  source: Source,
  explanations: readonly Explanation[],
  { sni, authority }: Pick<Request, 'sni' | 'authority'>,
): Promise<(explanation: Explanation) => Explanation> {
  const names = explanations.flatMap(({ chain }) => chain?.certificates.map(({ secret }) => secret) ?? []);
  const { namespace } = await source.gateway();
  const { found } = await readSecretsBehind(source, names, namespace);
  const host = withoutPort(sni ?? authority);
  return (explanation) => withCertificates(explanation, (one) => withDoubt(one, host, found));
}

/** A doubt is over where every answer of these came with the certificate. */
export function withoutSettled(explanation: Explanation, sent: readonly Pick<Sent, 'serial'>[]): Explanation {
  const serials = new Set(sent.map(({ serial }) => serial));
  return withCertificates(explanation, ({ doubt, ...one }) =>
    doubt === undefined || (serials.size === 1 && serials.has(one.serial)) ? one : { ...one, doubt },
  );
}

function withDoubt(
  certificate: ServedCertificate,
  host: string,
  secrets: ReadonlyMap<string, SecretBehind>,
): ServedCertificate {
  const value = { host, outcome: 'certificate', envoySecret: certificate[held] } as const;
  const [doubt] = doubtsOfHost(value, value.envoySecret?.lastUpdated, secrets.get(certificate.secret));
  return doubt ? { ...certificate, doubt: doubt.text } : certificate;
}
