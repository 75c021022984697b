// Texts as their bytes → numbers from 0 on, in the order in which they came. Logs of gigabytes have millions of paths and
// clients, and no string is made of one that is only counted.

/** Read byte by byte and four at a time. */
export interface Block {
  readonly bytes: Buffer;
  readonly words: DataView;
}

export const blockOf = (bytes: Buffer): Block => ({
  bytes,
  words: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
});

/** Start and end of each part of a text. */
export type Ranges = Int32Array;

const seed = Math.floor(Math.random() * 2 ** 32);
const spread = 0x5bd1_e995;

export class ByteTable {
  readonly #parts: number;
  /**
   * How far the hash is turned after each word. Clients cannot know which texts meet in one place: knowing the turn, they
   * could make words whose differences cancel out, whatever the seed.
   */
  readonly #turn = 12 + Math.floor(Math.random() * 13);
  #size = 0;
  /** All texts, one after the other, and where each of their parts ends. */
  #texts = blockOf(Buffer.alloc(1024));
  #ends: Ranges;
  #hashes: Int32Array = new Int32Array(64);
  /** By hash: one more than the number; 0 is free. Half of them at least. */
  #places = new Int32Array(128);
  #lastHash = 0;

  /** Texts of several parts are the same where all their parts are. */
  constructor(parts = 1) {
    this.#parts = parts;
    this.#ends = new Int32Array(64 * parts);
  }

  get size(): number {
    return this.#size;
  }

  /** Of all texts together. */
  get bytes(): number {
    return this.#startOf(this.#size);
  }

  /** -1 for a text that did not come before. */
  find(block: Block, ranges: Ranges): number {
    const hash = hashOf(block, ranges, this.#parts, this.#turn);
    const places = this.#places;
    const mask = places.length - 1;
    this.#lastHash = hash;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const index = (places[place] as number) - 1;
      if (index === -1 || (this.#hashes[index] === hash && this.#stands(index, block, ranges))) return index;
    }
  }

  /** Of a text that may be new. */
  numberOf(block: Block, ranges: Ranges): number {
    const known = this.find(block, ranges);
    return known === -1 ? this.#append(block.bytes, ranges) : known;
  }

  text(index: number): string {
    return this.#texts.bytes.toString('utf8', this.#startOf(index), this.#startOf(index + 1));
  }

  /** Forgets all others. Those that stay keep their order, and get new numbers. */
  keep(isKept: (index: number) => boolean): void {
    const [old, ends] = [this.#texts.bytes, this.#ends];
    const size = this.#size;
    this.#size = 0;
    let from = 0;
    for (let index = 0; index < size; index++) {
      const end = ends[(index + 1) * this.#parts - 1] as number;
      if (isKept(index)) this.#move(old, { from, index });
      from = end;
    }
    this.#places.fill(0);
    for (let index = 0; index < this.#size; index++) this.#put(index);
  }

  /** To the end of those before it. */
  #move(bytes: Buffer, { from, index }: { readonly from: number; readonly index: number }): void {
    const parts = this.#parts;
    const to = this.#startOf(this.#size);
    const end = this.#ends[(index + 1) * parts - 1] as number;
    bytes.copyWithin(to, from, end);
    for (let part = 0; part < parts; part++)
      this.#ends[this.#size * parts + part] = (this.#ends[index * parts + part] as number) - from + to;
    this.#hashes[this.#size++] = this.#hashes[index] as number;
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : (this.#ends[index * this.#parts - 1] as number);
  }

  #stands(index: number, block: Block, ranges: Ranges): boolean {
    let from = this.#startOf(index);
    for (let part = 0; part < this.#parts; part++) {
      const end = this.#ends[index * this.#parts + part] as number;
      const start = ranges[2 * part] as number;
      if (end - from !== (ranges[2 * part + 1] as number) - start) return false;
      if (!isSame(this.#texts, from, end, block, start)) return false;
      from = end;
    }
    return true;
  }

  #append(bytes: Buffer, ranges: Ranges): number {
    const index = this.#size++;
    if (this.#hashes.length === index) this.#grow();
    let to = this.#startOf(index);
    for (let part = 0; part < this.#parts; part++) {
      const [start, end] = [ranges[2 * part] as number, ranges[2 * part + 1] as number];
      this.#makeRoom(to + end - start);
      bytes.copy(this.#texts.bytes, to, start, end);
      to += end - start;
      this.#ends[index * this.#parts + part] = to;
    }
    this.#hashes[index] = this.#lastHash;
    this.#put(index);
    return index;
  }

  #put(index: number): void {
    const mask = this.#places.length - 1;
    let place = (this.#hashes[index] as number) & mask;
    while (this.#places[place] !== 0) place = (place + 1) & mask;
    this.#places[place] = index + 1;
  }

  #grow(): void {
    this.#ends = longer(this.#ends);
    this.#hashes = longer(this.#hashes);
    this.#places = new Int32Array(2 * this.#places.length);
    for (let index = 0; index < this.#size - 1; index++) this.#put(index);
  }

  #makeRoom(length: number): void {
    const { bytes } = this.#texts;
    if (length <= bytes.length) return;
    const more = Buffer.alloc(2 * length);
    bytes.copy(more);
    this.#texts = blockOf(more);
  }
}

function longer(numbers: Int32Array): Int32Array {
  const twice = new Int32Array(2 * numbers.length);
  twice.set(numbers);
  return twice;
}

function hashOf({ bytes, words }: Block, ranges: Ranges, parts: number, turn: number): number {
  let hash = seed;
  for (let part = 0; part < parts; part++) {
    let at = ranges[2 * part] as number;
    const end = ranges[2 * part + 1] as number;
    hash = mixed(hash, end - at, turn);
    for (; at + 4 <= end; at += 4) hash = mixed(hash, words.getInt32(at, true), turn);
    for (; at < end; at++) hash = mixed(hash, bytes[at] as number, turn);
  }
  return hash ^ (hash >>> 15);
}

function mixed(hash: number, word: number, turn: number): number {
  const product = Math.imul(hash ^ word, spread);
  return (product << turn) | (product >>> (32 - turn));
}

function isSame(one: Block, from: number, end: number, other: Block, start: number): boolean {
  let at = from;
  let place = start;
  for (; at + 4 <= end; at += 4, place += 4)
    if (one.words.getInt32(at, true) !== other.words.getInt32(place, true)) return false;
  for (; at < end; at++, place++) if (one.bytes[at] !== other.bytes[place]) return false;
  return true;
}
