// Lists of revoked certificates, only as far as they decide whether any certificate is taken. Source: RFC 5280 §5.1.

import type { RevocationList } from '#model/certificate.ts';
import { derTag, derValues } from './der.ts';
import { pemBlocks } from './pem.ts';
import { canonicalName } from './use.ts';

/** Those in a PEM text that Envoy sees, and can read. */
export function readRevocationLists(text: string): RevocationList[] {
  if (!text.includes(label)) return []; // the system's bundle has thousands of lines
  return pemBlocks(text).flatMap(({ label: own, pem, hidden }) =>
    own === label && pem !== undefined && hidden === undefined ? readList(derOf(pem)) : [],
  );
}

const label = 'X509 CRL';

const derOf = (pem: string): Buffer => Buffer.from(pem.split('\n').slice(1, -1).join(''), 'base64');

function readList(der: Buffer): RevocationList[] {
  const [list] = derValues(der);
  const [toBeSigned] = list ? derValues(list.content) : [];
  const parts = toBeSigned ? derValues(toBeSigned.content) : [];
  const [, issuer] = parts.filter(({ tag }) => tag === derTag.sequence);
  const [thisUpdate, nextUpdate] = parts.filter(({ tag }) => tag in digitsOfYear).map(timeOf);
  if (!issuer || thisUpdate === undefined) return [];
  return [{ issuer: canonicalName(issuer), nextUpdate }];
}

/** By the tag of UTCTime and GeneralizedTime. */
const digitsOfYear: Readonly<Record<number, number>> = { 23: 2, 24: 4 };

function timeOf({ tag, content }: { readonly tag: number; readonly content: Buffer }): string {
  const text = content.toString('latin1');
  const digits = digitsOfYear[tag] === 2 ? `${text < '5' ? '20' : '19'}${text}` : text;
  return digits.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
}
