// Lines that are printed from their bytes: most of what is said of a line is said once, for all lines that are alike in
// the fields that tell it.

import { copied } from '#core/memoize.ts';
import type { AccessEntry } from '#model/access-log.ts';
import { failureFields } from './failure.ts';
import { LineKinds } from './line-kinds.ts';
import { type CompiledFormat, fieldsReader } from './line-parser.ts';
import type { FoundLine } from './quick-line.ts';
import type { ReadValue } from './text-parser.ts';

/** Each line has its own. */
const fieldsOfEach = ['startTime', 'durationMs', 'path'] as const;
const fieldsOfKind = [...failureFields, 'protocol', 'authority', 'serverName', 'upstreamCluster'] as const;

type OfEach = (typeof fieldsOfEach)[number];
type OfKind = (typeof fieldsOfKind)[number];

/** What is kept of one line must not keep the whole block in memory. */
const ofItsOwn =
  (read: ReadValue): ReadValue =>
  (slot) => {
    const value = read(slot);
    return typeof value === 'string' ? copied(value) : value;
  };

/** Writes lines that differ in these fields alone. */
export type KindPrinter = (own: Pick<AccessEntry, OfEach>) => string;

export class QuickPrint {
  readonly #printerOf: (entry: Pick<AccessEntry, OfKind>) => KindPrinter;
  readonly #readKind = fieldsReader(fieldsOfKind);
  readonly #readOwn = fieldsReader(fieldsOfEach);
  readonly #formats = new Map<CompiledFormat, LineKinds<KindPrinter>>();

  constructor(printerOf: (entry: Pick<AccessEntry, OfKind>) => KindPrinter) {
    this.#printerOf = printerOf;
  }

  /** `read` has the values of the line. */
  print(format: CompiledFormat, read: ReadValue, line: FoundLine): string {
    const kinds = this.#kindsOf(format);
    const printer = kinds.of(line) ?? this.#newPrinter(kinds, line, this.#readKind(format, ofItsOwn(read)));
    return printer(this.#readOwn(format, read));
  }

  #newPrinter(kinds: LineKinds<KindPrinter>, line: FoundLine, entry: Pick<AccessEntry, OfKind>): KindPrinter {
    const printer = this.#printerOf(entry);
    kinds.learn(line, () => printer);
    return printer;
  }

  #kindsOf(format: CompiledFormat): LineKinds<KindPrinter> {
    const known = this.#formats.get(format);
    if (known) return known;
    const slots = format.slots.flatMap(({ field }, slot) => (fieldsOfKind.some((one) => one === field) ? [slot] : []));
    const made = new LineKinds<KindPrinter>(slots);
    this.#formats.set(format, made);
    return made;
  }
}
