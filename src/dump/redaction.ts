// Takes private keys and their like out of what Envoy answers, before it is shown or saved. Envoy redacts them itself,
// but only in messages of types it knows: what stands in an Any of another type or in a Struct comes as it is (formats:
// research/formats.md §3.2). Two nets: fields by their names, and texts by what is in them (PEM, also in base64).

import { ToolError } from '#core/error.ts';

/** As Envoy writes it for strings and, in base64, for bytes. Source: source/common/protobuf/utility.cc redact. */
const redacted = '[redacted]';
const redactedBytes = Buffer.from(redacted).toString('base64');

/** Protobuf's own JSON parsers stop at 100. */
const deepest = 500;

/**
 * The same document without private keys, passwords, session ticket keys and generic secrets; what has none is not
 * copied. Throws ToolError `bad-answer` for a document nested too deeply to be an answer of Envoy.
 */
export function withoutPrivateKeys(json: unknown): unknown {
  return redactValue(json, 0, false);
}

/** The same for an answer that is not JSON. */
export function withoutKeyMaterial(text: string): string {
  const plain = text.includes('PRIVATE KEY') ? text.replace(privateKeyBlock, redacted) : text;
  return mayHoldEncodedKey(plain) ? plain.replace(base64Run, redactEncoded) : plain;
}

/** `isSecret`: everything below is secret by the name of a field above. */
function redactValue(value: unknown, depth: number, isSecret: boolean): unknown {
  if (depth > deepest)
    throw new ToolError('bad-answer', `cannot read the answer: it is nested deeper than ${deepest} levels`);
  if (typeof value === 'string') return isSecret ? redacted : withoutKeyMaterial(value);
  if (typeof value === 'number') return isSecret ? redacted : value;
  if (Array.isArray(value)) return redactList(value, depth, isSecret);
  return typeof value === 'object' && value !== null ? redactObject(value, depth, isSecret) : value;
}

function redactList(list: readonly unknown[], depth: number, isSecret: boolean): readonly unknown[] {
  const result = list.map((element) => redactValue(element, depth + 1, isSecret));
  return result.every((element, index) => element === list[index]) ? list : result;
}

function redactObject(object: object, depth: number, isSecret: boolean): object {
  let hasChanged = false;
  const fields = Object.entries(object).map(([name, value]) => {
    const result = redactField(name, value, depth, isSecret);
    hasChanged ||= result !== value;
    return [name, result] as const;
  });
  return hasChanged ? Object.fromEntries(fields) : object;
}

function redactField(name: string, value: unknown, depth: number, isSecret: boolean): unknown {
  const plainName = name.replace(/[_-]/g, '').toLowerCase();
  if (isSecret && tellingNames.has(plainName)) return redactValue(value, depth + 1, false);
  if (isSecret && plainName === 'inlinebytes') return redactedBytes;
  return redactValue(value, depth + 1, isSecret || secretNames.test(plainName));
}

/**
 * Fields that hold a secret, without underscores and case: in messages of Envoy, and what people call them in a Struct.
 */
const secretNames = /(?:privatekey|password|passphrase|sessionticketkeys|genericsecret|pkcs12)$/;

/** Of a secret by name: where it is, not what it is. */
const tellingNames = new Set(['@type', 'filename', 'environmentvariable', 'watcheddirectory', 'sdsconfig', 'name']);

/** To the end of the text where the block has no end: half a key is a key. RFC 7468. */
const privateKeyBlock = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g;

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
  if (!privateKeyBlock.test(decoded)) return run;
  return Buffer.from(decoded.replace(privateKeyBlock, redacted), 'latin1').toString('base64');
}
