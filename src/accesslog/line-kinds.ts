// What is found out once for all lines that are alike in the values that tell it, by the bytes of these values.

import { ByteTable, type Ranges } from './byte-table.ts';
import { type FoundLine, findValue, isAsciiLine } from './quick-line.ts';

/** Lines of others are read one by one. */
const mostKinds = 20_000;
const mostBytes = 32 * 1024 * 1024;

export class LineKinds<Kind> {
  readonly #slots: readonly number[];
  readonly #setSlot: number;
  /** Where the values of `#slots` stand, and the first character of that of `#setSlot`. */
  readonly #ranges: Ranges;
  #table: ByteTable;
  #kinds: Kind[] = [];

  /** Lines of a kind have the same values in `slots`, and one in `setSlot`, or none. */
  constructor(slots: readonly number[], setSlot = -1) {
    this.#slots = slots;
    this.#setSlot = setSlot;
    this.#ranges = new Int32Array(2 * slots.length + 2);
    this.#table = new ByteTable(slots.length + 1);
  }

  /** Undefined for a line unlike all that were learnt. */
  of(line: FoundLine): Kind | undefined {
    return isAsciiLine(line) ? this.#kinds[this.#table.find(line.block, this.#rangesOf(line))] : undefined;
  }

  /** `make` is called where there is room. */
  learn(line: FoundLine, make: () => Kind | undefined): void {
    if (!isAsciiLine(line) || this.#kinds.length === mostKinds || this.#table.bytes > mostBytes) return;
    const ranges = this.#rangesOf(line);
    if (this.#table.find(line.block, ranges) !== -1) return;
    const kind = make();
    if (kind !== undefined) this.#kinds[this.#table.numberOf(line.block, ranges)] = kind;
  }

  forget(): void {
    this.#table = new ByteTable(this.#slots.length + 1);
    this.#kinds = [];
  }

  #rangesOf(line: FoundLine): Ranges {
    const ranges = this.#ranges;
    const last = ranges.length - 2;
    for (let i = 0; 2 * i < last; i++) findValue(line, this.#slots[i] as number, ranges, 2 * i);
    findValue(line, this.#setSlot, ranges, last);
    ranges[last + 1] = Math.min(ranges[last + 1] as number, (ranges[last] as number) + 1);
    return ranges;
  }
}
