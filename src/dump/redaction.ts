// Takes private keys, passwords and other credentials out of what Envoy and the API server answer, before it is shown
// or saved. Envoy redacts what its API marks as sensitive, but only in messages of types that it knows, and neither
// headers nor what stands in an Any of another type or in a Struct (research/formats.md §3.2). What is secret here:
//   - what Envoy's API marks, wherever a message says its type: `@type`, or the field that holds it;
//   - the value of a name that says so (secret-names.ts), of a header or variable as well: {key, value};
//   - what a header or parameter of such a name is compared with;
//   - the private members of a JSON Web Key;
//   - what is secret in any text (secret-texts.ts), in JSON inside a text too.

import { ToolError } from '#core/error.ts';
import { loadMessages } from './proto-fields.ts';
import { type FieldRule, type Origin, type Place, Places } from './redaction-places.ts';
import { tokenOf, tokenOfBytes } from './redaction-token.ts';
import { meaningOf } from './secret-names.ts';
import { withoutSecretTexts } from './secret-texts.ts';

/**
 * The document without secrets. Parts without secrets are not copied. Throws ToolError `bad-answer` for a document
 * nested too deeply to be an answer of Envoy.
 */
export async function withoutSecrets(json: unknown, origin: Origin = 'envoy'): Promise<unknown> {
  return (await redactionOf(origin)).redacted(json);
}

/** The same for many parts of Envoy's answers. */
export async function loadRedaction(): Promise<(json: unknown) => unknown> {
  const redaction = await redactionOf('envoy');
  return (json) => redaction.redacted(json);
}

/** The same by names alone, without the table of Envoy's messages: for a part of a dump that a model keeps. */
export const withoutNamedSecrets = (json: unknown): unknown => byNames.redacted(json);

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

/** Protobuf's own JSON parsers stop at 100. */
const deepest = 500;

function checkDepth(depth: number): void {
  if (depth >= deepest)
    throw new ToolError('bad-answer', `cannot read the answer: it is nested deeper than ${deepest} levels`);
}

type Fields = Readonly<Record<string, unknown>>;

/** What it returns is what it was given where nothing changes: a dump has a million values, and few secrets. */
class Redaction {
  readonly #places: Places;

  constructor(places: Places) {
    this.#places = places;
  }

  redacted(json: unknown): unknown {
    return this.#value(json, this.#places.unknown, 0);
  }

  #value(value: unknown, place: Place, depth: number): unknown {
    if (typeof value === 'string') return this.#text(value, depth);
    if (typeof value !== 'object' || value === null) return value;
    checkDepth(depth);
    return Array.isArray(value)
      ? mapList(value, (element) => this.#value(element, place, depth + 1))
      : this.#object(value as Fields, place, depth);
  }

  /** An Any says itself what it is. */
  #object(object: Fields, place: Place, depth: number): object {
    const type = object['@type'];
    const own = typeof type === 'string' ? this.#places.ofType(type) : place;
    let changed: Map<string, unknown> | undefined;
    // Of what JSON.parse makes, all that can be listed is its own.
    for (const name in object) {
      const value = object[name];
      const rule = this.#places.ruleOf(own, name);
      const result =
        (rule.hangsOnOthers ? this.#besideOthers(object, value, rule, depth) : undefined) ??
        this.#field(value, rule, depth);
      if (result === value) continue;
      changed ??= new Map();
      changed.set(name, result);
    }
    return changed === undefined ? object : withFields(object, changed);
  }

