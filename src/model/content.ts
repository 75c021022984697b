// All that Envoy holds of an element, in the one form in which two are compared: known fields and unknown ones, in
// Envoy's spelling, without what differs by nature.

import { contentKey } from '#core/content-key.ts';
import { ToolError } from '#core/error.ts';
import { isSameJson } from '#core/json.ts';
import { copied, memoize } from '#core/memoize.ts';
import { byNature } from './by-nature.ts';
import type { ElementKind } from './difference.ts';

/**
 * Where a model keeps what it was read from. A symbol: documents do not print it, copies have it, and a model that was
 * made by hand does without.
 */
export const raw = Symbol('raw');

export interface FromEnvoy {
  readonly [raw]?: object | undefined;
}

/** Elements that stand in another one are compared by themselves. */
const elementsIn: Readonly<Partial<Record<ElementKind, readonly string[]>>> = {
  listener: ['filter_chains', 'default_filter_chain'],
  'route configuration': ['virtual_hosts'],
  'virtual host': ['routes'],
  'load assignment': ['endpoints'],
};

interface Rule {
  isLeftOut: boolean;
  hasAnyOrder: boolean;
  readonly fields: Map<string, Rule>;
}

const emptyRule = (): Rule => ({ isLeftOut: false, hasAnyOrder: false, fields: new Map() });

function ruleAt(rule: Rule, path: string | readonly string[]): Rule {
  return (typeof path === 'string' ? path.split('.') : path).reduce((at, name) => {
    const next = at.fields.get(name) ?? emptyRule();
    at.fields.set(name, next);
    return next;
  }, rule);
}

function rulesFor(kind: ElementKind): Rule {
  const rule = emptyRule();
  for (const { of, path, anyOrder = false } of byNature)
    if (of === kind) Object.assign(ruleAt(rule, path), { hasAnyOrder: anyOrder, isLeftOut: !anyOrder });
  for (const path of elementsIn[kind] ?? []) ruleAt(rule, path).isLeftOut = true;
  return rule;
}

const rules = new Map<ElementKind, Rule>();

function rulesOf(kind: ElementKind): Rule {
  const rule = rules.get(kind) ?? rulesFor(kind);
  rules.set(kind, rule);
  return rule;
}

/** JSON. Names are sorted; what is null is absent, as in proto3 JSON. */
const canonicalText = (kind: ElementKind, value: object): string => written(value, rulesOf(kind), false, 0);

export const canonical = (kind: ElementKind, value: object): object => JSON.parse(canonicalText(kind, value)) as object;

/**
 * Fields of google.protobuf.Struct, and maps: below them names are no fields, and have one spelling only. The table of
 * Envoy's messages has been searched for them (test/model/content.test.ts).
 */
export const freeNames: ReadonlySet<string> = new Set([
  'context_extensions',
  'default_subset',
  'filter_context',
  'filter_metadata',
  'json_format',
  'key_values',
  'transport_socket_match_criteria',
  'typed_json_format',
]);

/** Protobuf's own JSON parsers stop at 100. */
const deepest = 500;

/** What `status` does for every route: without a copy of each. */
function written(value: unknown, rule: Rule | undefined, isFree: boolean, depth: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (depth >= deepest)
    throw new ToolError('bad-answer', `cannot read the answer: it is nested deeper than ${deepest} levels`);
  if (!Array.isArray(value)) return writtenObject(value as Record<string, unknown>, rule, isFree, depth);
  const list = value.map((one) => written(one, rule, isFree, depth + 1));
  return `[${(rule?.hasAnyOrder ? list.sort() : list).join(',')}]`;
}

function writtenObject(value: Record<string, unknown>, rule: Rule | undefined, isFree: boolean, depth: number): string {
  const names = Object.keys(value);
  const fields = isFree ? names.map(asItIs).sort(byName) : fieldsOf(names);
  let text = '{';
  for (const { own, name, written: beginning } of fields) {
    const field = value[own];
    const below = rule === undefined ? undefined : rule.fields.get(name);
    if (field === null || below?.isLeftOut) continue;
    text += (text === '{' ? '' : ',') + beginning + written(field, below, isFree || freeNames.has(name), depth + 1);
  }
  return `${text}}`;
}

interface Name {
  readonly own: string;
  readonly name: string;
  /** As JSON, with the colon. */
  readonly written: string;
}

const byName = (a: Name, b: Name): number => (a.name < b.name ? -1 : 1);

const asItIs = (own: string): Name => ({ own, name: own, written: `${JSON.stringify(own)}:` });

/** istioctl writes `virtualHosts` for what Envoy writes as `virtual_hosts`; names of filters have dots. */
const protoName = memoize((own): Name => {
  const name = /^[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+$/.test(own)
    ? own.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    : own;
  return { ...asItIs(name), own };
});

/** What objects are made of whose names are these, one after the other. */
interface Shape {
  readonly next: Map<string, Shape>;
  /** In order. */
  fields?: readonly Name[];
}

const emptyShape: Shape = { next: new Map() };
let shapes = 0;
const mostShapes = 10_000;

/** Envoy's objects have few shapes, and thousands of objects have each: a name after the other is looked up. */
function fieldsOf(names: readonly string[]): readonly Name[] {
  let shape = emptyShape;
  for (const name of names) {
    let next = shape.next.get(name);
    if (next === undefined) {
      next = { next: new Map() };
      if (++shapes < mostShapes) shape.next.set(copied(name), next);
    }
    shape = next;
  }
  shape.fields ??= names.map(protoName).sort(byName);
  return shape.fields;
}

const keys = new WeakMap<object, string>();

/** Equal for the same content; made once for what several pods share. Empty for a model that was made by hand. */
export function keyOfContent(kind: ElementKind, { [raw]: value }: FromEnvoy): string {
  if (value === undefined) return '';
  const known = keys.get(value);
  if (known !== undefined) return known;
  const key = contentKey(canonicalText(kind, value));
  keys.set(value, key);
  return key;
}

/**
 * True where both are plainly the same, as almost all that pods have in common is: the key of such two is equal, and
 * takes several times as long. False where only the key can tell.
 */
export const isPlainlySameContent = (kind: ElementKind, { [raw]: a }: FromEnvoy, { [raw]: b }: FromEnvoy): boolean =>
  a !== undefined && b !== undefined && isPlainlySame(a, b, rulesOf(kind));

/** Rules are those of a few levels. */
function isPlainlySame(a: unknown, b: unknown, rule: Rule | undefined): boolean {
  if (a === b) return true;
  if (rule === undefined || rule.fields.size === 0 || !isFields(a) || !isFields(b)) return isSameJson(a, b);
  const { fields } = rule;
  const counts = (name: string): boolean => !fields.get(name)?.isLeftOut;
  const names = Object.keys(a).filter(counts);
  if (names.length !== Object.keys(b).filter(counts).length) return false;
  for (const name of names)
    if (!Object.hasOwn(b, name) || !isPlainlySame(a[name], b[name], fields.get(name))) return false;
  return true;
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
