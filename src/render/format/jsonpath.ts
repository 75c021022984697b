// Fills a JSONPath template of kubectl's dialect: results of one expression are joined by a space, fields that are not
// there give nothing, lists and objects are printed as JSON, and no line end is added.
//
// Kinder than kubectl where it gives up: an index beyond the end gives nothing, as a missing field does; 1 equals 1.0,
// and values of different types are unequal.

import type { Filter, Path, Step, TemplatePart } from './jsonpath-parser.ts';
import { jsonPathError, parseJsonPath } from './jsonpath-parser.ts';

/** Throws ToolError `usage`, with the place, for a template that cannot be read or does not fit the document. */
export function renderJsonPath(document: unknown, template: string): string {
  const walk: Walk = { template };
  return renderParts(walk, parseJsonPath(template), document);
}

interface Walk {
  readonly template: string;
}

function renderParts(walk: Walk, parts: readonly TemplatePart[], root: unknown): string {
  return parts.map((part) => renderPart(walk, part, root)).join('');
}

function renderPart(walk: Walk, part: TemplatePart, root: unknown): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'path':
      return follow(walk, part.path, [root]).map(printValue).join(' ');
    case 'range':
      return follow(walk, part.path, [root])
        .map((value) => renderParts(walk, part.body, value))
        .join('');
  }
}

const printValue = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const follow = (walk: Walk, path: Path, values: readonly unknown[]): readonly unknown[] =>
  path.reduce((current, step) => takeAll(walk, step, current), values);

/** A union is all of its first path, then all of its second, as kubectl orders them. */
function takeAll(walk: Walk, step: Step, values: readonly unknown[]): readonly unknown[] {
  if (step.kind === 'union') return step.paths.flatMap((path) => follow(walk, path, values));
  return values.flatMap((value) => take(walk, step, value));
}

function take(walk: Walk, step: Exclude<Step, { kind: 'union' }>, value: unknown): readonly unknown[] {
  switch (step.kind) {
    case 'literal':
      return [step.value];
    case 'field':
      return isObject(value) && Object.hasOwn(value, step.name) ? present([value[step.name]]) : [];
    case 'wildcard':
      return childrenOf(value);
    case 'recursive':
      return descendants(value);
    case 'index':
      return takeIndex(walk, step, value);
    case 'slice':
      return takeSlice(walk, step, value);
    case 'filter':
      return listOf(walk, step.at, value).filter((element) => passes(walk, step.filter, element));
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field of the model that holds undefined is not in the document. */
const present = (values: readonly unknown[]): readonly unknown[] => values.filter((value) => value !== undefined);

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? present(Object.values(value)) : [];
}

/** The value and all lists and objects in it, parents first. */
function descendants(value: unknown): readonly unknown[] {
  const children = childrenOf(value);
  return children.length === 0 ? [] : [value, ...children.flatMap(descendants)];
}

function listOf(walk: Walk, at: number, value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw jsonPathError(walk.template, at, 'this is not a list');
  return value;
}

/** `at` counts a negative index from the end, and gives undefined beyond either end. */
const takeIndex = (walk: Walk, step: Step & { kind: 'index' }, value: unknown): readonly unknown[] =>
  present([listOf(walk, step.at, value).at(step.index)]);

function takeSlice(walk: Walk, step: Step & { kind: 'slice' }, value: unknown): readonly unknown[] {
  return listOf(walk, step.at, value)
    .slice(step.from, step.to)
    .filter((_, index) => index % step.step === 0);
}

function passes(walk: Walk, filter: Filter, element: unknown): boolean {
  const lefts = follow(walk, filter.left, [element]);
  if (filter.operator === 'exists') return lefts.length > 0;
  const rights = follow(walk, filter.right, [element]);
  if (lefts.length !== 1 || rights.length !== 1) return false;
  return compare(filter.operator, lefts[0], rights[0]);
}

function compare(operator: Exclude<Filter['operator'], 'exists'>, left: unknown, right: unknown): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (typeof left !== typeof right || (typeof left !== 'string' && typeof left !== 'number')) return false;
  const order = left < (right as typeof left) ? -1 : left > (right as typeof left) ? 1 : 0;
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}
