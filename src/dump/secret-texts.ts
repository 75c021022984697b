// Secrets inside a text, whatever its field is called: private keys in PEM, also in base64; the user info of URIs; JSON Web
// Tokens; the value of an authorization header, and of another name that says so (named-values.ts).

import { withoutNamedValues } from './named-values.ts';
import { tokenOf } from './redaction-token.ts';

/** Each takes time in proportion to the text's length. */
export function withoutSecretTexts(text: string): string {
  if (!mayHoldSecret.test(text)) return text;
  if (text.length < shortestKey) return withoutNamedValues(withoutTokens(withoutUserInfo(text)));
  const plain = text.includes('PRIVATE KEY') ? text.replace(privateKeyBlock, tokenOf) : text;
  const decoded = mayHoldEncodedKey(plain) ? plain.replace(base64Run, redactEncoded) : plain;
  return withoutNamedValues(withoutHeaderValues(withoutTokens(withoutUserInfo(decoded))));
}

/** All that is looked for has a capital letter or one of these in it. Most texts of a dump have not. */
const mayHoldSecret = /[@A-Z="']|: |uthorization/;

/** The mark of a key in base64 and the name of a header with a value are longer: most texts of a dump are not. */
const shortestKey = 20;

/** To the end of the text where the block has no end: half a key is a key. RFC 7468. */
const privateKeyBlock =
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)/g;

/** How `PRIVATE KEY-----` looks inside base64, for each of the three ways in which it can fall on groups of 3 bytes. */
const encodedMarks = [0, 1, 2].map((offset) => {
  const encoded = Buffer.from(`${' '.repeat(offset)}PRIVATE KEY-----`).toString('base64');
  // The first and last group may hold neighbouring bytes.
  return encoded.slice(offset === 0 ? 0 : 4, -4);
});

function mayHoldEncodedKey(text: string): boolean {
  const compact = text.includes('\n') || text.includes(' ') ? text.replace(/\s+/g, '') : text;
  return encodedMarks.some((mark) => compact.includes(mark));
}

/** Base64, broken into lines or not. */
const base64Run = /[A-Za-z0-9+/_-]{16,}(?:\s+[A-Za-z0-9+/_-]{4,})*={0,2}/g;

function redactEncoded(run: string): string {
  const decoded = Buffer.from(run, 'base64').toString('latin1');
  const redacted = decoded.replace(privateKeyBlock, tokenOf);
  return redacted === decoded ? run : Buffer.from(redacted, 'latin1').toString('base64');
}

/** `https://user:password@host`, and an authority alone, as a redirect's host is one. RFC 3986 section 3.2. */
function withoutUserInfo(text: string): string {
  if (!text.includes('@')) return text;
  const alone = /^(?!mailto:|acct:|sips?:)([^\s/@:]+:[^\s/@]+)@(?!sha\d+:)[^\s/@]+$/.exec(text)?.[1];
  if (alone !== undefined) return `${tokenOf(alone)}${text.slice(alone.length)}`;
  return text.replace(/:\/\/([^\s/?#"'<>\\]+)@/g, (_, info: string) => `://${tokenOf(info)}@`);
}

/** `eyJ…`, a JSON Web Token (RFC 7519), anywhere; a text that is nothing but a scheme with its credentials. */
function withoutTokens(text: string): string {
  const plain = text.includes('eyJ') ? text.replace(webToken, tokenOf) : text;
  const first = plain.charAt(0);
  return first === 'B' || first === 'b'
    ? plain.replace(schemeAlone, (_, scheme: string, value: string) => `${scheme}${tokenOf(value)}`)
    : plain;
}

const schemeAlone = /^((?:basic|bearer)\s+)([\w.~+/=-]{6,})\s*$/i;
const webToken = /\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?/g;

/**
 * `headers:add("authorization", "Bearer …")` of Lua, `map[Authorization:[Bearer …]]` of Go and their like: the scheme stays,
 * and a token that stands for a value.
 * RFC 9110 section 11.6.2.
 */
const headerValue =
  /(authorization["'\]]*[\s,:=[]{0,8}["']?(?:basic|bearer|token|api-?key|api-token)\s+)(\[redacted(?: [0-9a-f]{8})?\]|[^\s"'\\%\]]+)/gi;

function withoutHeaderValues(text: string): string {
  if (!text.includes('uthorization') && !text.includes('UTHORIZATION')) return text;
  return text.replace(headerValue, (_, before: string, value: string) => `${before}${tokenOf(value)}`);
}
