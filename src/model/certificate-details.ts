// All that stands in an X.509 certificate, in OpenSSL's words, for those who look for one line of `openssl x509 -text`.

export interface CertificateDetails {
  /** 1 to 3. */
  readonly version: number;
  /** Lower-case hexadecimal, two digits per byte, as it is encoded. */
  readonly serial: string;
  readonly signatureAlgorithm: string;
  /** Lines about it; of RSASSA-PSS. */
  readonly signatureParameters: readonly string[];
  /** `O = Example, CN = host`, quoted where a value needs it. */
  readonly issuer: string;
  readonly subject: string;
  /** `Oct 24 12:06:20 2026 GMT`. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly publicKey: PublicKeyDetails;
  readonly extensions: readonly ExtensionDetails[];
  readonly signature: Uint8Array;
  /** The numbers of which a signature by DSA is made; empty of every other. */
  readonly signatureParts: readonly KeyPart[];
}

export interface PublicKeyDetails {
  /** `rsaEncryption`, `id-ecPublicKey`, `ED25519`, or the object identifier. */
  readonly algorithm: string;
  readonly bits: number | undefined;
  /** The key itself: an RSA modulus, or the bits of every other kind. */
  readonly key: Uint8Array;
  /** Of RSA. */
  readonly exponent: number | undefined;
  /** Of elliptic curves: `prime256v1`. */
  readonly curve: string | undefined;
  /** Of DSA, RSASSA-PSS and curves that are spelled out. */
  readonly parts: readonly KeyPart[];
}

/** A line, or bytes under a title. */
export type KeyPart = string | { readonly title: string; readonly bytes: Uint8Array };

export interface ExtensionDetails {
  /** `X509v3 Key Usage`, or the object identifier of one that this tool does not know. */
  readonly name: string;
  readonly isCritical: boolean;
  readonly lines: readonly string[];
}

/** One chain in full, and who has it. */
export interface CertificateText {
  /** Hosts or services that have it. */
  readonly of: readonly string[];
  readonly secret: string;
  readonly details: readonly CertificateDetails[];
  readonly pods: readonly string[];
}
