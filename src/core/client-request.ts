// What a client does at a port of a pod: a TLS handshake, or a whole request.

/** What a client offers when it opens TLS. */
export interface ClientHello {
  /** SNI; undefined: none. */
  readonly serverName: string | undefined;
  readonly alpn: readonly string[];
}

/** What came of a TLS handshake. `closed`: the other side ended it before a certificate came. */
export type Handshake =
  /** `chain`: DER, leaf first. `protocol`: `TLSv1.3`. */
  | {
      readonly outcome: 'certificate';
      readonly chain: readonly Buffer[];
      readonly protocol: string;
      readonly alpn: string | undefined;
    }
  | { readonly outcome: 'closed'; readonly why: string };

/** A request of a client, as it goes over the wire in HTTP/1.1; it has no body. */
export interface ClientRequest {
  /** Undefined: plain text. PEM of the client's certificate and key, where it has one. */
  readonly tls:
    | { readonly serverName: string | undefined; readonly certificate?: string; readonly key?: string }
    | undefined;
  readonly method: string;
  readonly path: string;
  /** In their order, `host` among them. */
  readonly headers: readonly (readonly [string, string])[];
}

/** What came of it. `closed`: the connection ended before an answer. */
export type SentAnswer =
  | {
      readonly outcome: 'answer';
      readonly code: number;
      /** Lower-case names. */
      readonly headers: Readonly<Record<string, string>>;
      /** From the first byte of the connection to the headers of the answer. */
      readonly ms: number;
      /** DER, leaf first; empty for plain text. */
      readonly chain: readonly Buffer[];
      /** The beginning of the body. */
      readonly text: string;
    }
  | { readonly outcome: 'closed'; readonly why: string };
