// cert-manager Certificates that a preview is given, put over those of the cluster.

import { triedTo } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';
import { readCertManagerCertificate } from '#dump/kubernetes-secret.ts';
import type { CertManagerCertificate } from '#model/kubernetes-certificate.ts';
import { readSecretName } from '#model/secret-name.ts';
import { type Overlaid, type Overlay, overlaid } from './overlay.ts';

export interface CertificateLayer {
  readonly changes: Overlaid['changes'];
  /** What could not be compared, and why. */
  readonly notes: readonly string[];
}

export async function certificateLayer(source: Source, overlay: Overlay): Promise<CertificateLayer> {
  const given = overlay.given.filter(({ resource }) => resource === 'certificates');
  const there: KubeObject[] = [];
  const notes: string[] = [];
  for (const namespace of new Set(given.map(({ object }) => object.metadata.namespace ?? ''))) {
    const listed = await triedTo(source.list('certificates', { namespace }));
    if ('ok' in listed) there.push(...listed.ok);
    else notes.push(`the Certificates are not compared with those of ${namespace}: ${listed.failed.message}`);
  }
  return { changes: overlaid('certificates', there, overlay).changes, notes };
}

/** The given one that fills the Secret; `namespace`: the gateway's. */
export function givenIssuer(
  sdsName: string,
  { changes }: CertificateLayer,
  namespace: string,
): CertManagerCertificate | undefined {
  const secret = readSecretName(sdsName);
  const all = changes.map(({ object }) => readCertManagerCertificate(object));
  const found = all.find(
    (one) => secret && one.secretName === secret.name && one.namespace === (secret.namespace ?? namespace),
  );
  return found && { ...found, isGiven: true };
}
