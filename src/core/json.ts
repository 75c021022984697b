// Reading JSON that others wrote (Envoy's admin port, istiod, the API server). Lenient about what this tool does not
// know, strict about what it does: a field that is absent or null is undefined, a known field of another type is an
// error that names its path. Envoy writes proto3 JSON with proto field names (snake_case), istioctl the same with
// camelCase: both are read. Source: protobuf.dev/programming-guides/json.

import { ToolError } from './error.ts';
import { memoize } from './memoize.ts';

/** An object inside a document, with the way to it. Nothing is copied: `fields` is what JSON.parse made. */
export interface JsonObject {
  readonly fields: Readonly<Record<string, unknown>>;
  /** The key in `parent`; of the root, what the document is. */
  readonly key: string;
  /** The place in the parent's list. */
  readonly index: number | undefined;
  readonly parent: JsonObject | undefined;
}

/** What stays the same object where several documents share a part (envoy/common-parts.ts); the way to it does not. */
export const contentOf = ({ fields }: JsonObject): object => fields;

/**
 * `what` names the answer for the error, e.g. `server_info of POD`. Throws `bad-answer` for everything that is not
 * JSON.
 */
export function parseJson(body: Buffer | string, what: string): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    // An editor has put a byte order mark there, which may be passed over: RFC 8259 §8.1.
    if (text.startsWith('\ufeff')) return parseJson(text.slice(1), what);
    throw new ToolError('bad-answer', `cannot read ${what}: ${whyNotJson(text.trim(), Buffer.byteLength(body))}`);
  }
}

/** The parser's own message quotes what stands around the mistake, which may be a key: it is not used. */
function whyNotJson(text: string, bytes: number): string {
  if (text === '') return 'the answer is empty';
  if (!/^[[{]/.test(text)) return `it is not JSON but "${firstWords(text)}"`;
  if (!/[\]}]$/.test(text)) return `it ends in the middle, after ${bytes} bytes`;
  return `it is not valid JSON (${bytes} bytes)`;
}

/**
 * How an answer begins that should have been something else, as far as it is plain words: `no healthy upstream`,
 * `<html>`. What has digits or other signs, or stands behind the name of a credential, may be one.
 */
export function firstWords(text: string): string {
  const [words = ''] = /^(?:[<!]{0,2}[A-Za-z]{1,20}[>.,:]?(?: |$|(?=<)))*/.exec(text.slice(0, 80)) ?? [];
  const shown = words.replace(/(?<=authorization|bearer|basic|token|secret|password|key|cookie|credentials?)\b.*/i, '');
  return shown === text ? shown : `${shown.trimEnd()}…`;
}

/** The document itself; `what` is the beginning of every path in errors. Throws `bad-answer` where it is no object. */
export function rootObject(json: unknown, what: string): JsonObject {
  if (isObject(json)) return { fields: json, key: what, index: undefined, parent: undefined };
  throw new ToolError('bad-answer', `cannot read ${what}: it is ${describeType(json)}, not an object`);
}

/**
 * The raw value of a field, by its snake_case name; undefined for null, an absent field, or where `value` is no object.
 */
export function field(value: unknown, name: string): unknown {
  return isObject(value) ? fieldOf(value, name) : undefined;
}

const fieldOf = (fields: JsonObject['fields'], name: string): unknown =>
  fields[name] ?? fields[camelCase(name)] ?? undefined;

export const hasField = (object: JsonObject, name: string): boolean => fieldOf(object.fields, name) !== undefined;

export function objectIn(object: JsonObject, name: string): JsonObject | undefined {
  const value = fieldOf(object.fields, name);
  if (value === undefined) return undefined;
  if (!isObject(value)) throw wrongType(object, name, value, 'an object');
  return { fields: value, key: name, index: undefined, parent: object };
}

/** The objects of a list; none where the field is absent. */
export function objectsIn(object: JsonObject, name: string): JsonObject[] {
  return mapList(object, name, (element, index) => {
    if (!isObject(element)) throw wrongType(object, `${name}[${index}]`, element, 'an object');
    return { fields: element, key: name, index, parent: object };
  });
}

/** The entries of a map from names to messages. */
export function entriesIn(object: JsonObject, name: string): (readonly [string, JsonObject])[] {
  const map = objectIn(object, name);
  if (!map) return [];
  return Object.entries(map.fields).flatMap(([key, value]) => {
    if (value === null) return [];
    if (!isObject(value)) throw wrongType(map, key, value, 'an object');
    return [[key, { fields: value, key, index: undefined, parent: map }] as const];
  });
}

export function textIn(object: JsonObject, name: string): string | undefined {
  const value = fieldOf(object.fields, name);
  if (value === undefined || typeof value === 'string') return value;
  throw wrongType(object, name, value, 'a string');
}

