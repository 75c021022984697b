// Pods of one gateway answer with almost the same megabytes, in another order and with times of their own. What an
// answer has in common with an earlier one is that one's object: it is not parsed again, and what was read of it need
// not be (`memoizeByIdentity` in core/memoize.ts).

import { randomUUID } from 'node:crypto';
import { isSameJson, parseJson } from '#core/json.ts';
import { copied } from '#core/memoize.ts';

/** Fields of a dump's elements that hold what istiod sent. Source: envoy/admin/v3/config_dump_shared.proto. */
const payloads = ['route_config', 'listener', 'secret', 'cluster', 'endpoint_config'] as const;
const states = ['active_state', 'warming_state', 'draining_state'] as const;

/**
 * Where one begins, inside of its element or of one of its states, which may stand in a list of a section. Envoy indents
 * by one space, and a string of JSON has no line breaks, so the first brace after it with the same indentation ends it.
 * Source: source/common/protobuf/utility.cc getJsonStringFromMessage.
 */
const beginning = new RegExp(`\\n( {3,6})"(?:${payloads.join('|')})": (?=\\{\\n)`, 'g');

/** Of text; enough for what is in common in the largest mesh, and not more where a process watches it for days. */
const mostBytes = 32 * 2 ** 20;

type Fields = Record<string, unknown>;

/** Replaces the first answer once its parts are known. */
const nothing = { body: Buffer.alloc(0), json: undefined };

/** The answers of many pods, or of one again and again, to one request. */
export class CommonParts {
  /** The one answer so far, which is taken apart when there is another one: most who ask a single pod need no parts. */
  #first: { readonly body: Buffer; readonly json: unknown } | undefined;
  /** Undefined before the second answer. */
  #known: KnownParts | undefined;

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
      this.#known ??= takenApart(this.#first.body, this.#first.json);
      this.#first = nothing;
      return parsedParts(body, this.#known);
    } catch {
      return parseJson(body, what); // whose error tells of the whole answer
    }
  }
}

function takenApart(body: Buffer, json: unknown): KnownParts {
  const known = new KnownParts();
  const parts = partsOf(body);
  const { places } = skeletonOf(body, parts);
  const values = holdersOf(json);
  if (places === undefined || !parts.every(isOneValue)) return known;
  for (const [index, part] of parts.entries()) known.add(part, values[index]?.value);
  return known;
}

function parsedParts(body: Buffer, known: KnownParts): unknown {
  const parts = partsOf(body);
  const { json, places } = skeletonOf(body, parts);
  if (places === undefined) throw new Error('a part stands where none is expected');
  for (const [index, { holder, name }] of places.entries()) {
    const part = parts[index] as Part;
    holder[name] = known.valueOf(part) ?? known.add(copiedPart(part), parsed(part));
  }
  return json;
}

/** Offsets into a body. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** From brace to brace. */
interface Part extends Range {
  readonly body: Buffer;
  /** Its first bytes, which have its name: parts with the same are few. */
  readonly head: string;
  /** Whose fields each process has in an order of its own: protobuf's maps are behind google.protobuf.Struct. */
  readonly metadata: Range | undefined;
}

const [quote, backslash] = Buffer.from('"\\') as unknown as readonly number[];
/** What a byte outside of strings does to the depth; 0 for most. */
const steps = new Int8Array(256);
for (const byte of Buffer.from('{[')) steps[byte] = 1;
for (const byte of Buffer.from('}]')) steps[byte] = -1;

/**
 * Whether a part of JSON ends with the brace that belongs to its first one. The one that ends it by its indentation may be
 * another where the answer is not laid out as Envoy does it, and one part would be taken for another.
 */
function isOneValue({ body, start, end }: Part): boolean {
  let depth = 0;
  for (let at = start; at < end; at++) {
    const byte = body[at] as number;
    if (byte === quote) at = endOfString(body, at + 1, end);
    const step = steps[byte] as number;
    if (step === 0) continue;
    depth += step;
    if (depth === 0) return at === end - 1;
  }
  return false;
}

function endOfString(body: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && body[at] !== quote) at += body[at] === backslash ? 2 : 1;
  return at;
}

const parsed = ({ body, start, end }: Range & Pick<Part, 'body'>): unknown =>
  JSON.parse(body.toString('utf8', start, end));

