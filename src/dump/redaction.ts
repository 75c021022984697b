// Takes private keys, passwords and other credentials out of what Envoy and the API server answer, before it is shown
// or saved. Envoy redacts what its API marks as sensitive, but only in messages of types that it knows, and neither
// headers nor what stands in an Any of another type or in a Struct (research/formats.md §3.2). What is secret here:
//   - what Envoy's API marks, wherever a message says its type: `@type`, or the field that holds it;
//   - the value of a name that says so (secret-names.ts), of a header or variable as well: {key, value};
//   - the private members of a JSON Web Key;
//   - what is secret in any text (secret-texts.ts), in JSON inside a text too.

import { ToolError } from '#core/error.ts';
import { type Field, fieldOf, loadMessages, type Message, type MessageOf } from './proto-fields.ts';
import { tokenOf, tokenOfBytes } from './redaction-token.ts';
import { meaningOf, privateJwkMembers } from './secret-names.ts';
import { withoutSecretTexts } from './secret-texts.ts';

/**
 * Whose document it is. In one of Envoy everything below a `private_key` or `password` is secret; in a Kubernetes object
 * such an object says how a key is made (cert-manager's `privateKey`) or where it is.
 */
export type Origin = 'envoy' | 'kubernetes';

/**
 * The document without secrets. Parts without secrets are not copied. Throws ToolError `bad-answer` for a document
 * nested too deeply to be an answer of Envoy.
 */
export async function withoutSecrets(json: unknown, origin: Origin = 'envoy'): Promise<unknown> {
  return redactValue(json, { origin, messageOf: await loadMessages() }, unknownPlace);
}

/** The same for many parts of Envoy's answers. */
export async function loadRedaction(): Promise<(json: unknown) => unknown> {
  const messageOf = await loadMessages();
  return (json) => redactValue(json, { origin: 'envoy', messageOf }, unknownPlace);
}

/** The same by names alone, without the table of Envoy's messages: for a part of a dump that a model keeps. */
export const withoutNamedSecrets = (json: unknown): unknown =>
  redactValue(json, { origin: 'envoy', messageOf: () => undefined }, unknownPlace);

/** How a document begins; a line of text may begin with a bracket, too: `[%START_TIME%]`, the listener `[::]:80`. */
export const beginsAsJson = (text: string): boolean => /^\s*(?:\{\s*["}]|\[\s*[[{"\]\d-])/.test(text);

