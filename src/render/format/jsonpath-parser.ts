// kubectl's template dialect of JSONPath, to a tree. It is neither Goessner's (jsonpath-plus) nor RFC 9535: text and
// several {expressions} in one template, range and end, text between quotes, dots inside ['a.b'] (which is the path
// a.b). No kept library speaks it. Described at kubernetes.io/docs/reference/kubectl/jsonpath, defined by client-go's
// util/jsonpath.

import { ToolError } from '#core/error.ts';

export type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'recursive' }
  | { readonly kind: 'index'; readonly index: number; readonly at: number }
  | {
      readonly kind: 'slice';
      readonly from: number | undefined;
      readonly to: number | undefined;
      readonly step: number;
      readonly at: number;
    }
  | { readonly kind: 'union'; readonly paths: readonly Path[] }
  | { readonly kind: 'filter'; readonly filter: Filter; readonly at: number }
  | { readonly kind: 'literal'; readonly value: string | number | boolean };

export type Path = readonly Step[];

export const operators = ['==', '!=', '<=', '>=', '<', '>'] as const;

export type Filter =
  | { readonly operator: 'exists'; readonly left: Path }
  | { readonly operator: (typeof operators)[number]; readonly left: Path; readonly right: Path };

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'range'; readonly path: Path; readonly body: readonly TemplatePart[] };

interface Cursor {
  readonly template: string;
  at: number;
}

/** Throws ToolError `usage` with the place. A template without braces is one expression. */
export function parseJsonPath(template: string): readonly TemplatePart[] {
  const cursor: Cursor = {
    template: /^[.$[@]/.test(template) && !template.includes('{') ? `{${template}}` : template,
    at: 0,
  };
  const parts = parseParts(cursor, 'template');
  if (parts.length === 0)
    throw new ToolError('usage', 'cannot read the JSONPath template: it is empty', {
      hint: "e.g. -o jsonpath='{.items[*].value}'",
    });
  return parts;
}

/** Up to the end of the template or, in a range, to its `{end}`; one that is missing is at the end of the template. */
function parseParts(cursor: Cursor, within: 'template' | 'range'): TemplatePart[] {
  const parts: TemplatePart[] = [];
  while (cursor.at < cursor.template.length) {
    const open = cursor.template.indexOf('{', cursor.at);
    const textEnd = open < 0 ? cursor.template.length : open;
    if (textEnd > cursor.at) parts.push({ kind: 'text', text: cursor.template.slice(cursor.at, textEnd) });
    cursor.at = textEnd;
    if (open < 0) break;
    cursor.at++;
    skipSpaces(cursor);
    if (takeWord(cursor, 'end')) {
      if (within === 'template') throw syntaxError(cursor, open, '{end} without {range}');
      expect(cursor, '}');
      return parts;
    }
    parts.push(parseAction(cursor));
  }
  return parts;
}

function parseAction(cursor: Cursor): TemplatePart {
  const isRange = takeWord(cursor, 'range');
  const path = parsePath(cursor, '}');
  expect(cursor, '}');
  return isRange ? { kind: 'range', path, body: parseParts(cursor, 'range') } : { kind: 'path', path };
}

/** Steps up to (not including) one of the `stop` characters. */
function parsePath(cursor: Cursor, stop: string): Path {
  const steps: Step[] = [];
  for (;;) {
    skipSpaces(cursor);
    const next = cursor.template[cursor.at];
    if (next === undefined || stop.includes(next)) return steps;
    steps.push(...parseStep(cursor, next));
  }
}

function parseStep(cursor: Cursor, next: string): readonly Step[] {
  switch (next) {
    case '$':
    case '@':
      cursor.at++;
      return [];
    case '.':
      return parseDot(cursor);
    case '[':
      return [parseBracket(cursor)];
    case '"':
    case "'":
      return [{ kind: 'literal', value: parseQuoted(cursor, next) }];
    default:
      return [parseWord(cursor)];
  }
}

function parseDot(cursor: Cursor): readonly Step[] {
  const isRecursive = cursor.template.startsWith('..', cursor.at);
  cursor.at += isRecursive ? 2 : 1;
  const start = cursor.at;
  const name = takeWhile(cursor, /(?:\\.|[^\s.,[\]$@{}()=!<>\\])*/y);
  const field: Step[] = name === '*' ? [{ kind: 'wildcard' }] : name === '' ? [] : [fieldOf(name)];
  if (isRecursive) return [{ kind: 'recursive' }, ...field];
  // `{.}` is the object itself; `{.[0]}` its first element, as kubectl takes it
  if (field.length === 0 && !/[[}\s)]/.test(cursor.template[start] ?? '}'))
    throw syntaxError(cursor, start, 'a field name is missing after the dot');
  return field;
}

const fieldOf = (name: string): Step => ({ kind: 'field', name: name.replace(/\\(.)/g, '$1') });

function parseBracket(cursor: Cursor): Step {
  const at = cursor.at;
  if (cursor.template.startsWith('[?(', at)) return parseFilter(cursor);
  cursor.at++;
  const paths: Path[] = [];
  do {
    skipSpaces(cursor);
    paths.push(parseSubscript(cursor));
    skipSpaces(cursor);
  } while (takeWord(cursor, ','));
  expect(cursor, ']');
  const [only] = paths;
  return paths.length === 1 && only?.length === 1 ? (only[0] as Step) : { kind: 'union', paths };
}

