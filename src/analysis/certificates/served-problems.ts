// The certificate of a handshake against the one that the pods have loaded; and what is not judged without one.

import { step } from '#core/shell.ts';
import type { CertificateProblem, HostCertificate } from '#model/host-certificate.ts';
import type { Doubt } from '#model/secret-doubts.ts';
import { readSecretName } from '#model/secret-name.ts';

export interface Tried {
  readonly doubts: readonly Doubt[];
  /** Why there was no handshake although there are doubts. */
  readonly untried: string | undefined;
  /** The gateway's. */
  readonly namespace: string;
}

export function servedProblems(value: HostCertificate, tried: Tried): CertificateProblem[] {
  const { outcome, served, envoySecret } = value;
  const { doubts, untried } = tried;
  if (served === undefined) return untried === undefined ? [] : notJudged(value, tried, untried);
  if (!('chain' in served)) return withoutCertificate(value, tried, served);
  const [leaf] = served.chain;
  if (!leaf) return [];
  const received = `a handshake gets serial ${leaf.serial} (${leaf.subject}, until ${leaf.notAfter})`;
  if (outcome === 'none')
    return [{ code: 'served-differs', severity: 'warning', text: `${received} all the same`, next: [] }];
  if (!served.isOther) return [];
  const why = doubts[0] === undefined ? 'which Envoy has in its dump' : `which Envoy cannot use: ${doubts[0].text}`;
  return [
    {
      code: 'served-differs',
      severity: 'error',
      text: `${received} and not serial ${envoySecret?.chain[0]?.serial} of ${value.secret}, ${why}`,
      ...whatToDo(value, tried),
    },
  ];
}

function withoutCertificate(
  value: HostCertificate,
  tried: Tried,
  { outcome, why }: { readonly outcome: 'closed' | 'failed' | 'silent'; readonly why: string },
): CertificateProblem[] {
  const { doubts } = tried;
  // That there is none is said already.
  if (value.outcome === 'none') return [];
  // A client without a certificate of its own is refused whatever the host's is.
  if (doubts.length > 0 && (outcome !== 'closed' || value.mode === 'MUTUAL')) return notJudged(value, tried, why);
  if (outcome !== 'closed')
    return [{ code: 'not-tried', severity: 'warning', text: `no handshake could be made: ${why}`, next: [] }];
  const reason = doubts[0] === undefined ? '' : `. Envoy cannot use ${value.secret}: ${doubts[0].text}`;
  return [
    {
      code: 'served-closed',
      severity: 'error',
      text: `a handshake ends without a certificate: ${why}${reason}`,
      ...(doubts.length === 0 ? { next: [] } : whatToDo(value, tried)),
    },
  ];
}

function notJudged(value: HostCertificate, tried: Tried, why: string): CertificateProblem[] {
  const text = `whether clients get what Envoy holds as ${value.secret} is not judged (${why}): ${tried.doubts[0]?.text}`;
  return [{ code: 'not-judged', severity: 'warning', text, ...whatToDo(value, tried) }];
}

const advice =
  "write a key and a certificate that belong together into it, the host's own certificate first: Envoy takes them at once";

/** The Secret, and what Envoy holds of it. */
function whatToDo({ secret }: HostCertificate, tried: Tried): Pick<CertificateProblem, 'about' | 'next'> {
  if (secret === undefined) return { next: [] };
  const show = step`kubectl istio-ingress certs ${secret} --text`;
  const { namespace = tried.namespace, name } = readSecretName(secret) ?? {};
  if (name === undefined) return { next: [show] };
  return {
    about: { kind: 'Secret', namespace, name },
    next: [step`kubectl -n ${namespace} describe secret ${name}`, show, advice],
  };
}
