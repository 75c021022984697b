// The Kubernetes Secrets behind certificates, each read by its name, and the cert-manager Certificates that fill them.
// Both may be forbidden, or missing from the cluster: the answer then stands without them, and a note says so.

import { mapBounded } from '#core/concurrency.ts';
import type { ToolError } from '#core/error.ts';
import { isOutOfReach, triedTo } from '#core/known.ts';
import type { Source } from '#core/source.ts';
import { readCertManagerCertificate, readKubernetesSecret } from '#dump/kubernetes-secret.ts';
import {
  type CertManagerCertificate,
  fills,
  type KubernetesCertificate,
  type SecretContent,
} from '#model/kubernetes-certificate.ts';
import { type SecretRef, secretBehind } from '#model/secret-name.ts';

export interface KubernetesCertificates {
  /** By SDS name; absent: no Secret, or not read. */
  readonly found: ReadonlyMap<string, KubernetesCertificate>;
  /** What could not be read, for stderr. */
  readonly notes: readonly string[];
  /** True where a failure may pass; a right that is missing does not count. */
  readonly isIncomplete: boolean;
}

const secretsAtOnce = 8;

const keyOf = ({ namespace, name }: SecretRef): string => `${namespace}/${name}`;

/** `sdsNames`: as Envoy names secrets; `own`: the gateway's namespace. */
export async function readKubernetesCertificates(
  source: Source,
  sdsNames: readonly string[],
  own: string,
): Promise<KubernetesCertificates> {
  const refs = new Map(
    sdsNames.flatMap((sdsName) => {
      const ref = secretBehind(sdsName, own);
      return ref ? [[sdsName, ref] as const] : [];
    }),
  );
  if (refs.size === 0) return { found: new Map(), notes: [], isIncomplete: false };
  const secrets = await readSecrets(source, [...refs.values()]);
  const certificates = await listCertificates(source, [
    ...new Set([...refs.values()].map(({ namespace }) => namespace)),
  ]);
  const failed = [secrets.failed, certificates.failed].flatMap((error) => error ?? []);
  const found = new Map<string, KubernetesCertificate>();
  for (const [sdsName, ref] of refs) {
    const read = secrets.read.get(keyOf(ref));
    if (read)
      found.set(sdsName, { ...ref, content: read.content, issuedBy: issuerOf(ref, read.content, certificates.read) });
  }
  return {
    found,
    notes: failed.map(({ message }) => `the certificates are not compared with Kubernetes: ${message}`),
    isIncomplete: !failed.every(isOutOfReach),
  };
}

const issuerOf = (
  ref: SecretRef,
  content: SecretContent | undefined,
  all: readonly CertManagerCertificate[],
): CertManagerCertificate | undefined =>
  all.find((one) => fills(one, ref)) ??
  all.find((one) => one.namespace === ref.namespace && one.name === content?.certificateName);

interface ReadSecret {
  readonly ref: SecretRef;
  readonly content: SecretContent | undefined;
}

/** Stops at the first failure: hundreds of refusals help nobody. */
async function readSecrets(
  source: Source,
  refs: readonly SecretRef[],
): Promise<{ readonly read: Map<string, ReadSecret>; readonly failed: ToolError | undefined }> {
  const read = new Map<string, ReadSecret>();
  let failed: ToolError | undefined;
  await mapBounded([...new Map(refs.map((ref) => [keyOf(ref), ref])).values()], secretsAtOnce, async (ref) => {
    if (failed) return;
    const secret = await triedTo(source.read('secrets', ref.namespace, ref.name));
    if ('failed' in secret) failed ??= secret.failed;
    else read.set(keyOf(ref), { ref, content: secret.ok && readKubernetesSecret(secret.ok) });
  });
  return { read, failed };
}

async function listCertificates(
  source: Source,
  namespaces: readonly string[],
): Promise<{ readonly read: readonly CertManagerCertificate[]; readonly failed: ToolError | undefined }> {
  const listed = await triedTo(mapBounded(namespaces, 1, (namespace) => source.list('certificates', { namespace })));
  if ('ok' in listed) return { read: listed.ok.flat().map(readCertManagerCertificate), failed: undefined };
  // A cluster without cert-manager does not have the resource.
  return { read: [], failed: listed.failed.code === 'not-found' ? undefined : listed.failed };
}