export function textsIn(object: JsonObject, name: string): string[] {
  return mapList(object, name, (element, index) => {
    if (typeof element === 'string') return element;
    throw wrongType(object, `${name}[${index}]`, element, 'a string');
  });
}

/** Numbers, and 64-bit ones that proto3 JSON writes as strings. */
export function numberIn(object: JsonObject, name: string): number | undefined {
  return asNumber(fieldOf(object.fields, name), object, name);
}

export function numbersIn(object: JsonObject, name: string): number[] {
  return listIn(object, name).flatMap((element, index) => asNumber(element, object, `${name}[${index}]`) ?? []);
}

function asNumber(value: unknown, object: JsonObject, name: string): number | undefined {
  if (value === undefined || typeof value === 'number') return value;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  if (!Number.isNaN(number) || value === 'NaN') return number;
  throw wrongType(object, name, value, 'a number');
}

export function booleanIn(object: JsonObject, name: string): boolean | undefined {
  const value = fieldOf(object.fields, name);
  if (value === undefined || typeof value === 'boolean') return value;
  throw wrongType(object, name, value, 'true or false');
}

/** The name of an enum value; one that the writer did not know by name is its number, as text. */
export function enumIn(object: JsonObject, name: string): string | undefined {
  const value = fieldOf(object.fields, name);
  return typeof value === 'number' ? String(value) : textIn(object, name);
}

/** `1.5s` → 1500 milliseconds. */
export function durationIn(object: JsonObject, name: string): number | undefined {
  const text = textIn(object, name);
  if (text === undefined) return undefined;
  const ms = millisecondsOf(text);
  if (ms === undefined) throw wrongType(object, name, text, 'a duration such as 1.5s');
  return ms;
}

/** Durations are few, and every route has two. */
const millisecondsOf = memoize((text): number | undefined => {
  const seconds = /^(-?\d+(?:\.\d+)?)s$/.exec(text)?.[1];
  return seconds === undefined ? undefined : Math.round(Number(seconds) * 1e6) / 1e3;
});

const noNames: ReadonlySet<string> = new Set();

/** The names of an object's fields that are set, in snake_case, but for those `without`; `@type` is none. */
export function fieldNames({ fields }: JsonObject, without = noNames): string[] {
  const names: string[] = [];
  for (const name of Object.keys(fields))
    if (!without.has(name) && name !== '@type' && fields[name] !== null) names.push(snakeCase(name));
  return names;
}

/** For `fieldNames` to leave out. */
export const inBothSpellings = (names: readonly string[]): ReadonlySet<string> =>
  new Set([...names, ...names.map(camelCase)]);

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** An error about a field whose content cannot be right, with its path. */
export function badField(object: JsonObject, name: string, why: string): ToolError {
  const [what, ...keys] = wayTo(object);
  return new ToolError('bad-answer', `cannot read ${what}: ${[...keys, name].join('.')} ${why}`);
}

const noList: readonly unknown[] = [];

/** Most lists are absent. */
function mapList<T>(object: JsonObject, name: string, read: (element: unknown, index: number) => T): T[] {
  const list = listIn(object, name);
  return list.length === 0 ? [] : list.map(read);
}

function listIn(object: JsonObject, name: string): readonly unknown[] {
  const value = fieldOf(object.fields, name);
  if (value === undefined) return noList;
  if (!Array.isArray(value)) throw wrongType(object, name, value, 'a list');
  return value;
}

function wrongType(object: JsonObject, name: string, value: unknown, wanted: string): ToolError {
  const found = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : describeType(value);
  return badField(object, name, `is ${found}, not ${wanted}`);
}

function wayTo(object: JsonObject): string[] {
  const key = object.index === undefined ? object.key : `${object.key}[${object.index}]`;
  return object.parent ? [...wayTo(object.parent), key] : [key];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function describeType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Deeper than any document of Envoy: protobuf's own JSON parsers stop at 100. */
const deepest = 500;

/** Whether both say the same, in whatever order. */
export function isSameJson(a: unknown, b: unknown, depth = 0): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || depth > deepest) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const own = a as Record<string, unknown>;
  const other = b as Record<string, unknown>;
  const names = Object.keys(own);
  if (names.length !== Object.keys(other).length) return false;
  for (const name of names)
    if (!Object.hasOwn(other, name) || !isSameJson(own[name], other[name], depth + 1)) return false;
  return true;
}

const camelCased = new Map<string, string>();

/** Names of fields are few and asked for again and again. */
function camelCase(name: string): string {
  const known = camelCased.get(name);
  if (known !== undefined) return known;
  const made = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  camelCased.set(name, made);
  return made;
}