/** A part of a later answer, of which little is new, would keep all of it in memory. */
function copiedPart({ body, start, end, head, metadata }: Part): Part {
  return {
    body: Buffer.from(body.subarray(start, end)),
    start: 0,
    end: end - start,
    head,
    metadata: metadata && { start: metadata.start - start, end: metadata.end - start },
  };
}

interface KnownPart {
  readonly part: Part;
  readonly value: unknown;
}

/** More that begin alike are not kept: each is held against all others. */
const mostAlike = 100;

class KnownParts {
  readonly #byHead = new Map<string, KnownPart[]>();
  #bytes = 0;

  /** Undefined where none is the same. */
  valueOf(part: Part): unknown {
    const alike = this.#byHead.get(part.head);
    if (alike === undefined) return undefined;
    const metadata = part.metadata && parsed({ ...part.metadata, body: part.body });
    const isSame = ({ part: other, value }: KnownPart): boolean =>
      hasSameBytes(other, part) && (metadata === undefined || isSameJson((value as Fields)['metadata'], metadata));
    return alike.find(isSame)?.value;
  }

  /** Returns the value. */
  add(part: Part, value: unknown): unknown {
    const alike = this.#byHead.get(part.head) ?? [];
    if (this.#bytes > mostBytes || alike.length >= mostAlike || !hasItsMetadata(part, value)) return value;
    this.#bytes += part.end - part.start;
    alike.push({ part, value });
    this.#byHead.set(part.head, alike);
    return value;
  }
}

/** Whether the metadata whose bytes do not count is that of the value, and nothing else is with it. */
const hasItsMetadata = ({ body, metadata }: Part, value: unknown): boolean =>
  metadata === undefined || isSameJson((value as Fields)['metadata'], parsed({ ...metadata, body }));

/** But for those of metadata. */
function hasSameBytes(a: Part, b: Part): boolean {
  if (a.metadata === undefined || b.metadata === undefined)
    return a.metadata === b.metadata && isSameRange(a.body, a, b.body, b);
  return (
    isSameRange(a.body, { start: a.start, end: a.metadata.start }, b.body, { start: b.start, end: b.metadata.start }) &&
    isSameRange(a.body, { start: a.metadata.end, end: a.end }, b.body, { start: b.metadata.end, end: b.end })
  );
}

const isSameRange = (a: Buffer, ofA: Range, b: Buffer, ofB: Range): boolean =>
  ofA.end - ofA.start === ofB.end - ofB.start && a.compare(b, ofB.start, ofB.end, ofA.start, ofA.end) === 0;

function partsOf(body: Buffer): Part[] {
  const text = body.toString('latin1');
  const parts: Part[] = [];
  beginning.lastIndex = 0;
  for (let found = beginning.exec(text); found !== null; found = beginning.exec(text)) {
    const start = beginning.lastIndex;
    const line = `\n${found[1]}`;
    const last = text.indexOf(`${line}}`, start);
    if (last < 0) return [];
    const end = last + `${line}}`.length;
    const metadata = metadataIn(text.slice(start, end), start, line);
    const head = copied(text.slice(start, Math.min(start + headBytes, metadata?.start ?? end)));
    parts.push({ body, start, end, head, metadata });
    beginning.lastIndex = end;
  }
  return parts;
}

const headBytes = 300;

/** `at`: where the part begins in the body; `line`: how the line begins that ends it. */
function metadataIn(part: string, at: number, line: string): Range | undefined {
  const beginning = `${line} "metadata": `;
  const end = `${line} }`;
  const before = part.indexOf(`${beginning}{\n`);
  const last = before < 0 ? -1 : part.indexOf(end, before);
  if (last < 0) return undefined;
  return { start: at + before + beginning.length, end: at + last + end.length };
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
 * Where parts stand, in the order of the text. `?resource=` answers with the elements themselves, `?mask=` with the
 * lists of a section; a listener stands in its states.
 */
function holdersOf(json: unknown): Holder[] {
  const configs = entriesOf(json).find(([name]) => name === 'configs')?.[1];
  return Array.isArray(configs)
    ? configs.flatMap((config) => [...holdersIn(config), ...listsOf(config).flatMap(holdersIn)])
    : [];
}

const listsOf = (section: unknown): unknown[] =>
  entriesOf(section).flatMap(([, list]) => (Array.isArray(list) ? list : []));

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
