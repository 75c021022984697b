// What a client that names a host in its handshake gets from one gateway pod.

import { compareText } from '#core/compare.ts';
import type { NextStep } from '#core/shell.ts';
import type { Certificate, Secret } from './certificate.ts';
import type { Concerned, Severity } from './finding.ts';
import type { KubernetesCertificate } from './kubernetes-certificate.ts';
import type { DownstreamTls } from './listener.ts';
import type { ObjectRef } from './resource.ts';

export interface HostCertificate {
  /**
   * The server name that the client sends; `*` where the filter chain takes every name; undefined for a secret that no
   * host uses.
   */
  readonly host: string | undefined;
  /** The listener's port. */
  readonly port: number | undefined;
  /** Of a listener that has its port at this address alone, beside others with the same port. */
  readonly address?: string | undefined;
  /**
   * `passthrough`: the service behind it presents its own; `none`: the connection is closed before a certificate is
   * sent.
   */
  readonly outcome: 'certificate' | 'passthrough' | 'none';
  /** Why there is none. */
  readonly why: 'no-listener' | 'no-filter-chain' | 'not-loaded' | 'matcher-tree' | undefined;
  /** An update of the listener that is not in force, where no filter chain takes the connection. */
  readonly update: string | undefined;
  /** The server name of the filter chain that takes the connection; undefined: any name. */
  readonly serverName: string | undefined;
  readonly mode: DownstreamTls['mode'] | undefined;
  /** The listener of QUIC that lets clients of HTTP/3 in without the certificate that is required here. */
  readonly openOverQuic?: string | undefined;
  /** The filter chain offers ALPN protocols, and HTTP/2 is none of them. */
  readonly isWithoutHttp2?: true | undefined;
  /** Whose filter chain it is, as the name of its route configuration tells. */
  readonly gateway: ObjectRef | undefined;
  /** Where that name can be read in several ways, or the Gateway has several: each of its servers has one. */
  readonly routeConfiguration?: string | undefined;
  /**
   * SDS name of the certificate or, where a CA is asked for, of that; `inline` for what stands in the listener itself.
   */
  readonly secret: string | undefined;
  readonly clientCa: string | undefined;
  /** `clientCa` as Envoy has it; undefined where it has none, and of a row about that itself. */
  readonly clientSecret?: Secret | undefined;
  /** SDS name of what the filter chain still waits for: the certificate or the CA of client certificates. */
  readonly waitsFor: string | undefined;
  /** Clusters to which a connection is passed through. */
  readonly passesTo: readonly string[];
  /** `secret` as Envoy has it; undefined where it has none, and for what stands in the listener. */
  readonly envoySecret: Secret | undefined;
  /** The certificate that a handshake through the pod received; undefined where none was made. */
  readonly served: Served | undefined;
}

/**
 * `failed`: the handshake could not be made. `silent`: it was begun and nothing came; through the API server that a pod
 * has closed a connection is not always seen.
 */
export type Served =
  | {
      readonly outcome: 'certificate';
      readonly chain: readonly Certificate[];
      readonly protocol: string;
      readonly alpn: string | undefined;
      /** True where it is none of those that Envoy holds for the host. */
      readonly isOther?: boolean;
    }
  | { readonly outcome: 'closed' | 'failed' | 'silent'; readonly why: string };

/** A server of a Gateway that ends or passes TLS for these hosts on pods of this gateway. */
export interface Claim {
  readonly gateway: ObjectRef;
  /** RFC 3339; istiod gives a host to the Gateway that was there first. */
  readonly createdAt: string | undefined;
  readonly listenerPort: number;
  /** Lower case, without namespaces. */
  readonly hosts: readonly string[];
  readonly mode: string;
  /** `credentialName`, or the files that it names, several with commas; undefined for none, as for passthrough. */
  readonly credential: string | undefined;
}

export interface CertificateProblem {
  /** Stable, for scripts. */
  readonly code: ProblemCode;
  readonly severity: Severity;
  /** What is the case, without the host. */
  readonly text: string;
  /** What has to be changed, where that is known. */
  readonly about?: Concerned;
  /** Commands to paste. */
  readonly next: readonly NextStep[];
}

