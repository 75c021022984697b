// Which fields the objects have that a preview reads: object-fields.json, written by `npm run gen:fields` from the
// definitions that istio.io/api, cert-manager and Kubernetes publish. The table is loaded when it is first asked for.
//
// A type is a list of fields, `NAME[!]=TYPE` with a comma between them; `!`: the API server wants it. Behind each `;` stand
// fields, `|` between them, of which one alone may be there. TYPE is a scalar with its range, `<MIN..MAX>`, or `#` and the
// place of a type, or `%` and the words that are allowed, `|` between them; `[]` before it is a list, `{}` a map. `anything`
// is not looked into.

import { goDuration } from '#core/go-duration.ts';
import type { Resource } from '#core/kinds.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { andList, someOf } from '#core/phrase.ts';
import { anything, boolean, list, mapOf, number, oneOf, type Schema, text, wrongField } from '#core/schema.ts';
import { nearest } from '#core/suggestion.ts';

export type FieldPath = readonly (string | number)[];

/** What the API server refuses an object for. */
export interface Refusal {
  /** `spec.hots is no field: is hosts meant?` */
  readonly text: string;
  readonly path: FieldPath;
  /** It does not know the field. */
  readonly isUnknown: boolean;
}

/** Undefined for a kind that the table does not have. */
export type RefusalsOf = (resource: Resource, object: KubeObject) => readonly Refusal[];

interface Table {
  readonly sources: readonly string[];
  readonly kinds: Readonly<Partial<Record<Resource, number>>>;
  readonly types: readonly string[];
}

let loaded: Promise<RefusalsOf> | undefined;

/** Loads the table once for the process. */
export function loadRefusals(): Promise<RefusalsOf> {
  loaded ??= import('./object-fields.json', { with: { type: 'json' } }).then((module) => readerOf(module.default));
  return loaded;
}

interface Field {
  readonly type: string;
  readonly isRequired: boolean;
}

interface ObjectType {
  readonly fields: ReadonlyMap<string, Field>;
  /** Of each the names of fields of which one alone may be there. */
  readonly choices: readonly (readonly string[])[];
}

type Types = (type: string) => ObjectType;

function readerOf({ kinds, types: texts }: Table): RefusalsOf {
  const read = new Map<string, ObjectType>();
  const types: Types = (type) => {
    const found = read.get(type) ?? readType(texts[Number(type.slice(1))] ?? '');
    read.set(type, found);
    return found;
  };
  return (resource, object) => {
    const place = kinds[resource];
    return place === undefined ? [] : refusalsIn(object, `#${place}`, [], types);
  };
}

function readType(text: string): ObjectType {
  const [fields = '', ...choices] = text.split(';');
  return {
    fields: new Map(
      fields.split(',').map((field) => {
        const [, name = '', required, type = ''] = /^(\w+)(!)?=(.+)$/.exec(field) ?? [];
        return [name, { type, isRequired: required !== undefined }];
      }),
    ),
    choices: choices.map((names) => names.split('|')),
  };
}

/** null is what is not there, as Go writes it. */
function refusalsIn(value: unknown, type: string, path: FieldPath, types: Types): Refusal[] {
  if (value === undefined || value === null || type === 'anything') return [];
  const wrong = schemaOf(type)(value, pathText(path));
  if (wrong !== undefined) return [{ text: wrong, path, isUnknown: false }];
  const below = (key: string | number, one: unknown): Refusal[] =>
    refusalsIn(one, type.slice(2), [...path, key], types);
  if (type.startsWith('[]')) return (value as unknown[]).flatMap((one, index) => below(index, one));
  if (type.startsWith('{}')) return Object.entries(value).flatMap(([key, one]) => below(key, one));
  return type.startsWith('#') ? refusalsInObject(value as Given, types(type), path, types) : [];
}

type Given = Readonly<Record<string, unknown>>;

function refusalsInObject(given: Given, { fields, choices }: ObjectType, path: FieldPath, types: Types): Refusal[] {
  const isThere = (name: string): boolean => (given[name] ?? undefined) !== undefined;
  return [
    ...Object.entries(given).flatMap(([key, one]) => {
      const field = fields.get(key);
      return field ? refusalsIn(one, field.type, [...path, key], types) : [unknownField([...path, key], given, fields)];
    }),
    ...[...fields].flatMap(([key, { isRequired }]) =>
      isRequired && !isThere(key) ? [{ text: `${pathText([...path, key])} is missing`, path, isUnknown: false }] : [],
    ),
    ...choices
      .map((names) => names.filter(isThere))
      .filter((names) => names.length > 1)
      .map((names) => ({ text: `${pathText(path)} may have one alone of ${andList(names)}`, path, isUnknown: false })),
  ];
}

function schemaOf(type: string): Schema<unknown> {
  if (type.startsWith('[]')) return list(anything);
  if (type === '{}hidden' || type === '{}base64') return hiddenMap;
  if (type.startsWith('%')) return oneOf(...type.slice(1).split('|'));
  const [, scalar = '', least = '', most = ''] = /^(\w+)(?:<(.*)\.\.(.*)>)?$/.exec(type) ?? [];
  const schema = scalars[scalar] ?? mapOf(anything);
  return least + most === '' ? schema : inRange(schema, Number(least || -Infinity), Number(most || Infinity));
}

const inRange =
  (schema: Schema<unknown>, least: number, most: number): Schema<unknown> =>
  (value, path) =>
    schema(value, path) ??
    ((value as number) < least || (value as number) > most
      ? wrongField(path, value, most === Infinity ? `${least} or more` : `from ${least} to ${most}`)
      : undefined);

const integer: Schema<number> = (value, path) =>
  Number.isInteger(value) ? undefined : wrongField(path, value, 'a whole number');

const duration: Schema<string> = (value, path) =>
  typeof value === 'string' && goDuration(value) >= 1
    ? undefined
    : wrongField(path, value, 'a duration of 1ms or more, such as 1.5s');

/** A text of which no word is repeated. */
const hidden: Schema<string> = (value, path) => (typeof value === 'string' ? undefined : `${path} is no text`);

const hiddenMap: Schema<unknown> = (value, path) =>
  mapOf(anything)(value, path) && `${path.replace(/^\./, '')} is no object`;

/** Go's decoder skips ends of lines. */
const base64: Schema<string> = (value, path) =>
  typeof value === 'string' &&
  /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(value.replace(/[\r\n]/g, ''))
    ? undefined
    : `${path} is no base64`;

const scalars: Readonly<Record<string, Schema<unknown>>> = { text, hidden, base64, number, boolean, integer, duration };

function unknownField(path: FieldPath, given: Given, fields: ReadonlyMap<string, Field>): Refusal {
  const names = [...fields.keys()];
  const meant = nearest(
    String(path.at(-1)),
    names.filter((name) => !(name in given)),
  );
  const known = meant === undefined ? `what there is: ${someOf(names, 12)}` : `is ${meant} meant?`;
  return { text: `${pathText(path)} is no field: ${known}`, path, isUnknown: true };
}

/** Of names that somebody else has chosen the beginning. */
export const pathText = (path: FieldPath): string =>
  path
    .map((key) => {
      if (typeof key === 'number') return `[${key}]`;
      return /^[\w-]{1,60}$/.test(key) ? `.${key}` : `[${JSON.stringify(key.slice(0, 60))}]`;
    })
    .join('')
    .replace(/^\./, '');
