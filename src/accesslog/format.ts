// Envoy's format strings: literals with command operators between them. Source: envoy
// source/common/formatter/substitution_formatter.cc commandWithArgsRegex, docs/root/configuration/observability/access_log/usage.rst.

export interface Operator {
  /** `REQ`, `START_TIME`… */
  readonly name: string;
  /** What stands in the parentheses; undefined where there are none. */
  readonly argument: string | undefined;
  /** `:N`: the value is cut to so many characters. */
  readonly maxLength: number | undefined;
}

export interface ParsedFormat {
  /** One more than operators: before, between and after them. */
  readonly literals: readonly string[];
  readonly operators: readonly Operator[];
}

/**
 * What stands in the parentheses goes on to the first `)` after which the operator can end, as Envoy 1.31 and newer have
 * it: `CEL(has(request.headers.a))`. Up to 1.30 it ends at the first `)`; what those take is read the same.
 */
const operator = /%%|%([A-Z0-9_]+)(?:\((.*?)\))?(?::(\d+))?%/gs;

/** Newlines at the end belong to the line, or are empty lines; they are not of its text. */
export function parseFormat(text: string): ParsedFormat {
  const format = text.replace(/^(?:\r?\n)+|(?:\r?\n)+$/g, '');
  const literals = [''];
  const operators: Operator[] = [];
  const append = (literal: string): void => {
    literals[literals.length - 1] += literal;
  };
  let end = 0;
  for (const match of format.matchAll(operator)) {
    append(format.slice(end, match.index));
    end = match.index + match[0].length;
    const [, name, argument, length] = match;
    if (name === undefined) {
      append('%');
      continue;
    }
    operators.push({ name, argument, maxLength: length === undefined ? undefined : Number(length) });
    literals.push('');
  }
  append(format.slice(end));
  return { literals, operators };
}

/** What stands from a `%` on that begins no operator, which Envoy refuses; undefined where there is none. */
export function strayPercent(text: string): string | undefined {
  const left = text.replace(operator, (found) => ' '.repeat(found.length));
  const at = left.indexOf('%');
  return at === -1 ? undefined : text.slice(at, at + 40);
}

/** As it is written in a format, without the percent signs. */
export const operatorText = ({ name, argument }: Operator): string =>
  argument === undefined ? name : `${name}(${argument})`;
