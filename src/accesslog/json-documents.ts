// JSON that goes over several lines, as gcloud, Grafana and `jq .` write it: an array of documents, or one after the
// other. And the documents inside an answer of a store.

import { type Fields, fieldAt, isObject } from './field-at.ts';

/** Characters: a longer document is given up. */
export const longestDocument = 64 << 20;

/** One document, or lines that turned out to be none. */
export type Collected = { readonly text: string } | { readonly lines: readonly string[] };

export class JsonDocuments {
  #lines: string[] = [];
  #length = 0;
  #depth = 0;
  /** 1 inside an array of documents. */
  #base = 0;

  /** Whether lines belong to a document that has begun. */
  get isOpen(): boolean {
    return this.#base > 0 || this.#lines.length > 0;
  }

  /** Whether a document begins here that this line does not end. */
  static begins(line: string): boolean {
    const text = line.trim();
    return text === '[' || /^(?:\[\s*)?\{(?:\s*"[^"\\]*(?:\\.[^"\\]*)*"\s*:\s*[[{])?$/.test(text);
  }

  /** What is complete with this line. */
  take(line: string): Collected[] {
    if (!this.isOpen && line.trim() === '[') {
      this.#base = 1;
      this.#depth = 1;
      return [];
    }
    if (!this.isOpen && /^\s*\[\s*\{/.test(line)) {
      this.#base = 1;
      this.#depth = 1;
      return this.take(line.replace('[', ' '));
    }
    this.#lines.push(line);
    this.#length += line.length;
    const depth = depthAfter(line, this.#depth);
    if (depth === undefined || this.#length > longestDocument) return [{ lines: this.end() }];
    this.#depth = depth;
    if (depth > this.#base) return [];
    const lines = this.end();
    if (depth === 1) {
      this.#base = 1;
      this.#depth = 1;
    }
    const text = lines
      .join('\n')
      .trim()
      .replace(/^,|,$|\]$/g, '')
      .trim()
      .replace(/,$/, '');
    return text === '' || text === ',' ? [] : [{ text }];
  }

  /** Lines of a document that did not end. */
  end(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    this.#length = 0;
    this.#depth = 0;
    this.#base = 0;
    return lines;
  }
}

/** Undefined where a string is open at the end of a line, which JSON does not allow. */
function depthAfter(line: string, before: number): number | undefined {
  let depth = before;
  for (let at = 0; at < line.length; at++) {
    depth += stepOf(line[at]);
    if (line[at] === '"') at = stringEnd(line, at);
    if (at === line.length) return undefined;
  }
  return depth;
}

const stepOf = (character: string | undefined): number =>
  character === '{' || character === '[' ? 1 : character === '}' || character === ']' ? -1 : 0;

/** The documents of a list or of a store's answer; the object itself where it holds none. */
export function documentsIn(value: unknown): readonly Fields[] {
  if (Array.isArray(value)) return value.filter(isObject).flatMap(documentsIn);
  if (!isObject(value)) return [];
  const hits = fieldAt(value, 'hits.hits') ?? fieldAt(value, 'rawResponse.hits.hits');
  if (Array.isArray(hits)) return hits.filter(isObject);
  const streams = fieldAt(value, 'data.result');
  if (Array.isArray(streams)) return streams.filter(isObject).flatMap(linesOfResult);
  const list = [value['entries'], value['events'], value['results']].find(Array.isArray)?.filter(isObject) ?? [];
  return list.length === 0 ? [value] : list;
}

/** Loki's answer: pairs of time and line for each set of labels. SigNoz' has the same keys around a list of its own. */
function linesOfResult(result: Fields): readonly Fields[] {
  const { stream, values } = result;
  if (!Array.isArray(values)) return [result];
  return values.flatMap((pair) =>
    Array.isArray(pair) ? [{ timestamp: pair[0] as unknown, line: pair[1] as unknown, stream }] : [],
  );
}

/** Documents one behind the other on a line, as Firehose writes them; none where that is not what the text is. */
export function documentsOnLine(text: string): readonly string[] {
  const documents: string[] = [];
  let [depth, start] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = stringEnd(text, at);
    else depth += stepOf(character);
    if (depth > 0 || stepOf(character) === 0) continue;
    documents.push(text.slice(start, at + 1));
    start = at + 1;
  }
  return depth === 0 && text.slice(start).trim() === '' ? documents : [];
}

/** Of the string that begins there; the text's length where it does not end. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '"') return at;
    if (text[at] === '\\') at++;
  }
  return text.length;
}
