// Pods of one gateway answer with almost the same megabytes, in another order and with times of their own. What an
// answer has in common with an earlier one is that one's object: it is not parsed again, and what was read of it need
// not be (`memoizeByIdentity` in core/memoize.ts).

import { randomUUID } from 'node:crypto';
import { canonicalJson } from '#core/canonical-json.ts';
import { parseJson } from '#core/json.ts';
import { copied } from '#core/memoize.ts';

/** Fields of a dump's elements that hold what istiod sent. Source: envoy/admin/v3/config_dump_shared.proto. */
const payloads = ['route_config', 'listener', 'secret', 'cluster', 'endpoint_config'] as const;
const states = ['active_state', 'warming_state', 'draining_state'] as const;

/**
 * Where one begins, inside of its element or of one of its states. Envoy indents by one space, and a string of JSON has
 * no line breaks, so the first brace after it with the same indentation ends it. Source:
 * source/common/protobuf/utility.cc getJsonStringFromMessage.
 */
const beginning = new RegExp(`\\n( {3,4})"(?:${payloads.join('|')})": (?=\\{\\n)`, 'g');

/** Of text; enough for what is in common in the largest mesh, and not more where a process watches it for days. */
const mostBytes = 32 * 2 ** 20;

type Fields = Record<string, unknown>;

/** Replaces the first answer once its parts are known, to free its memory. */
const nothing = { body: Buffer.alloc(0), json: undefined };

/** The answers of many pods, or of one again and again, to one request. */
export class CommonParts {
  /** The one answer so far, which is taken apart when there is another one: most who ask a single pod need no parts. */
  #first: { readonly body: Buffer; readonly json: unknown } | undefined;
  /** By their text (`keyOf`); undefined before the second answer. */
  #known: Map<string, unknown> | undefined;
  #bytes = 0;

  /**
   * As `parseJson`, but for the order of fields in metadata; nobody may change what it returns. An answer that is not
   * laid out as Envoy does it is parsed as a whole.
   */
  parse(body: Buffer, what: string): unknown {
    if (this.#first === undefined) {
      const json = parseJson(body, what);
      this.#first = { body, json };
      return json;
    }
    try {
      this.#known ??= this.#takeApart(this.#first.body, this.#first.json);
      this.#first = nothing;
      return this.#parseParts(body, this.#known);
    } catch {
      return parseJson(body, what); // whose error tells of the whole answer
    }
  }

  #takeApart(body: Buffer, json: unknown): Map<string, unknown> {
    const known = new Map<string, unknown>();
    const parts = partsOf(body);
    const { places } = skeletonOf(body, parts);
    const values = holdersOf(json);
    if (places !== undefined)
      for (const [index, { text }] of parts.entries()) this.#remember(known, keyOf(text), values[index]?.value);
    return known;
  }

  #parseParts(body: Buffer, known: Map<string, unknown>): unknown {
    const parts = partsOf(body);
    const { json, places } = skeletonOf(body, parts);
    if (places === undefined) throw new Error('a part stands where none is expected');
    for (const [index, { holder, name }] of places.entries())
      holder[name] = this.#parsed(known, body, parts[index] as Part);
    return json;
  }

  #parsed(known: Map<string, unknown>, body: Buffer, { start, end, text }: Part): unknown {
    const key = keyOf(text);
    const before = known.get(key);
    if (before !== undefined) return before;
    const value: unknown = JSON.parse(body.toString('utf8', start, end));
    // A slice would keep the whole answer, of which little is new; of the first one all is.
    this.#remember(known, copied(key), value);
    return value;
  }

  #remember(known: Map<string, unknown>, key: string, value: unknown): void {
    if (this.#bytes > mostBytes) return;
    this.#bytes += key.length;
    known.set(key, value);
  }
}

/** Offsets into the body, of the braces. */
interface Part {
  readonly start: number;
  readonly end: number;
  /** A slice of the body's text, a byte a character. */
  readonly text: string;
}

function partsOf(body: Buffer): Part[] {
  const text = body.toString('latin1');
  const parts: Part[] = [];
  beginning.lastIndex = 0;
  for (let found = beginning.exec(text); found !== null; found = beginning.exec(text)) {
    const start = beginning.lastIndex;
    const last = text.indexOf(`\n${found[1]}}`, start);
    if (last < 0) return [];
    const end = last + `\n${found[1]}}`.length;
    parts.push({ start, end, text: text.slice(start, end) });
    beginning.lastIndex = end;
  }
  return parts;
}

const beginningOfMetadata = '\n    "metadata": ';
const endOfMetadata = '\n    }';

/**
 * The text of a part; of a cluster's metadata, whose fields each process has in an order of its own, with these sorted.
 * All other lines are indented, so no text of another part is the same. Source: protobuf's maps, which are behind
 * google.protobuf.Struct.
 */
function keyOf(text: string): string {
  const before = text.indexOf(`${beginningOfMetadata}{\n`);
  if (before < 0) return text;
  const after = text.indexOf(endOfMetadata, before) + endOfMetadata.length;
  if (after < endOfMetadata.length) return text;
  const metadata: unknown = JSON.parse(text.slice(before + beginningOfMetadata.length, after));
  return `${text.slice(0, before)}\n${canonicalJson(metadata)}${text.slice(after)}`;
}

/**
 * The answer without its parts, and where they stand, in their order. No places where a part is not where Envoy has
 * them, or something else is: then the answer is not laid out as it seemed.
 */
function skeletonOf(
  body: Buffer,
  parts: readonly Part[],
): { readonly json: unknown; readonly places: readonly Holder[] | undefined } {
  // In the place of a part; no answer has it by chance, or on purpose.
  const placeholder = `part ${randomUUID()}`;
  let at = 0;
  const pieces = parts.map(({ start, end }, index) => {
    const before = body.toString('utf8', at, start);
    at = end;
    return `${before}{"${placeholder}": ${index}}`;
  });
  const json: unknown = JSON.parse(`${pieces.join('')}${body.toString('utf8', at)}`);
  const holders = holdersOf(json);
  const isWhole =
    holders.length === parts.length && holders.every(({ value }, index) => (value as Fields)[placeholder] === index);
  return { json, places: isWhole ? holders : undefined };
}

interface Holder {
  readonly holder: Fields;
  readonly name: string;
  readonly value: unknown;
}

/**
 * Where parts stand, in the order of the text. `?resource=` answers with the elements themselves; a listener stands in
 * its states.
 */
function holdersOf(json: unknown): Holder[] {
  const configs = entriesOf(json).find(([name]) => name === 'configs')?.[1];
  return Array.isArray(configs) ? configs.flatMap(holdersIn) : [];
}

function holdersIn(element: unknown): Holder[] {
  return entriesOf(element).flatMap(([name, value]): Holder[] => {
    if (isPart(name, value)) return [{ holder: element as Fields, name, value }];
    if (!states.some((state) => state === name)) return [];
    return entriesOf(value).flatMap(([inner, part]) =>
      isPart(inner, part) ? [{ holder: value as Fields, name: inner, value: part }] : [],
    );
  });
}

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];

const isPart = (name: string, value: unknown): boolean =>
  typeof value === 'object' && value !== null && payloads.some((payload) => payload === name);