  /** Undefined where the other fields of the object say nothing of it. */
  #besideOthers(object: Fields, value: unknown, rule: FieldRule, depth: number): unknown {
    if (rule.isJwkMember && typeof object['kty'] === 'string') return this.#secret(value, rule.name, depth + 1);
    if (rule.isPairValue && typeof value === 'string' && isCredentialPair(object))
      return this.#credential(value, rule, depth);
    if (rule.isCondition && isOfCredential(object)) return this.#condition(value, depth + 1);
    // A Struct laid out as that message. Source: udpa/type/v1/typed_struct.proto.
    const message = rule.isStruct ? this.#places.ofStruct(object['type_url'] ?? object['typeUrl']) : undefined;
    return message && this.#value(value, message, depth + 1);
  }

  #field(value: unknown, rule: FieldRule, depth: number): unknown {
    switch (rule.is) {
      case 'harmless':
        return this.#value(value, rule.below, depth + 1);
      case 'type':
        return typeof value === 'string' && isTypeUrl(value) ? value : this.#value(value, rule.below, depth + 1);
      case 'secret':
        return this.#secret(value, rule.name, depth + 1);
      case 'credential data':
        return typeof value === 'string' || isDataSource(value)
          ? this.#credential(value, rule, depth)
          : this.#value(value, rule.below, depth + 1);
      case 'credential':
        return this.#credential(value, rule, depth);
    }
  }

  /** The value itself, each of a list, and what a DataSource has inline. Never another object. */
  #credential(value: unknown, rule: FieldRule, depth: number): unknown {
    if (typeof value === 'string') return isHarmless(value) ? value : this.#secret(value, rule.name, depth);
    if (Array.isArray(value)) {
      checkDepth(depth);
      return mapList(value, (element) => this.#credential(element, rule, depth + 1));
    }
    if (isDataSource(value)) return this.#secret(value, rule.name, depth + 1);
    return isStringMatch(value) && meaningOf(rule.name).isCredentialCondition
      ? this.#condition(value, depth + 1)
      : this.#value(value, rule.below, depth + 1);
  }

  /** What a credential is compared with: that is one, too, unless it only says how one begins or looks. */
  #condition(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return isHarmless(value) || isShape(value) ? value : tokenOf(value);
    if (typeof value !== 'object' || value === null) return value;
    checkDepth(depth);
    if (Array.isArray(value)) return mapList(value, (element) => this.#condition(element, depth + 1));
    return mapFields(value as Fields, (name, one) => (name === '@type' ? one : this.#condition(one, depth + 1)));
  }

  /** Redacts everything below, except fields that say where a secret comes from. */
  #secret(value: unknown, name: string, depth: number): unknown {
    if (typeof value === 'string') return bytesNames.has(name) ? tokenOfBytes(value) : tokenOf(value);
    if (typeof value === 'number') return tokenOf(String(value));
    if (typeof value !== 'object' || value === null) return value;
    checkDepth(depth);
    if (Array.isArray(value)) return mapList(value, (element) => this.#secret(element, name, depth + 1));
    return mapFields(value as Fields, (inner, one) =>
      tellingNames.has(inner.replaceAll('_', '').toLowerCase())
        ? this.#value(one, this.#places.unknown, depth + 1)
        : this.#secret(one, inner, depth + 1),
    );
  }

  #text(text: string, depth: number): string {
    const redacted = mayHoldJson(text) ? (this.#embedded(text, depth) ?? this.#encodedJson(text, depth)) : undefined;
    return redacted ?? withoutSecretTexts(text);
  }

  /** Undefined where the text is no JSON or holds no secret. A text that is nested too deeply is secret as a whole. */
  #embedded(text: string, depth: number): string | undefined {
    const json = parsedDocument(text) ?? parsedText(text);
    if (json === undefined) return undefined;
    try {
      const redacted = this.#value(json, this.#places.unknown, depth + 1);
      return redacted === json && isWholeDocument(text, json) ? undefined : JSON.stringify(redacted);
    } catch (error) {
      if (error instanceof ToolError) return tokenOf(text);
      throw error;
    }
  }

  /** Base64 of `{`, `{"` and `[`: a JWKS may be given as bytes. */
  #encodedJson(text: string, depth: number): string | undefined {
    if (!/^(?:e[wy]|W)[A-Za-z0-9+/_-]{6,}={0,2}$/.test(text)) return undefined;
    const redacted = this.#embedded(Buffer.from(text, 'base64').toString('utf8'), depth);
    return redacted === undefined ? undefined : Buffer.from(redacted).toString('base64');
  }
}

const byNames = new Redaction(new Places('envoy', () => undefined));

