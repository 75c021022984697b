// `certs --expect KEY=VALUE`: what clients should get, compared with what they get.

import { type Judgement, readPair } from '#analysis/request/expectation.ts';
import { globMatcher } from '#core/glob.ts';
import { plainSerial } from '#model/certificate.ts';
import { chainOf, type HostCertificate, type HostCertificateItem, type ProblemCode } from '#model/host-certificate.ts';

const keys = ['serial', 'issuer', 'secret', 'gateway'] as const;

export interface CertificateExpectation {
  readonly key: (typeof keys)[number];
  /** A pattern. */
  readonly value: string;
}

export function readCertificateExpectation(text: string): CertificateExpectation {
  const { key, value } = readPair(text, keys);
  return { key, value: key === 'serial' ? plainSerial(value) : value };
}

export function judgeCertificates(
  items: readonly HostCertificateItem[],
  expectations: readonly CertificateExpectation[],
): Judgement {
  const judged = items.flatMap((item) => expectations.map((expectation) => judgeOne(item, expectation)));
  return { unmet: judged.flatMap(({ unmet }) => unmet), undecided: judged.flatMap(({ undecided }) => undecided) };
}

function judgeOne(item: HostCertificateItem, { key, value }: CertificateExpectation): Judgement {
  const { host, secret, port } = item.value;
  const name = host === undefined ? (secret ?? '') : `${host}:${port}`;
  const [subject, on] = [`${key}=${value} for ${name}`, item.pods.join(', ')];
  const actual = actualOf(key, item);
  if ('unsure' in actual) return { unmet: [], undecided: [`not decided: ${subject} on ${on}: ${actual.unsure}`] };
  const { found = `no ${key}` } = actual;
  const matches = globMatcher(value);
  return matches(found) || (key === 'secret' && matches(found.replace(/^kubernetes:\/\//, '')))
    ? { unmet: [], undecided: [] }
    : { unmet: [`expected ${subject}, is ${found} on ${on}`], undecided: [] };
}

/** Whether a problem says that it is not known what clients get. */
const isUnknown = (code: ProblemCode): boolean => ['not-judged', 'not-tried', 'from-file'].includes(code);

type Actual = { readonly found: string | undefined } | { readonly unsure: string };

function actualOf(key: CertificateExpectation['key'], { value, problems }: HostCertificateItem): Actual {
  if (key === 'gateway') return gatewayOf(value);
  if (value.outcome === 'passthrough') return { unsure: 'the service behind it presents its own certificate' };
  if (key === 'secret') return { found: value.secret };
  const doubt = problems.find(({ code }) => isUnknown(code));
  if (doubt) return { unsure: doubt.text };
  const [leaf] = chainOf(value);
  return { found: leaf && (key === 'serial' ? plainSerial(leaf.serial) : leaf.issuer) };
}

/** What istiod names filter chains by does not always tell. */
function gatewayOf({ gateway, outcome }: HostCertificate): Actual {
  if (gateway) return { found: `${gateway.namespace}/${gateway.name}` };
  return outcome === 'none' ? { found: undefined } : { unsure: 'its filter chain does not say whose it is' };
}
