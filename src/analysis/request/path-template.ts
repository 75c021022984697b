// URI templates: `/v/{id}/**`. Source: envoy source/extensions/path/uri_template_lib/uri_template_internal.cc.

import { RE2JS } from 're2js';

/** What one `*` stands for, in RE2: the characters of a path segment. */
const segment = "[a-zA-Z0-9\\-._~%!$&'()+,;:@=]+";
const anything = "[a-zA-Z0-9\\-._~%!$&'()+,;:@=/]*";

/** The variables of a path that the template matches; undefined where it does not match. */
export function matchTemplate(template: string, path: string): ReadonlyMap<string, string> | undefined {
  const names: string[] = [];
  const matcher = RE2JS.compile(expressionOf(template, names)).matcher(path);
  if (!matcher.matches()) return undefined;
  return new Map(names.map((name, index) => [name, matcher.group(index + 1) ?? '']));
}

/** `names` gets the name of each group. */
function expressionOf(template: string, names: string[]): string {
  const tokens = template.match(/\{[^}]*\}|\*\*|\*|[^{*]+|\{/g) ?? [];
  return tokens.map((token) => expressionOfToken(token, names)).join('');
}

function expressionOfToken(token: string, names: string[]): string {
  if (token === '**') return anything;
  if (token === '*') return segment;
  const [, name, pattern = '*'] = /^\{([^=}]*)(?:=([^}]*))?\}$/.exec(token) ?? [];
  if (name === undefined) return RE2JS.quote(token);
  names.push(name);
  return `(${expressionOf(pattern, [])})`;
}

/** The path that a rewrite template makes of the variables. */
export const fillTemplate = (template: string, variables: ReadonlyMap<string, string>): string =>
  template.replace(/\{([^}]*)\}/g, (_, name: string) => variables.get(name) ?? '');
