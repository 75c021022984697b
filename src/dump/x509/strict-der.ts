// DER that must be exactly what it should be: one deviation, and there is no answer. For certificates that OpenSSL has
// not looked at. A mesh has hundreds, each of fifty values, so none of these is an object. Source: X.690 §8.1, §10.1.

/** What every deviation throws: where it was does not matter. */
export const unusual = new Error('unusual DER');

/** Of up to three bytes, the highest first. Node's own looks at its arguments for longer than at the bytes. */
export function numberAt(bytes: Buffer, at: number, size: number): number {
  let number = 0;
  for (let place = at; place < at + size; place++) number = (number << 8) | (bytes[place] as number);
  return number;
}

/** Goes through values in their order. */
export class StrictDer {
  readonly bytes: Buffer;
  /** Where the next value begins; once a value is open, where the rest of its content does. */
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Opens the value that begins here, which must have this tag; returns where it ends, not behind `limit`. */
  open(tag: number, limit: number): number {
    const { bytes, at } = this;
    if (bytes[at] !== tag) throw unusual;
    const first = bytes[at + 1] as number;
    const size = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + size;
    // An indefinite length, more than a certificate can have.
    if (first === 0x80 || size > 3 || start > limit) throw unusual;
    const length = size === 0 ? first : numberAt(bytes, at + 2, size);
    const isShortest = size === 0 || length >= (size === 1 ? 0x80 : 2 ** (8 * (size - 1)));
    if (!isShortest || start + length > limit) throw unusual;
    this.at = start;
    return start + length;
  }

  /** The value that was opened, and nothing else, must have been read. */
  close(end: number): void {
    if (this.at !== end) throw unusual;
  }

  /** The rest, a byte a character. */
  text(end: number): string {
    const { at } = this;
    this.at = end;
    return this.bytes.toString('latin1', at, end);
  }
}
