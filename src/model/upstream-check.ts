// Whether the certificate of a service's pod would pass what the gateway checks it with.

import type { Certificate } from './certificate.ts';
import type { UpstreamCertificate } from './upstream-certificate.ts';

/** A pod of a service, as its EndpointSlices name it. */
export interface ServicePod {
  readonly namespace: string;
  readonly name: string;
  /** The container's. */
  readonly port: number;
}

export interface UpstreamCheck extends UpstreamCertificate {
  /** Undefined where no pod of the service is known, or could be. */
  readonly pod: ServicePod | undefined;
  /** `unknown`: nobody could be asked. */
  readonly outcome: 'passes' | 'fails' | 'unknown';
  /** Always given where it does not pass; of what passes, why it is no proof. */
  readonly why: string | undefined;
  /** What the pod presents, leaf first. */
  readonly chain: readonly Certificate[];
}

/** What a handshake with the pod came to. */
export type PodTls =
  | {
      readonly outcome: 'certificate';
      readonly chain: readonly Certificate[];
      readonly untrusted: string | undefined;
      /** `TLSv1.3`. */
      readonly protocol: string;
    }
  /** The pod does not speak TLS there, or ended it. */
  | { readonly outcome: 'closed'; readonly why: string }
  | { readonly outcome: 'failed'; readonly why: string };

export interface TriedService {
  readonly tried: readonly { readonly pod: ServicePod; readonly tls: PodTls }[];
  /** Why no pod could be tried. */
  readonly why: string | undefined;
}
