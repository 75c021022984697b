// cert-manager Certificates that a preview is given, put over those of the cluster.

import { triedTo } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';
import { readCertManagerCertificate } from '#dump/kubernetes-secret.ts';
import { type CertManagerCertificate, fills } from '#model/kubernetes-certificate.ts';
import { secretBehind } from '#model/secret-name.ts';
import { type Overlaid, type Overlay, overlaid } from './overlay.ts';

export interface CertificateLayer {
  readonly changes: readonly (Overlaid['changes'][number] & { readonly certificate: CertManagerCertificate })[];
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
  const changes = overlaid('certificates', there, overlay).changes.map((change) => ({
    ...change,
    certificate: { ...readCertManagerCertificate(change.object), isGiven: true as const },
  }));
  return { changes, notes };
}

/** The given one that fills the Secret; `namespace`: the gateway's. */
export function givenIssuer(
  sdsName: string,
  { changes }: CertificateLayer,
  namespace: string,
): CertManagerCertificate | undefined {
  const secret = secretBehind(sdsName, namespace);
  return secret && changes.find(({ certificate }) => fills(certificate, secret))?.certificate;
}
