// Bytes → lines. A line that is longer than the limit is cut there; what follows of it is dropped, and it says how
// much.

const newline = 10;
const none = Buffer.alloc(0);

/** Longest line that is kept whole: kubelets join what the runtime split at 16 KiB, and nobody logs more on purpose. */
const defaultMost = 1024 * 1024;

/** `{"…` or `[{…`, which stores answer with on a single line; a line of the access log may begin with `[2026-`. */
const isJson = (head: string): boolean => /^\s*(?:\{|\[(?!\s*\d))/.test(head);

/** `line` up to the limit, and how much more there was. */
export function cutLine(line: string, most = defaultMost): string {
  if (line.length <= most) return line;
  const whole = Buffer.from(line);
  return whole.length <= most
    ? line
    : `${whole.subarray(0, most).toString('utf8')}… (${whole.length - most} bytes more)`;
}

/** Call with chunks as they come, and with `end` after the last. Lines have no newline; broken UTF-8 becomes U+FFFD. */
export class LineSplitter {
  readonly #mostOfText: number;
  readonly #mostOfJson: number;
  /** Of the line that has begun. */
  #most: number;
  #rest: Buffer[] = [];
  #size = 0;

  constructor(mostBytes = defaultMost, mostOfJson = mostBytes) {
    this.#mostOfText = mostBytes;
    this.#mostOfJson = mostOfJson;
    this.#most = mostBytes;
  }

  /** The lines that end in this chunk. */
  push(chunk: Buffer): string[] {
    const { line, block } = this.pushBytes(chunk);
    return [...(line === undefined ? [] : [line]), ...this.linesOf(block)];
  }

  /** Like `push`, but returns the complete lines after the first as one undecoded block, each with its newline. */
  pushBytes(chunk: Buffer): { readonly line: string | undefined; readonly block: Buffer } {
    const first = chunk.indexOf(newline);
    if (first === -1) {
      this.#keep(chunk);
      return { line: undefined, block: none };
    }
    const last = chunk.lastIndexOf(newline);
    const line = this.#finish(chunk.subarray(0, first));
    this.#keep(chunk.subarray(last + 1));
    return { line, block: chunk.subarray(first + 1, last + 1) };
  }

  /** Of a block of whole lines. */
  linesOf(block: Buffer): string[] {
    if (block.length === 0) return [];
    return block
      .toString('utf8', 0, block.length - 1)
      .split('\n')
      .map((line) => this.#cut(line));
  }

  /** What is left without a newline. */
  end(): string[] {
    return this.#size === 0 ? [] : [this.#finish(none)];
  }

  #keep(chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (this.#size === 0) this.#most = this.#mostOf(chunk.toString('latin1', 0, 16));
    // One byte more than the limit is kept, so that the line is known to be longer; the rest is only counted.
    const room = this.#most + 1 - Math.min(this.#size, this.#most + 1);
    if (room > 0) this.#rest.push(Buffer.from(chunk.subarray(0, room)));
    this.#size += chunk.length;
  }

  #finish(tail: Buffer): string {
    this.#keep(tail);
    const line = Buffer.concat(this.#rest);
    const size = this.#size;
    this.#rest = [];
    this.#size = 0;
    if (size <= this.#most) return withoutReturn(line.toString('utf8'));
    return `${line.subarray(0, this.#most).toString('utf8')}… (${size - this.#most} bytes more)`;
  }

  #cut(line: string): string {
    return line.length <= this.#mostOfText ? withoutReturn(line) : cutLine(line, this.#mostOf(line.slice(0, 16)));
  }

  #mostOf(head: string): number {
    return isJson(head) ? this.#mostOfJson : this.#mostOfText;
  }
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
