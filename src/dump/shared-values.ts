// What the pods of a fleet have in common, written once. A value that is large enough stands in one list, and
// `{"$shared": N}` in its place; a value of the list may itself hold such references, to earlier ones only. So equal
// dumps are one reference, and dumps that differ in one route share all the rest.

import { ToolError } from '#core/error.ts';

/** Characters of JSON: a reference has 15 or so. */
const shareFrom = 160;

const referenceName = '$shared';

/** Writes JSON, and remembers what was written. */
export class SharedValues {
  readonly #ids = new Map<string, number>();

  /** The JSON text of a value, whose large parts are references. */
  textOf(value: unknown): string {
    const text = this.#inner(value);
    if (text.length < shareFrom) return text;
    const known = this.#ids.get(text);
    const id = known ?? this.#ids.size;
    if (known === undefined) this.#ids.set(text, id);
    return `{"${referenceName}":${id}}`;
  }

  /** The JSON text of the list that the references are about. */
  listText(): string {
    return `[${[...this.#ids.keys()].join(',\n')}]\n`;
  }

  #inner(value: unknown): string {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    if (Array.isArray(value)) return `[${value.map((one) => this.textOf(one)).join()}]`;
    const fields = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}:${this.textOf(one)}`);
    const text = `{${fields.join()}}`;
    // An object that looks like a reference is written inside of one.
    return Object.hasOwn(value, referenceName) ? `{"${referenceName}":${text}}` : text;
  }
}

/**
 * Puts values in the place of references; the same one is the same object everywhere. Throws ToolError `bad-answer` for
 * a reference that leads nowhere or in a circle, `too-large` where the whole would have more than `most` values.
 */
export function sharedReader(list: readonly unknown[], most: number): (json: unknown) => unknown {
  const values: unknown[] = [];
  const sizes: number[] = [];
  let size = 0;
  const count = (more: number): void => {
    size += more;
    if (size > most)
      throw new ToolError(
        'too-large',
        `cannot read the snapshot: with what is shared in it, it has more than ${most} values`,
      );
  };
  const read = (json: unknown): unknown => {
    count(1);
    if (typeof json !== 'object' || json === null) return json;
    if (Array.isArray(json)) return json.map(read);
    const reference = (json as Fields)[referenceName];
    if (reference === undefined) return fieldsOf(json);
    if (typeof reference === 'object' && reference !== null) return fieldsOf(reference);
    if (typeof reference !== 'number' || !(reference in values))
      throw new ToolError(
        'bad-answer',
        `cannot read the snapshot: it has no shared value ${JSON.stringify(reference)}`,
      );
    count(sizes[reference] as number);
    return values[reference];
  };
  const fieldsOf = (object: object): object =>
    Object.fromEntries(Object.entries(object).map(([name, value]) => [name, read(value)]));
  const readWhole = (json: unknown): unknown => {
    size = 0;
    return read(json);
  };
  for (const one of list) {
    const value = readWhole(one);
    values.push(value);
    sizes.push(size);
  }
  return readWhole;
}

type Fields = Readonly<Record<string, unknown>>;
