// The Kubernetes Secrets behind certificates, each read by its name, and the cert-manager Certificates that fill them.
// Both may be forbidden, or missing from the cluster: the answer then stands without them, and a note says so.

import { mapBounded } from '#core/concurrency.ts';
import type { ToolError } from '#core/error.ts';
import { isOutOfReach, triedTo } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';
import {
  readCertManagerCertificate,
  readKubernetesAuthorities,
  readKubernetesSecret,
} from '#dump/kubernetes-secret.ts';
import {
  type CertManagerCertificate,
  fills,
  type KubernetesCertificate,
  type SecretBehind,
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

/** So many of one namespace are listed, where that is allowed: one answer in the place of hundreds. */
const listedFrom = 20;

const keyOf = (ref: SecretRef | undefined): string => (ref ? `${ref.namespace}/${ref.name}` : '');

/** `sdsNames`: as Envoy names secrets; `own`: the gateway's namespace. */
export async function readKubernetesCertificates(
  source: Pick<Source, 'list' | 'read'>,
  sdsNames: readonly string[],
  own: string,
): Promise<KubernetesCertificates> {
  const namespaces = new Set(sdsNames.flatMap((sdsName) => secretBehind(sdsName, own)?.namespace ?? []));
  if (namespaces.size === 0) return { found: new Map(), notes: [], isIncomplete: false };
  const [secrets, certificates] = await Promise.all([
    readSecretsBehind(source, sdsNames, own),
    listCertificates(source, [...namespaces]),
  ]);
  const failed = [secrets.failed, certificates.failed].flatMap((error) => error ?? []);
  return {
    found: new Map(
      [...secrets.found].map(([sdsName, secret]) => [sdsName, { ...secret, ...issuerOf(secret, certificates.read) }]),
    ),
    notes: failed.map(({ message }) => `the certificates are not compared with Kubernetes: ${message}`),
    isIncomplete: !failed.every(isOutOfReach),
  };
}

/** The one that the Secret names, where it fills it; else one that does; else the one named, which did. */
function issuerOf(
  secret: SecretBehind,
  all: readonly CertManagerCertificate[],
): Pick<KubernetesCertificate, 'issuedBy' | 'rivals'> {
  const filling = all.filter((one) => fills(one, secret));
  const isNamed = ({ namespace, name }: CertManagerCertificate): boolean =>
    namespace === secret.namespace && name === secret.content?.certificateName;
  const issuedBy = filling.find(isNamed) ?? filling[0] ?? all.find(isNamed);
  const rivals = filling.filter((one) => one !== issuedBy).map(({ name }) => name);
  return { issuedBy, ...(rivals.length > 0 ? { rivals } : {}) };
}

/**
 * The TLS Secrets of namespaces of which many are wanted, by `keyOf`. Who may only read them by name gets none here, and
 * neither does who asks a snapshot.
 */
async function listSecrets(
  source: Pick<Source, 'list' | 'read'>,
  refs: readonly SecretRef[],
): Promise<ReadonlyMap<string, KubeObject>> {
  const wanted = Map.groupBy(refs, ({ namespace }) => namespace);
  const listed = new Map<string, KubeObject>();
  for (const [namespace, { length }] of wanted) {
    if (length < listedFrom) continue;
    const tried = await triedTo(source.list('secrets', { namespace, fieldSelector: 'type=kubernetes.io/tls' }));
    if ('ok' in tried) for (const one of tried.ok) listed.set(keyOf({ namespace, name: one.metadata.name }), one);
  }
  return listed;
}

/** By SDS name. Stops at the first failure: hundreds of refusals help nobody. */
export async function readSecretsBehind(
  source: Pick<Source, 'list' | 'read'>,
  sdsNames: readonly string[],
  own: string,
): Promise<{ readonly found: ReadonlyMap<string, SecretBehind>; readonly failed: ToolError | undefined }> {
  const found = new Map<string, SecretBehind>();
  const failed: ToolError[] = [];
  const alike = Map.groupBy(new Set(sdsNames), (sdsName) => keyOf(secretBehind(sdsName, own)));
  const wanted = [...alike.values()].flatMap((names) => {
    const ref = secretBehind(names[0] ?? '', own);
    return ref ? [{ ref, names }] : [];
  });
  const listed = await listSecrets(
    source,
    wanted.map(({ ref }) => ref),
  );
  const get = (ref: SecretRef) => source.read('secrets', ref.namespace, ref.name);
  await mapBounded(wanted, secretsAtOnce, async ({ ref, names }, index) => {
    if (failed.length > 0) return;
    const read = await triedTo(readBehind(ref, isAuthority(names[0]), (one) => listed.get(keyOf(one)) ?? get(one)));
    if ('failed' in read) failed[index] = read.failed;
    else for (const name of names) found.set(name, read.ok);
  });
  // Several are read at once: which of them is told of is not left to chance.
  return { found, failed: failed.find((error) => error !== undefined) };
}

const isAuthority = (sdsName = ''): boolean => sdsName.endsWith(authoritySuffix);

const authoritySuffix = '-cacert';

/**
 * The CA of `NAME-cacert` stands in a Secret of that name or, where there is none, in that of the certificate. Source:
 * istio pilot/pkg/credentials/kube/secrets.go, GetCaCert.
 */
async function readBehind(
  ref: SecretRef,
  isOfAuthority: boolean,
  get: (ref: SecretRef) => Promise<KubeObject | undefined> | KubeObject,
): Promise<SecretBehind> {
  const own = await get(ref);
  if (!isOfAuthority) return { ...ref, content: own && readKubernetesSecret(own) };
  const shared = { ...ref, name: ref.name.slice(0, -authoritySuffix.length) };
  const secret = own ?? (await get(shared));
  return { ...(own || !secret ? ref : shared), content: secret && readKubernetesAuthorities(secret) };
}

async function listCertificates(
  source: Pick<Source, 'list' | 'read'>,
  namespaces: readonly string[],
): Promise<{ readonly read: readonly CertManagerCertificate[]; readonly failed: ToolError | undefined }> {
  const listed = await triedTo(mapBounded(namespaces, 1, (namespace) => source.list('certificates', { namespace })));
  if ('ok' in listed) return { read: listed.ok.flat().map(readCertManagerCertificate), failed: undefined };
  // A cluster without cert-manager does not have the resource.
  return { read: [], failed: listed.failed.code === 'not-found' ? undefined : listed.failed };
}