function parseSubscript(cursor: Cursor): Path {
  const at = cursor.at;
  const quote = cursor.template[at];
  if (quote === "'" || quote === '"') {
    const end = cursor.template.indexOf(quote, at + 1);
    if (end < 0) throw syntaxError(cursor, at, `${quote} is not closed`);
    cursor.at = end + 1;
    return splitDots(cursor.template.slice(at + 1, end));
  }
  if (takeWord(cursor, '*')) return [{ kind: 'wildcard' }];
  const text = takeWhile(cursor, /[^\],]*/y).trim();
  const [, from, , to, , step] = /^(-?\d+)?(:(-?\d+)?)?(:(\d+)?)?$/.exec(text) ?? [];
  if (text === '' || (from === undefined && !text.includes(':')))
    throw syntaxError(cursor, at, `[${text}] is neither an index, a slice nor a quoted name`);
  if (!text.includes(':')) return [{ kind: 'index', index: Number(from), at }];
  if (step === '0') throw syntaxError(cursor, at, 'the step of a slice is at least 1');
  return [{ kind: 'slice', from: numberOf(from), to: numberOf(to), step: numberOf(step) ?? 1, at }];
}

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

/** `metadata.name` is two fields, `kubernetes\.io/name` one. */
const splitDots = (text: string): Path => (text.match(/(?:\\.|[^.\\])+/g) ?? []).map(fieldOf);

function parseFilter(cursor: Cursor): Step {
  const at = cursor.at;
  cursor.at += 3;
  const left = parsePath(cursor, ')=!<>');
  const operator = operators.find((candidate) => takeWord(cursor, candidate));
  if (operator === undefined && cursor.template[cursor.at] !== ')')
    throw syntaxError(cursor, cursor.at, `the operators are ${operators.join(' ')}`);
  const right = operator === undefined ? undefined : parsePath(cursor, ')');
  expect(cursor, ')');
  expect(cursor, ']');
  if (operator === undefined || right === undefined)
    return { kind: 'filter', at, filter: { operator: 'exists', left } };
  if (right.length === 0) throw syntaxError(cursor, cursor.at - 2, `nothing to compare with after ${operator}`);
  return { kind: 'filter', at, filter: { operator, left, right } };
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  '0': '\0',
};

/** Go's string escapes, in either kind of quotes. */
function parseQuoted(cursor: Cursor, quote: string): string {
  const at = cursor.at++;
  const body = takeWhile(cursor, quote === '"' ? /(?:\\[\s\S]|[^"\\])*/y : /(?:\\[\s\S]|[^'\\])*/y);
  if (cursor.template[cursor.at] !== quote) throw syntaxError(cursor, at, `${quote} is not closed`);
  cursor.at++;
  return body.replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\s\S]))/g, (_, unicode, hex, character) =>
    character === undefined
      ? String.fromCharCode(Number.parseInt(unicode ?? hex, 16))
      : (escapes[character] ?? character),
  );
}

function parseWord(cursor: Cursor): Step {
  const at = cursor.at;
  const word = takeWhile(cursor, /[^\s.,[\]$@{}()=!<>"']*/y);
  const number = /^[+-]?\d/.test(word) ? word + takeWhile(cursor, /(?:\.\d+)?/y) : '';
  if (number !== '' && !Number.isNaN(Number(number))) return { kind: 'literal', value: Number(number) };
  if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' };
  const why =
    word === ''
      ? `${JSON.stringify(cursor.template[at])} is not expected here`
      : `${word} is no word of JSONPath; a field is written .${word}`;
  throw syntaxError(cursor, at, why);
}

function takeWhile(cursor: Cursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.at;
  const taken = pattern.exec(cursor.template)?.[0] ?? '';
  cursor.at += taken.length;
  return taken;
}

/** Takes `word` if it is next and does not go on. */
function takeWord(cursor: Cursor, word: string): boolean {
  if (!cursor.template.startsWith(word, cursor.at)) return false;
  if (/\w$/.test(word) && /\w/.test(cursor.template[cursor.at + word.length] ?? '')) return false;
  cursor.at += word.length;
  return true;
}

function skipSpaces(cursor: Cursor): void {
  takeWhile(cursor, /[ \t\r\n]*/y);
}

function expect(cursor: Cursor, character: string): void {
  skipSpaces(cursor);
  if (cursor.template[cursor.at] !== character) throw syntaxError(cursor, cursor.at, `${character} is missing`);
  cursor.at++;
}

const syntaxError = (cursor: Cursor, at: number, why: string): ToolError => jsonPathError(cursor.template, at, why);

/** Points at the place in the template. */
export function jsonPathError(template: string, at: number, why: string): ToolError {
  const line = template.replace(/[\r\n\t]/g, ' ');
  return new ToolError('usage', `cannot read the JSONPath template: ${why} (at character ${at + 1})`, {
    hint: [line, `${' '.repeat(at)}^`],
  });
}
