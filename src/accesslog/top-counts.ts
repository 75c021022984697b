// How often each of many values occurs, in bounded memory: where there are too many, the rarest are forgotten, and the
// rest is a lower bound.

import { type Block, ByteTable, blockOf, type Ranges } from './byte-table.ts';

export interface TopCount {
  readonly value: string;
  readonly count: number;
  readonly errors: number;
}

const most = 20_000;
/** A client may send 60 KiB in each, and a file from elsewhere may have a MiB in each. */
const mostBytes = 32 * 1024 * 1024;

export class TopCounts {
  readonly #values = new ByteTable();
  /** By the number of the value. */
  #counts: number[] = [];
  #errors: number[] = [];
  /** How often values had to be forgotten: the others have new numbers then. */
  forgotten = 0;

  get isApproximate(): boolean {
    return this.forgotten > 0;
  }

  add(value: string, isError: boolean): void {
    this.addBytes(asBlock(value), whole, isError);
  }

  addBytes(block: Block, range: Ranges, isError: boolean): void {
    const number = this.#values.numberOf(block, range);
    if (number === this.#counts.length) {
      this.#counts.push(0);
      this.#errors.push(0);
    }
    this.addAgain(number, isError);
    if (this.size > most) this.#forgetRare();
    if (this.#values.bytes > mostBytes) while (this.#values.bytes > mostBytes / 2) this.#forgetRare();
  }

  /** Of a value that was added and not forgotten. */
  addAgain(number: number, isError: boolean): void {
    this.#counts[number] = (this.#counts[number] as number) + 1;
    if (isError) this.#errors[number] = (this.#errors[number] as number) + 1;
  }

  /** -1 for a value that is not counted. */
  numberOf(value: string): number {
    return this.#values.find(asBlock(value), whole);
  }

  /** The most frequent, then by text. */
  top(n: number): TopCount[] {
    return this.#counts
      .map((_, number) => this.#of(number))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
      .slice(0, n);
  }

  /** The one with the most errors; undefined where there are none, or some were forgotten. */
  worst(): TopCount | undefined {
    if (this.isApproximate) return undefined;
    const errors = this.#errors.reduce((a, b) => Math.max(a, b), 0);
    return errors === 0 ? undefined : this.#of(this.#errors.indexOf(errors));
  }

  get size(): number {
    return this.#values.size;
  }

  #of(number: number): TopCount {
    return {
      value: this.#values.text(number),
      count: this.#counts[number] as number,
      errors: this.#errors[number] as number,
    };
  }

  #forgetRare(): void {
    this.forgotten++;
    const counts = Float64Array.from(this.#counts).sort();
    const least = counts[Math.floor(counts.length / 2)] ?? 1;
    let left = counts.length;
    const isKept = this.#counts.map((count) => {
      if (count > least || left <= counts.length / 2) return true;
      left--;
      return false;
    });
    this.#values.keep((number) => isKept[number] === true);
    this.#counts = this.#counts.filter((_, number) => isKept[number]);
    this.#errors = this.#errors.filter((_, number) => isKept[number]);
  }
}

const short = blockOf(Buffer.alloc(4096));
/** Of the text in the last block that `asBlock` gave. */
const whole = new Int32Array(2);

/** The bytes of a text, until the next is asked for. */
function asBlock(text: string): Block {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x80 || at === short.bytes.length) return ofAnyText(text);
    short.bytes[at] = code;
  }
  whole[1] = text.length;
  return short;
}

function ofAnyText(text: string): Block {
  const bytes = Buffer.from(text, 'utf8');
  whole[1] = bytes.length;
  return blockOf(bytes);
}
