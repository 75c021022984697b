// Where what Envoy holds for a host need not be what it serves: by the dump (model/secret-doubts.ts), and by its Secret.

import { coversHost } from '#model/certificate.ts';
import { whyEnvoyRefuses } from '#model/envoy-keys.ts';
import type { HostCertificate } from '#model/host-certificate.ts';
import { compareWithSecret, type SecretBehind } from '#model/kubernetes-certificate.ts';
import { type Doubt, doubtsOfSecret, isAfter, withoutFraction } from '#model/secret-doubts.ts';

/** Besides, what its Secret says, where that could be read. Empty where nothing is held, or no TLS ends here. */
export function doubtsOfHost(
  value: Pick<HostCertificate, 'envoySecret' | 'outcome' | 'host'>,
  lastUpdated: string | undefined,
  kubernetes: SecretBehind | undefined,
): Doubt[] {
  const { envoySecret, outcome, host = '' } = value;
  if (envoySecret?.kind !== 'certificate' || outcome !== 'certificate') return [];
  const own = kubernetes ? doubtsOfKubernetes(value, lastUpdated, kubernetes) : [];
  const [alone, second] = envoySecret.chain;
  const isWrongCa = alone?.isCa === true && !second && !alone.dnsNames.some((name) => coversHost(name, host));
  return [
    ...own,
    ...keyDoubt(value),
    ...doubtsOfSecret(envoySecret, lastUpdated),
    ...(isWrongCa ? [{ text: `the only certificate is a CA, ${alone.subject}`, isSure: false }] : []),
  ].toSorted((a, b) => Number(b.isSure) - Number(a.isSure));
}

const keyDoubt = (value: Pick<HostCertificate, 'envoySecret' | 'outcome'>): Doubt[] => {
  const text = refusedKey(value);
  return text === undefined ? [] : [{ text, isSure: true }];
};

/** Why Envoy cannot have taken the certificate that it holds, by the certificate's key. */
export function refusedKey({
  envoySecret,
  outcome,
}: Pick<HostCertificate, 'envoySecret' | 'outcome'>): string | undefined {
  if (outcome !== 'certificate' || envoySecret?.kind !== 'certificate' || envoySecret.file !== undefined)
    return undefined;
  const [leaf] = envoySecret.chain;
  const why = leaf && whyEnvoyRefuses(leaf.publicKey);
  return why && `its key is ${leaf.publicKey}, and ${why}`;
}

/** Only of what the pods hold as well: what has not come to them is said elsewhere (`secret-differs`). */
function doubtsOfKubernetes(
  value: Pick<HostCertificate, 'envoySecret'>,
  lastUpdated: string | undefined,
  kubernetes: SecretBehind,
): Doubt[] {
  const { namespace, name, content } = kubernetes;
  const compared = compareWithSecret(value, kubernetes);
  if (compared !== 'same' && compared !== 'unreadable') return [];
  const secret = `Secret ${namespace}/${name}`;
  if (content?.keyProblem !== undefined) return [{ text: `of ${secret} ${content.keyProblem}`, isSure: true }];
  if (!isAfter(content?.changedAt, lastUpdated)) return [];
  const text = `${secret} was changed at ${content?.changedAt}, after the last update of it that Envoy has taken, at ${withoutFraction(lastUpdated)}`;
  return [{ text, isSure: false }];
}