const loaded = new Map<Origin, Redaction>();

async function redactionOf(origin: Origin): Promise<Redaction> {
  const redaction = loaded.get(origin) ?? new Redaction(new Places(origin, await loadMessages()));
  loaded.set(origin, redaction);
  return redaction;
}

/** `{key, value}` of headers and metadata, `{name, value}` of an environment. */
function isCredentialPair({ key, name, value, raw_value, rawValue }: Fields): boolean {
  if (typeof (value ?? raw_value ?? rawValue) !== 'string') return false;
  return [key, name].some((one) => typeof one === 'string' && meaningOf(one).isCredentialHeader);
}

/** `{name: 'x-api-key', string_match: …}`, `{key: 'request.headers[x-api-key]', values: […]}`. */
const isOfCredential = ({ key, name, values, notValues }: Fields): boolean =>
  (values ?? notValues) === undefined
    ? typeof name === 'string' && meaningOf(name).isCredentialCondition
    : typeof key === 'string' && key.startsWith('request.headers[') && meaningOf(key).isCredentialCondition;

/** Of a VirtualService: `x-api-key: {exact: …}`. */
const isStringMatch = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).every((name) => stringMatchFields.has(name));

const stringMatchFields = new Set(['exact', 'prefix', 'regex']);

/** `Bearer `, `^Bearer [\\w.-]+$`, `*`: nothing is left of it without schemes and what stands for other characters. */
const isShape = (text: string): boolean =>
  !/[\w+/=-]{4}/.test(
    text.replace(/\[(?:\\.|[^\]\\])*\]|\\[a-z]|\b(?:bearer|basic|digest|negotiate|token|api-?key)\b/gi, ' '),
  );

/** A Struct, which somebody else wrote, may have anything by that name. */
const isTypeUrl = (text: string): boolean => /^[\w.-]+\/[\w.]+$/.test(text);

/** A switch, or a value that Envoy takes from the request: `Bearer %REQ(x-token)%`. */
const isHarmless = (value: string): boolean =>
  value === 'true' || value === 'false' || /^(?:[A-Za-z]+ )?%[A-Z_]+(?:\([^()%]*\))?(?::\d+)?%$/.test(value);

/** Source: envoy/config/core/v3/base.proto DataSource. */
const isDataSource = (value: unknown): value is Fields =>
  typeof value === 'object' &&
  value !== null &&
  ('inline_string' in value || 'inline_bytes' in value || 'inlineString' in value || 'inlineBytes' in value);

const bytesNames: ReadonlySet<string> = new Set(['inline_bytes', 'inlineBytes', 'raw_value', 'rawValue']);

/** Fields of a secret that say where it is, not what it is. */
const tellingNames = new Set(['@type', 'filename', 'environmentvariable', 'watcheddirectory', 'sdsconfig', 'name']);

/** By its first character, for the many that are no JSON; base64 of it begins with one of the last two. */
const mayHoldJson = (text: string): boolean => '{["\t\r\n eW'.includes(text.charAt(0));

/** A text in JSON, with JSON in it: what was written as JSON twice. */
function parsedText(text: string): string | undefined {
  if (!/^"\s*(?:[{[]|\\[\\"])/.test(text)) return undefined;
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}

function mapList(list: readonly unknown[], change: (element: unknown) => unknown): readonly unknown[] {
  let changed: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const result = change(list[index]);
    if (result === list[index]) continue;
    changed ??= [...list];
    changed[index] = result;
  }
  return changed ?? list;
}

function mapFields(object: Fields, change: (name: string, value: unknown) => unknown): object {
  const changed = new Map<string, unknown>();
  for (const name of Object.keys(object)) {
    const result = change(name, object[name]);
    if (result !== object[name]) changed.set(name, result);
  }
  return changed.size === 0 ? object : withFields(object, changed);
}

/** Fields keep their order, and one called `__proto__` is a field. */
const withFields = (object: Fields, changed: ReadonlyMap<string, unknown>): object =>
  Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, changed.has(name) ? changed.get(name) : value]),
  );
