// The types of what comes in as JSON, checked where it comes in: after that, plain data has the types that the code
// says it has. A schema is a value of its own for each interface; the compiler holds it against the interface. Fields
// that it does not name pass as they are.

import { ToolError } from './error.ts';

/**
 * What is wrong with `value`, which stands at `path`; undefined where it is a T. `path` begins with a dot or bracket.
 * Almost everything is right: what is in a list or an object gets a path of its own only when it is looked at again.
 */
export type Schema<T> = ((value: unknown, path: string) => string | undefined) & { readonly holds?: T };

/** `what` names the document for the error, e.g. `the answer to list pods`. Throws `bad-answer`, naming the field. */
export function checked<T>(schema: Schema<T>, value: unknown, what: string): T {
  const wrong = schema(value, '');
  if (wrong !== undefined) throw new ToolError('bad-answer', `cannot read ${what}: ${wrong}`);
  return value as T;
}

const shortest = 60;

/** Of a text its beginning, escaped: it is somebody else's. */
function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, shortest));
  return typeof value === 'object' ? 'an object' : typeof value === 'undefined' ? 'missing' : String(value);
}

export const wrongField = (path: string, value: unknown, wanted: string): string =>
  `${path.replace(/^\./, '') || 'it'} is ${describe(value)}, not ${wanted}`;

const ofType =
  <T>(type: 'string' | 'number' | 'boolean', wanted: string): Schema<T> =>
  (value, path) =>
    typeof value === type ? undefined : wrongField(path, value, wanted);

export const text: Schema<string> = ofType('string', 'a text');
export const number: Schema<number> = ofType('number', 'a number');
export const boolean: Schema<boolean> = ofType('boolean', 'true or false');
export const anything: Schema<unknown> = () => undefined;

/** RFC 3339, or anything else that is a moment. */
export const time: Schema<string> = (value, path) =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? undefined : wrongField(path, value, 'a time');

export const oneOf =
  <const T extends string>(...words: readonly T[]): Schema<T> =>
  (value, path) =>
    words.includes(value as T) ? undefined : wrongField(path, value, `one of ${words.join(', ')}`);

/** Go writes null for what is not there, too. */
export const optional =
  <T>(schema: Schema<T>): Schema<T | undefined> =>
  (value, path) =>
    value === undefined || value === null ? undefined : schema(value, path);

export const list =
  <T>(schema: Schema<T>): Schema<readonly T[]> =>
  (value, path) => {
    if (!Array.isArray(value)) return wrongField(path, value, 'a list');
    for (let index = 0; index < value.length; index++) {
      if (schema(value[index], path) !== undefined) return schema(value[index], `${path}[${index}]`);
    }
    return undefined;
  };

export const mapOf =
  <T>(schema: Schema<T>): Schema<Readonly<Record<string, T>>> =>
  (value, path) => {
    if (!isObject(value)) return wrongField(path, value, 'an object');
    for (const [key, element] of Object.entries(value)) {
      if (schema(element, path) !== undefined)
        return schema(element, `${path}[${JSON.stringify(key.slice(0, shortest))}]`);
    }
    return undefined;
  };

type Fields<T> = {
  readonly [K in keyof Required<T>]: object extends Pick<T, K> ? Schema<T[K] | undefined> : Schema<T[K]>;
};

/** Fields that are null become undefined where they are optional: so their defaults count. */
export const object = <T extends object>(fields: Fields<T>): Schema<T> => {
  const keys = Object.keys(fields);
  const schemas = Object.values<Schema<unknown>>(fields);
  return (value, path) => {
    if (!isObject(value)) return wrongField(path, value, 'an object');
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] as string;
      const schema = schemas[at] as Schema<unknown>;
      const field = value[key];
      if (schema(field, path) !== undefined) return schema(field, `${path}.${key}`);
      if (field === null) value[key] = undefined;
    }
    return undefined;
  };
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Of a message that begins with `spec.http[0].match is …`. */
export const pathIn = (message: string): (string | number)[] =>
  [...(message.split(' ')[0] ?? '').matchAll(/([\w-]+)|\[(?:(\d+)|"([^"]*)")\]/g)].map(
    ([, name, index, key]) => name ?? key ?? Number(index),
  );