export type ProblemCode =
  | 'not-served'
  | 'not-in-front'
  | 'not-loaded'
  | 'gateway-lost'
  | 'not-covered'
  | 'expired'
  | 'not-yet-valid'
  | 'expiring'
  | 'revocations'
  | 'chain-incomplete'
  | 'chain-out-of-order'
  | 'chain-unrelated'
  | 'chain-duplicate'
  | 'chain-refused'
  | 'key-usage'
  | 'authority-ends-first'
  | 'weak-key'
  | 'weak-signature'
  | 'unreadable'
  | 'from-file'
  | 'pods-differ'
  | 'secret-absent'
  | 'secret-unreadable'
  | 'secret-unusable'
  | 'secret-not-loaded'
  | 'secret-differs'
  | 'issuer-not-ready'
  | 'renewal-late'
  | 'not-requested'
  | 'open-over-http3'
  | 'served-differs'
  | 'served-closed'
  | 'not-judged'
  | 'not-tried';

/** What each pod holds of a host, equal ones once. */
export interface HostCertificateItem {
  readonly value: HostCertificate;
  readonly pods: readonly string[];
  /** When each of these pods took the secret: RFC 3339 by pod name. */
  readonly loadedAt: Readonly<Record<string, string>>;
  /** Gateways that ask for the host on this port. */
  readonly claims: readonly Claim[];
  /** The Secret behind it; undefined where it has none, or it was not asked for or may not be read. */
  readonly kubernetes: KubernetesCertificate | undefined;
  readonly problems: readonly CertificateProblem[];
  /** There are doubts about it, which were not settled because the host is not of the owner who was asked about. */
  readonly isLeftOut?: true;
}

/**
 * What clients get as far as that is known: what a handshake received, where Envoy holds something else or that cannot
 * be seen; else what Envoy holds. Empty where the handshake is closed: a client with a certificate may still get one.
 */
export function chainOf(value: HostCertificate): readonly Certificate[] {
  const { served, mode } = value;
  if (served?.outcome === 'certificate' && served.isOther) return served.chain;
  if (served?.outcome === 'closed' && mode !== 'MUTUAL') return [];
  return envoyChainOf(value);
}

/** The certificate that Envoy holds or, where that cannot be seen, the one that a handshake received. */
export function envoyChainOf({ envoySecret, served }: HostCertificate): readonly Certificate[] {
  if (envoySecret && envoySecret.chain.length > 0) return envoySecret.chain;
  return served?.outcome === 'certificate' ? served.chain : [];
}

export function compareHostCertificates(a: HostCertificate, b: HostCertificate): number {
  return (
    compareText(a.host ?? '\uffff', b.host ?? '\uffff') ||
    (a.port ?? 0) - (b.port ?? 0) ||
    compareText(a.address ?? '', b.address ?? '') ||
    compareText(a.secret ?? '', b.secret ?? '')
  );
}

/** Equal for pods from which a client gets the same, whenever it was loaded, and whatever other hosts each has. */
export function hostCertificateKey(value: HostCertificate): string {
  const { envoySecret, clientSecret, served, routeConfiguration, ...rest } = value;
  const loaded = envoySecret && secretKey(envoySecret);
  const received =
    served &&
    (served.outcome === 'certificate' ? [fingerprintsOf(served.chain), served.protocol, served.alpn] : served);
  return JSON.stringify([
    rest,
    rest.gateway ? undefined : routeConfiguration,
    loaded,
    received,
    clientSecret && secretKey(clientSecret),
  ]);
}

const fingerprintsOf = (chain: readonly Certificate[]): string[] => chain.map(({ fingerprint }) => fingerprint);

const secretKey = ({ state, kind, unreadable, file, chain, revocations }: Secret): unknown[] => [
  state,
  kind,
  unreadable,
  file,
  fingerprintsOf(chain),
  revocations,
];
