// How the gateway checks the services behind it: the TLS towards a cluster and the CA that Envoy holds for it.

import { compareText } from '#core/compare.ts';
import type { Secret } from './certificate.ts';
import type { UpstreamTls } from './cluster.ts';
import type { ObjectRef } from './resource.ts';

export interface UpstreamCertificate {
  readonly cluster: string;
  /** Hosts whose routes lead there. */
  readonly hosts: readonly string[];
  readonly tls: UpstreamTls;
  readonly destinationRule: ObjectRef | undefined;
  /** SDS name of the CA; `inline` for one in the cluster itself; undefined: nothing is checked. */
  readonly secret: string | undefined;
  readonly envoySecret: Secret | undefined;
}

export const compareUpstreamCertificates = (a: UpstreamCertificate, b: UpstreamCertificate): number =>
  compareText(a.cluster, b.cluster) || compareText(a.secret ?? '', b.secret ?? '');

/** Equal for pods that check the same with the same CA, whenever it was loaded. */
export function upstreamCertificateKey({ envoySecret, ...rest }: UpstreamCertificate): string {
  return JSON.stringify([
    rest,
    envoySecret && [
      envoySecret.state,
      envoySecret.file,
      envoySecret.unreadable,
      envoySecret.chain.map(({ fingerprint }) => fingerprint),
    ],
  ]);
}