/** An object or a list; undefined for another text. */
export function parsedDocument(text: string): object | undefined {
  if (!beginsAsJson(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

/** Whether `json` has all that the text has: JSON.parse keeps the last value only where an object has a key twice. */
export const isWholeDocument = (text: string, json: unknown): boolean =>
  typeof json === 'string' || keysIn(text) === keysOf(json);

function keysIn(text: string): number {
  let count = 0;
  for (const [found] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(?:\s*:)?/g)) if (found.endsWith(':')) count++;
  return count;
}

function keysOf(json: unknown): number {
  if (typeof json !== 'object' || json === null) return 0;
  const own = Array.isArray(json) ? 0 : Object.keys(json).length;
  return Object.values(json).reduce((sum: number, value) => sum + keysOf(value), own);
}

interface Rules {
  readonly origin: Origin;
  readonly messageOf: MessageOf;
}

interface Place {
  readonly depth: number;
  /** The message of the value, or of each value of a map; undefined in a Struct and for unknown types. */
  readonly message: Message | undefined;
  readonly isMap: boolean;
  /** The strings of this object are names of other things. */
  readonly holdsNames: boolean;
}

const unknownPlace: Place = { depth: 0, message: undefined, isMap: false, holdsNames: false };

/** Protobuf's own JSON parsers stop at 100. */
const deepest = 500;

function redactValue(value: unknown, rules: Rules, place: Place): unknown {
  if (typeof value === 'string') return redactText(value, rules, place.depth);
  if (typeof value !== 'object' || value === null) return value;
  checkDepth(place.depth);
  if (!Array.isArray(value)) return redactObject(value as Fields, rules, place);
  const inner = { ...place, depth: place.depth + 1 };
  return mapList(value, (element) => redactValue(element, rules, inner));
}

function checkDepth(depth: number): void {
  if (depth >= deepest)
    throw new ToolError('bad-answer', `cannot read the answer: it is nested deeper than ${deepest} levels`);
}

type Fields = Readonly<Record<string, unknown>>;

function redactObject(object: Fields, rules: Rules, place: Place): object {
  const own = ownPlace(object, rules, place);
  const isPair = isCredentialPair(object);
  const isJwk = typeof object['kty'] === 'string';
  return mapFields(object, (name, value) => {
    if (isJwk && privateJwkMembers.has(name)) return secret(value, name, rules, own.depth + 1);
    if (isPair && pairValues.has(name) && typeof value === 'string') return credential(value, name, rules, own);
    return redactField(object, name, value, rules, own);
  });
}

/** `{key, value}` of headers and metadata, `{name, value}` of an environment. */
function isCredentialPair({ key, name, value, raw_value, rawValue }: Fields): boolean {
  if (typeof (value ?? raw_value ?? rawValue) !== 'string') return false;
  return [key, name].some((one) => typeof one === 'string' && meaningOf(one).isCredentialHeader);
}

const pairValues: ReadonlySet<string> = new Set(['value', 'raw_value', 'rawValue']);

/** An Any says itself what it is. */
function ownPlace(object: Fields, { messageOf }: Rules, place: Place): Place {
  const type = object['@type'];
  return typeof type === 'string' ? { ...unknownPlace, depth: place.depth, message: messageOf(type) } : place;
}

function redactField(object: Fields, name: string, value: unknown, rules: Rules, place: Place): unknown {
  if (name === '@type' || typeof value === 'boolean' || value === null) return value;
  const { message, isMap } = place;
  if (message !== undefined && isMap) return redactBelow(name, value, rules, place, message);
  const field = message && fieldOf(message, name);
  if (field === undefined) return redactUnknown(object, name, value, rules, place);
  if (field.isSensitive) return secret(value, name, rules, place.depth + 1);
  if (isNamedCredential(name, place) && (field.kind !== 'message' || typeof value === 'string' || isDataSource(value)))
    return credential(value, name, rules, place);
  return redactBelow(name, value, rules, place, messageIn(field, rules), field.mapKey !== undefined);
}

const messageIn = ({ kind, type }: Field, { messageOf }: Rules): Message | undefined =>
  kind === 'message' ? messageOf(type) : undefined;

/** Redacts inside a field that is not secret as a whole, as its message's type where that is known. */
function redactBelow(
  name: string,
  value: unknown,
  rules: Rules,
  { depth }: Place,
  message?: Message,
  isMap = false,
): unknown {
  if (typeof value === 'string') return redactText(value, rules, depth + 1);
  if (typeof value !== 'object') return value;
  return redactValue(value, rules, { depth: depth + 1, message, isMap, holdsNames: meaningOf(name).holdsNames });
}

function redactUnknown(object: Fields, name: string, value: unknown, rules: Rules, place: Place): unknown {
  const message = typeOfStruct(object, name, rules);
  if (message !== undefined) return redactBelow(name, value, rules, place, message);
  if (rules.origin === 'envoy' && !place.holdsNames && meaningOf(name).isSecretObject)
    return secret(value, name, rules, place.depth + 1);
  return isNamedCredential(name, place)
    ? credential(value, name, rules, place)
    : redactBelow(name, value, rules, place);
}

/** `{type_url, value}`: a Struct laid out as that message. Source: udpa/type/v1/typed_struct.proto. */
function typeOfStruct(object: Fields, name: string, { messageOf }: Rules): Message | undefined {
  const type = name === 'value' ? (object['type_url'] ?? object['typeUrl']) : undefined;
  return typeof type === 'string' ? messageOf(type) : undefined;
}

/** A field of one of Envoy's own messages is never called as a header. */
function isNamedCredential(name: string, { message, holdsNames }: Place): boolean {
  if (holdsNames) return false;
  const { isCredential, isCredentialHeader } = meaningOf(name);
  return message === undefined ? isCredentialHeader : isCredential;
}

/** The value itself, each of a list, and what a DataSource has inline. Never another object. */
function credential(value: unknown, name: string, rules: Rules, place: Place): unknown {
  if (typeof value === 'string') return isHarmless(value) ? value : secret(value, name, rules, place.depth);
  if (Array.isArray(value)) {
    checkDepth(place.depth);
    const inner = { ...place, depth: place.depth + 1 };
    return mapList(value, (element) => credential(element, name, rules, inner));
  }
  return isDataSource(value) ? secret(value, name, rules, place.depth + 1) : redactBelow(name, value, rules, place);
}

/** A switch, or a value that Envoy takes from the request: `Bearer %REQ(x-token)%`. */
const isHarmless = (value: string): boolean =>
  value === 'true' || value === 'false' || /^(?:[A-Za-z]+ )?%[A-Z_]+(?:\([^()%]*\))?(?::\d+)?%$/.test(value);

/** Source: envoy/config/core/v3/base.proto DataSource. */
const isDataSource = (value: unknown): value is Fields =>
  typeof value === 'object' &&
  value !== null &&
  ('inline_string' in value || 'inline_bytes' in value || 'inlineString' in value || 'inlineBytes' in value);

/** Redacts everything below, except fields that say where a secret comes from. */
function secret(value: unknown, name: string, rules: Rules, depth: number): unknown {
  if (typeof value === 'string') return bytesNames.has(name) ? tokenOfBytes(value) : tokenOf(value);
  if (typeof value === 'number') return tokenOf(String(value));
  if (typeof value !== 'object' || value === null) return value;
  checkDepth(depth);
  if (Array.isArray(value)) return mapList(value, (element) => secret(element, name, rules, depth + 1));
  return mapFields(value as Fields, (inner, one) =>
    tellingNames.has(inner.replaceAll('_', '').toLowerCase())
      ? redactValue(one, rules, { ...unknownPlace, depth: depth + 1 })
      : secret(one, inner, rules, depth + 1),
  );
}

const bytesNames: ReadonlySet<string> = new Set(['inline_bytes', 'inlineBytes', 'raw_value', 'rawValue']);

/** Fields of a secret that say where it is, not what it is. */
const tellingNames = new Set(['@type', 'filename', 'environmentvariable', 'watcheddirectory', 'sdsconfig', 'name']);

function redactText(text: string, rules: Rules, depth: number): string {
  const redacted = mayHoldJson(text)
    ? (redactEmbedded(text, rules, depth) ?? redactEncodedJson(text, rules, depth))
    : undefined;
  return redacted ?? withoutSecretTexts(text);
}

/** By its first character, for the many that are no JSON; base64 of it begins with one of the last two. */
const mayHoldJson = (text: string): boolean => '{["\t\r\n eW'.includes(text.charAt(0));

/** Undefined where the text is no JSON or holds no secret. A text that is nested too deeply is secret as a whole. */
function redactEmbedded(text: string, rules: Rules, depth: number): string | undefined {
  const json = parsedDocument(text) ?? parsedText(text);
  if (json === undefined) return undefined;
  try {
    const redacted = redactValue(json, rules, { ...unknownPlace, depth: depth + 1 });
    return redacted === json && isWholeDocument(text, json) ? undefined : JSON.stringify(redacted);
  } catch (error) {
    if (error instanceof ToolError) return tokenOf(text);
    throw error;
  }
}

/** A text in JSON, with JSON in it: what was written as JSON twice. */
function parsedText(text: string): string | undefined {
  if (!/^"\s*(?:[{[]|\\[\\"])/.test(text)) return undefined;
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}

