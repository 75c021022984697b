// Logs that Kibana, Grafana and spreadsheets exported as CSV: a head of names, then a row for each line. Source:
// RFC 4180; Kibana's reports quote what has quotes in it, Grafana's begin with `sep=` for spreadsheets.

import { messageKeys } from './exported.ts';
import type { Fields } from './field-at.ts';

/** Columns that hold a line, or parts of one. */
const telling = new Set<string>([
  ...messageKeys,
  '_source',
  '_source.message',
  'http.response.status_code',
  'response_code',
]);

/** The name of a column as stores write it, and one that holds lines. */
const columnName = /^[@\w.-]+(?: \[\w+\])?$/;
const lineColumn = /(?:message|line|log|raw|body)$/i;

/** Characters: a longer row is no CSV. */
const longestRow = 1 << 20;

/** Undefined where the line is no head of a table with lines of logs in it. */
export function csvReader(head: string): CsvReader | undefined {
  const text = head.replace(/^\ufeff/, '');
  if (/^\s*[[{]/.test(text)) return undefined;
  for (const separator of [',', ';', '\t']) {
    const names = cellsOf(text, separator);
    if (names !== undefined && isHead(names)) return new CsvReader(names, separator);
  }
  return undefined;
}

const isHead = (names: readonly string[]): boolean =>
  names.some((name) => telling.has(name)) ||
  (names.length > 1 && names.every((name) => columnName.test(name)) && names.some((name) => lineColumn.test(name)));

class CsvReader {
  readonly #names: readonly string[];
  readonly #separator: string;
  #open = '';

  constructor(names: readonly string[], separator: string) {
    this.#names = names;
    this.#separator = separator;
  }

  /** Undefined where the row goes on in the next line; false where the line is no row. */
  row(line: string): Fields | undefined | false {
    const text = this.#open === '' ? line : `${this.#open}\n${line}`;
    const cells = cellsOf(text, this.#separator);
    this.#open = cells === undefined && text.length < longestRow ? text : '';
    if (cells === undefined) return this.#open === '' ? false : undefined;
    return Object.fromEntries(this.#names.map((name, index) => [name, cells[index] ?? '']));
  }
}

export type { CsvReader };

/** Undefined where a quote is open at the end; none where something stands behind a quoted cell. */
function cellsOf(text: string, separator: string): string[] | undefined {
  const cells: string[] = [];
  for (let at = 0; at <= text.length; ) {
    const isQuoted = text[at] === '"';
    const end = isQuoted ? quoteEnd(text, at + 1) : text.indexOf(separator, at);
    if (isQuoted && end === -1) return undefined;
    if (isQuoted && end + 1 < text.length && text[end + 1] !== separator) return [];
    const stop = end === -1 ? text.length : end;
    cells.push(isQuoted ? text.slice(at + 1, stop).replaceAll('""', '"') : text.slice(at, stop));
    at = (isQuoted ? stop + 1 : stop) + 1;
  }
  return cells;
}

/** A quote inside is doubled. */
function quoteEnd(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) if (text[at + 1] !== '"') return at;
  return -1;
}
