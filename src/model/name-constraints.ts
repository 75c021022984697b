// Whether the names of a certificate are among those that a CA may sign. Source: RFC 5280 §4.2.1.10, OpenSSL 3
// crypto/x509/v3_ncons.c, BoringSSL crypto/x509/v3_ncons.cc.

import type { CertificateUse, DirectoryName, GeneralName, NameConstraints } from './certificate-use.ts';

/** Whose rules: OpenSSL's, or those of BoringSSL, by which Envoy and Chrome's TLS go. */
export type Verifier = 'openssl' | 'boringssl';

export interface NameFault {
  /** `unsupported`: no verifier can tell, so all refuse it. */
  readonly kind: 'not-permitted' | 'excluded' | 'unsupported';
  readonly name: GeneralName;
}

/** The first name that the constraints forbid. `commonName`: of a leaf without DNS names, which OpenSSL takes for one. */
export function findNameFault(
  use: CertificateUse,
  constraints: NameConstraints,
  commonName: string | undefined,
  by: Verifier,
): NameFault | undefined {
  for (const name of namesOf(use, commonName)) {
    const kind = faultOf(name, constraints, by);
    if (kind) return { kind, name };
  }
  return undefined;
}

const hostName = /^[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]*[a-z0-9])?)+$/i;

function namesOf(use: CertificateUse, commonName: string | undefined): GeneralName[] {
  const hasDns = use.alternativeNames.some(({ kind }) => kind === 'dns');
  const isHost = !hasDns && commonName !== undefined && hostName.test(commonName);
  return [
    ...(use.subject.length > 0 ? [{ kind: 'directory', value: use.subject } as const] : []),
    ...use.subjectEmails.map((value) => ({ kind: 'email', value }) as const),
    ...use.alternativeNames,
    ...(isHost ? [{ kind: 'dns', value: commonName } as const] : []),
  ];
}

function faultOf(
  name: GeneralName,
  { permitted, excluded, hasRange }: NameConstraints,
  by: Verifier,
): NameFault['kind'] | undefined {
  const [allowed, forbidden] = [permitted, excluded].map((all) => all.filter((base) => isSameKind(base, name)));
  const concerned = [...(allowed ?? []), ...(forbidden ?? [])];
  if (concerned.length === 0) return undefined;
  if (hasRange || !canMatch(name, by)) return 'unsupported';
  if (allowed?.length && !allowed.some((base) => matches(name, base, false))) return 'not-permitted';
  return forbidden?.some((base) => matches(name, base, by === 'boringssl')) ? 'excluded' : undefined;
}

const isSameKind = (a: GeneralName, b: GeneralName): boolean =>
  a.kind === b.kind && (a.kind !== 'other' || a.value === b.value);

/** BoringSSL knows no constraints of addresses, and refuses what they would be for. */
function canMatch(name: GeneralName, by: Verifier): boolean {
  switch (name.kind) {
    case 'other':
      return false;
    case 'ip':
      return by === 'openssl' && [4, 16].includes(name.value.length);
    case 'email':
      return name.value.includes('@');
    case 'uri':
      return hostOfUri(name.value) !== undefined;
    default:
      return true;
  }
}

/** `wildcards`: BoringSSL takes `*.example` for excluded where `a.example` is. */
function matches(name: GeneralName, base: GeneralName, wildcards: boolean): boolean {
  if (name.kind === 'dns' && base.kind === 'dns') return matchesDns(name.value, base.value, wildcards);
  if (name.kind === 'email' && base.kind === 'email') return matchesEmail(name.value, base.value);
  if (name.kind === 'uri' && base.kind === 'uri') return matchesHost(hostOfUri(name.value) ?? '', base.value);
  if (name.kind === 'ip' && base.kind === 'ip') return matchesAddress(name.value, base.value);
  return name.kind === 'directory' && base.kind === 'directory' && startsWith(name.value, base.value);
}

function matchesDns(name: string, base: string, wildcards: boolean): boolean {
  const [host, of] = [name.toLowerCase(), base.toLowerCase()];
  if (wildcards && host.startsWith('*.') && of.slice(of.indexOf('.') + 1) === host.slice(2)) return true;
  if (of === '' || host === of) return true;
  return host.endsWith(of.startsWith('.') ? of : `.${of}`);
}

/** Of one mailbox, of a host, or, with a dot in front, of the hosts below it; the part before the @ is exact. */
function matchesEmail(name: string, base: string): boolean {
  const [at, baseAt] = [name.lastIndexOf('@'), base.lastIndexOf('@')];
  if (baseAt > 0 && name.slice(0, at) !== base.slice(0, baseAt)) return false;
  const [host, of] = [name.slice(at + 1), base.slice(baseAt + 1)];
  return baseAt >= 0 ? host.toLowerCase() === of.toLowerCase() : matchesHost(host, of);
}

function matchesHost(name: string, base: string): boolean {
  const [host, of] = [name.toLowerCase(), base.toLowerCase()];
  return of.startsWith('.') ? host.endsWith(of) && host.length > of.length : host === of;
}

const hostOfUri = (uri: string): string | undefined => /^[^:]*:\/\/([^:/]+)/.exec(uri)?.[1];

function matchesAddress(address: readonly number[], base: readonly number[]): boolean {
  const size = address.length;
  return (
    base.length === size * 2 && address.every((byte, i) => ((byte ^ (base[i] ?? 0)) & (base[size + i] ?? 0)) === 0)
  );
}

const startsWith = (name: DirectoryName, base: DirectoryName): boolean => base.every((part, i) => part === name[i]);