/** Base64 of `{`, `{"` and `[`: a JWKS may be given as bytes. */
function redactEncodedJson(text: string, rules: Rules, depth: number): string | undefined {
  if (!/^(?:e[wy]|W)[A-Za-z0-9+/_-]{6,}={0,2}$/.test(text)) return undefined;
  const redacted = redactEmbedded(Buffer.from(text, 'base64').toString('utf8'), rules, depth);
  return redacted === undefined ? undefined : Buffer.from(redacted).toString('base64');
}

/** The list itself where nothing changes: a dump has a million values, and few secrets. */
function mapList(list: readonly unknown[], change: (element: unknown) => unknown): readonly unknown[] {
  let changed: unknown[] | undefined;
  for (const [index, element] of list.entries()) {
    const result = change(element);
    if (result === element) continue;
    changed ??= [...list];
    changed[index] = result;
  }
  return changed ?? list;
}

function mapFields(object: Fields, change: (name: string, value: unknown) => unknown): object {
  let changed: Map<string, unknown> | undefined;
  for (const name of Object.keys(object)) {
    const result = change(name, object[name]);
    if (result === object[name]) continue;
    changed ??= new Map();
    changed.set(name, result);
  }
  return changed === undefined ? object : withFields(object, changed);
}

/** Fields keep their order, and one called `__proto__` is a field. */
const withFields = (object: Fields, changed: ReadonlyMap<string, unknown>): object =>
  Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, changed.has(name) ? changed.get(name) : value]),
  );
