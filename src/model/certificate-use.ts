// What a certificate may be used for and what its extensions allow, as far as verifiers go by it. Source: RFC 5280 §4.2.

/** A GeneralName; values are as they are encoded, names of directories in their canonical form. */
export type GeneralName =
  | { readonly kind: 'dns' | 'email' | 'uri'; readonly value: string }
  /** 4 or 16 bytes; of a constraint twice that, with the mask. */
  | { readonly kind: 'ip'; readonly value: readonly number[] }
  | { readonly kind: 'directory'; readonly value: DirectoryName }
  /** A kind for which verifiers know no constraints: its tag in the GeneralName. */
  | { readonly kind: 'other'; readonly value: number };

/** A line for each part of a name: lower case, single spaces, so that equal names are equal text (RFC 5280 §7.1). */
export type DirectoryName = readonly string[];

/** RFC 5280 §4.2.1.10. */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
  /** True where a subtree has a minimum or maximum, which verifiers refuse. */
  readonly hasRange: boolean;
}

export interface CertificateUse {
  /** 1 to 3. */
  readonly version: number;
  readonly subject: DirectoryName;
  readonly issuer: DirectoryName;
  /** Undefined without the extension basicConstraints. */
  readonly basicConstraints: { readonly isCa: boolean; readonly pathLength: number | undefined } | undefined;
  /** RFC 5280's names: `digitalSignature`, `keyCertSign`; undefined: every use. */
  readonly keyUsage: readonly string[] | undefined;
  /** Object identifiers of the extended key usage; undefined: every purpose. */
  readonly purposes: readonly string[] | undefined;
  readonly alternativeNames: readonly GeneralName[];
  /** `emailAddress` attributes of the subject. */
  readonly subjectEmails: readonly string[];
  readonly nameConstraints: NameConstraints | undefined;
  /** Object identifiers of critical extensions that OpenSSL does not process. */
  readonly unknownCritical: readonly string[];
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  /** Whether this key made the signature; undefined where OpenSSL cannot verify signatures or keys of the kind. */
  readonly isSignedBy: (publicKey: Uint8Array) => boolean | undefined;
}

/** RFC 5280 §6.1: equal names, whoever signed it. */
export const isSelfIssued = ({ subject, issuer }: CertificateUse): boolean => isSameName(subject, issuer);

export const isSameName = (a: DirectoryName, b: DirectoryName): boolean =>
  a.length === b.length && a.every((part, index) => part === b[index]);

/** OpenSSL's check_ca: a version 1 root, and a CA of version 3 without basicConstraints whose key usage says so. */
export function isAuthority({ version, basicConstraints, keyUsage, ...use }: CertificateUse): boolean {
  if (keyUsage && !keyUsage.includes('keyCertSign')) return false;
  if (basicConstraints) return basicConstraints.isCa;
  return version === 1 ? isSameName(use.subject, use.issuer) : keyUsage !== undefined;
}
