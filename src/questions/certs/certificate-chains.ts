// The chains themselves, as Envoy holds them: in PEM, or each certificate in full.

import type { PodPem } from '#analysis/certificates/one-pem.ts';
import type { Asking, QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { certificateBlocks } from '#dump/x509/certificate.ts';
import { readCertificateDetails } from '#dump/x509/details.ts';
import type { CertificateText } from '#model/certificate-details.ts';
import type { OnPods } from '#model/merge-pods.ts';
import { fetchFleetCertificates } from './host-certificates.ts';
import { bundlesOf, type CertificatePart } from './rows.ts';
import { fetchFleetUpstreams } from './upstream-cas.ts';

export interface CertificateChainsQuestion {
  /** A host or a secret, patterns allowed; undefined: all hosts. */
  readonly asked: string | undefined;
  readonly part: CertificatePart;
}

/** What one pod holds of one secret. */
export interface CertificateChain extends PodPem {
  /** The hosts or services whose TLS it is. */
  readonly of: readonly string[];
}

export async function askCertificateChains(
  source: Source,
  { asked, part }: CertificateChainsQuestion,
  asking: Asking,
): Promise<QuestionAnswer<CertificateChain>> {
  if (part === 'upstream-ca') {
    const { gateway, pods, rows } = await fetchFleetUpstreams(source, asked, true);
    return { gateway, pods, items: chainsOf(rows, bundlesOf(pods), ({ cluster }) => [cluster]) };
  }
  const question = { asked, part, served: false };
  const { gateway, pods, rows } = await fetchFleetCertificates(source, question, asking, true);
  const items = chainsOf(rows, bundlesOf(pods), ({ host, port }) => (host === undefined ? [] : [`${host}:${port}`]));
  return { gateway, pods, items };
}

function chainsOf<Row extends { readonly secret: string | undefined }>(
  rows: readonly OnPods<Row>[],
  bundles: ReturnType<typeof bundlesOf>,
  ownersOf: (row: Row) => readonly string[],
): CertificateChain[] {
  return rows.flatMap(({ value, pods }) => {
    const { secret } = value;
    if (secret === undefined) return [];
    const of = ownersOf(value);
    return pods.map((pod) => ({ of, secret, pod, pem: (bundles.get(pod)?.get(secret) ?? []).join('') }));
  });
}

/** Equal chains of one secret once. */
export async function askCertificateTexts(
  source: Source,
  question: CertificateChainsQuestion,
  asking: Asking,
): Promise<QuestionAnswer<CertificateText>> {
  const { items: chains, ...rest } = await askCertificateChains(source, question, asking);
  const items = [...Map.groupBy(chains, ({ secret, pem }) => `${secret}\n${pem}`).values()].flatMap(textOf);
  const unseen = items
    .filter(({ details }) => details.length === 0)
    .map(({ secret }) => `${secret} is not loaded, or Envoy reads it from a file`);
  const none = 'no certificate of that name; see which there are: kubectl istio-ingress certs';
  return { ...rest, items, notes: chains.length === 0 ? [none] : unseen };
}

function textOf(alike: readonly CertificateChain[]): CertificateText[] {
  const [first] = alike;
  if (!first) return [];
  return [
    {
      of: [...new Set(alike.flatMap((one) => one.of))].sort(),
      secret: first.secret,
      details: certificateBlocks(first.pem).map(readCertificateDetails),
      pods: [...new Set(alike.map(({ pod }) => pod))],
    },
  ];
}
