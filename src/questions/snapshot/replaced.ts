// What was taken out of the files of a snapshot, counted where it is written.

export interface Replaced {
  readonly class: string;
  /** Where it stood, all files together. */
  readonly places: number;
  /** Different values. */
  readonly values: number;
  /** Places by file. */
  readonly files: Readonly<Record<string, number>>;
}

const classes: readonly (readonly [name: string, mark: RegExp])[] = [
  ['credential', /\[redacted [0-9a-f]{8}\]|W3JlZGFjdGVk[A-Za-z0-9+/]{10,14}/g],
  ['client address', /\bclient-[0-9a-f]{10}\b/g],
  ['query string', /\?query-[0-9a-f]{10}\b/g],
];

interface Count {
  readonly files: Map<string, number>;
  readonly values: Set<string>;
}

export class ReplacedCounter {
  readonly #counts = new Map<string, Count>();

  /** Counts the marks in what is written. */
  countIn(file: string, text: string): void {
    for (const [name, mark] of classes) {
      for (const [found] of text.matchAll(mark)) this.add(name, file, found);
    }
  }

  /** One place that has no mark. */
  add(name: string, file: string, value: string): void {
    const count = this.#counts.get(name) ?? { files: new Map<string, number>(), values: new Set<string>() };
    this.#counts.set(name, count);
    count.files.set(file, (count.files.get(file) ?? 0) + 1);
    count.values.add(value);
  }

  list(): Replaced[] {
    return [...this.#counts].map(([name, { files, values }]) => ({
      class: name,
      places: [...files.values()].reduce((sum, places) => sum + places, 0),
      values: values.size,
      files: Object.fromEntries(files),
    }));
  }
}
