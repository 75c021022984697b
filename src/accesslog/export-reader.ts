// Lines of a file of exported logs → lines of containers: what an exporter put around one line, and what it made of
// many.

import { cutLine } from '#core/lines.ts';
import { type CsvReader, csvReader } from './csv.ts';
import { withoutColours } from './export-prefix.ts';
import { type ExportedLine, exportedLines, type KnownLines, unwrapped } from './exported.ts';
import { isObject } from './field-at.ts';
import { documentsIn, documentsOnLine, JsonDocuments } from './json-documents.ts';
import type { LineParser } from './line-parser.ts';
import { LineParts } from './line-parts.ts';
import { isOtherLine } from './other-line.ts';

/** How many first keys of entries are kept: Envoy up to 1.32 writes keys in any order. */
const mostBeginnings = 64;

/** What the container may have written. */
export const knownLines = (parser: LineParser): KnownLines => ({
  isEntry: (text) => parser.parse(text).kind === 'access',
  isOwn: (object) => parser.isEntry(object),
  isSplit: (object) => parser.isSplit(object),
  isLine: (text) => /^\[\d{4}-\d\d-\d\dT/.test(text) || isOtherLine(text) || parser.parse(text).kind === 'access',
});

export class ExportReader {
  readonly #known: KnownLines;
  readonly #isPlain: LineParser['isPlain'];
  readonly #documents = new JsonDocuments();
  readonly #parts: LineParts;
  /**
   * JSON that begins as an earlier entry did counts as an entry: looking for an envelope in each line would take half
   * of the time.
   */
  readonly #ownBeginnings = new Set<string>();
  #csv: CsvReader | undefined;
  #isFirst = true;

  constructor(parser: LineParser) {
    this.#known = knownLines(parser);
    this.#isPlain = parser.isPlain;
    this.#parts = new LineParts(this.#known.isLine);
  }

  read(line: string): readonly ExportedLine[] {
    // The sieve takes such lines by their bytes; those at the edges of a file's blocks, and those that are printed from
    // their text, come here and are the same.
    if (this.#isPlain(line)) {
      this.#isFirst = false;
      return [itself(line)];
    }
    if (this.#documents.isOpen) return this.#collect(line);
    const whole = this.#parts.take(line);
    return whole === undefined ? this.#whole(line) : whole.flatMap((one) => this.#whole(one));
  }

  #whole(line: string): readonly ExportedLine[] {
    if (this.#ownBeginnings.has(beginningOf(line))) return [itself(line)];
    if (this.#isFirst && this.#isHead(line)) return [];
    if (this.#csv) return this.#row(this.#csv, line);
    if (JsonDocuments.begins(line)) return this.#collect(line);
    if (/^(?:\[\{|\[ ?"|\{")/.test(line)) return this.#json(line);
    return exportedLines(line, this.#known);
  }

  /** The rest of a line or document that did not end. */
  end(): readonly ExportedLine[] {
    return [...this.#parts.end().flatMap((line) => this.#whole(line)), ...this.#texts(this.#documents.end())];
  }

  /** Of a table; lines before it that say nothing are left out. */
  #isHead(line: string): boolean {
    if (/^\ufeff?(?:sep=.)?$/.test(line)) return line !== '';
    this.#isFirst = false;
    this.#csv = csvReader(line);
    return this.#csv !== undefined;
  }

  #row(csv: CsvReader, line: string): readonly ExportedLine[] {
    const row = csv.row(line);
    if (row === undefined) return [];
    const lines = row === false ? [] : unwrapped(row, this.#known);
    return lines.length > 0 ? lines : this.#texts([line]);
  }

  #collect(line: string): readonly ExportedLine[] {
    return this.#documents
      .take(line)
      .flatMap((collected) => ('text' in collected ? this.#json(collected.text) : this.#texts(collected.lines)));
  }

  #json(text: string): readonly ExportedLine[] {
    const value = jsonIn(withoutColours(text));
    if (isObject(value) && this.#known.isOwn(value)) {
      if (this.#ownBeginnings.size < mostBeginnings) this.#ownBeginnings.add(beginningOf(text));
      return [itself(text)];
    }
    if (value === undefined) return this.#noJson(text);
    const texts = [value].flat().filter((one) => typeof one === 'string');
    if (texts.some((one) => this.#known.isLine(one) || one.startsWith('{'))) return this.#texts(texts);
    const lines = documentsIn(value).flatMap((document) => unwrapped(document, this.#known));
    return lines.length > 0 ? lines : [itself(text)];
  }

  #noJson(text: string): readonly ExportedLine[] {
    const documents = documentsOnLine(text);
    const isSeveral = documents.length > 1 && documents.every((one) => jsonIn(one) !== undefined);
    return isSeveral ? documents.flatMap((one) => this.#json(one)) : this.#rubyHash(text);
  }

  /** Ruby's notation has the braces of JSON; a document of it may have the line twice. */
  #rubyHash(text: string): readonly ExportedLine[] {
    const all = distinct(this.#texts(text.split('\n').map((line) => cutLine(line.trim()))));
    const lines = all.filter((line) => this.#known.isLine(line.text));
    return lines.length > 0 ? lines : all;
  }

  #texts(lines: readonly string[]): readonly ExportedLine[] {
    return lines.flatMap((line) => exportedLines(line, this.#known));
  }
}

const distinct = (lines: readonly ExportedLine[]): readonly ExportedLine[] => [
  ...new Map(lines.map((line) => [line.text, line])).values(),
];

const itself = (text: string): ExportedLine => ({ text: cutLine(text), pod: undefined, time: undefined });

const beginningOf = (line: string): string => (line.startsWith('{"') ? line.slice(0, line.indexOf(':') + 1) : '');

function jsonIn(text: string): unknown {
  try {
    return text.includes('Value":') ? JSON.parse(text, plainMap) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * OTLP's JSON writes a map and attributes as a list of keys and values of a type each:
 * `{"key": "a", "value": {"intValue": "1"}}`.
 */
function plainMap(key: string, value: unknown): unknown {
  const map = isObject(value) && isObject(value['kvlistValue']) ? value['kvlistValue']['values'] : undefined;
  const pairs = key === 'attributes' ? value : map;
  if (!Array.isArray(pairs) || !pairs.every((pair) => isObject(pair) && typeof pair['key'] === 'string')) return value;
  return Object.fromEntries(
    pairs
      .filter(isObject)
      .map(({ key: name, value: one }) => [name, isObject(one) ? Object.values(one)[0] : undefined]),
  );
}
