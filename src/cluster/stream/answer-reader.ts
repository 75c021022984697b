// One answer of HTTP/1.1 to a GET or a POST, as its bytes come. What could be read in two ways is refused, as Node's
// parser does. Source: RFC 9112.

/** What has come is no answer of HTTP/1.1. */
export class NotHttp extends Error {}

/** Of lines that follow each other, as Node has it. */
const mostLineBytes = 16 * 1024;

const nothing = Buffer.alloc(0);
const beginning = 'HTTP/1.';

export class AnswerReader {
  /** 0 until the head is whole. */
  status = 0;
  /** What has come of the body. */
  readonly body: Buffer[] = [];
  size = 0;
  isWhole = false;
  /** Whether the stream may carry another request after this answer. */
  isReusable = true;
  #bytes: Buffer = nothing;
  #lineBytes = 0;
  /** Of the body, or of the chunk; infinite where the end of the stream ends it. */
  #left = 0;
  #framing: { isChunked: boolean; length: number | undefined } = { isChunked: false, length: undefined };
  #read: (line: string) => void = this.#readStatusLine;

  /** Throws NotHttp. */
  push(bytes: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    while (!this.isWhole && this.#bytes.length > 0 && (this.#left > 0 ? this.#takeBody() : this.#takeLine()));
    // More than was asked for: what it is, nobody knows.
    if (this.isWhole && this.#bytes.length > 0) this.isReusable = false;
  }

  /** The stream has ended. */
  end(): void {
    if (this.#left === Number.POSITIVE_INFINITY) this.isWhole = true;
  }

  #takeBody(): boolean {
    const part = this.#bytes.subarray(0, this.#left);
    this.#bytes = this.#bytes.subarray(part.length);
    this.body.push(part);
    this.size += part.length;
    this.#left -= part.length;
    if (this.#left === 0 && !this.#framing.isChunked) this.isWhole = true;
    return true;
  }

  /** False where the line is not whole. */
  #takeLine(): boolean {
    const end = this.#bytes.indexOf('\r\n');
    const length = end < 0 ? this.#bytes.length : end + 2;
    if (this.#lineBytes + length > mostLineBytes) throw new NotHttp('its lines do not end');
    if (end < 0) {
      this.#refuseBeginning();
      return false;
    }
    this.#lineBytes += length;
    const line = this.#bytes.toString('latin1', 0, end);
    this.#bytes = this.#bytes.subarray(length);
    this.#read(line);
    return true;
  }

  /** Some protocols send a few bytes, and wait: whoever waits for the end of the line waits in vain. */
  #refuseBeginning(): void {
    const isBeginning = beginning.startsWith(this.#bytes.toString('latin1', 0, beginning.length));
    if (this.#bytes.includes('\n') || (this.#read === this.#readStatusLine && !isBeginning))
      throw new NotHttp('a line is none of HTTP');
  }

  #readStatusLine(line: string): void {
    const [, minor, status] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\r\n]*)?$/.exec(line) ?? [];
    if (status === undefined) throw new NotHttp('it has no status line');
    this.#framing = { isChunked: false, length: undefined };
    this.isReusable = minor === '1';
    this.#read = (header) => this.#readHeader(Number(status), header);
  }

  #readHeader(status: number, line: string): void {
    if (line === '') {
      this.#endHead(status);
      return;
    }
    const [name, value] = headerOf(line);
    if (name === 'connection' && /\bclose\b/i.test(value)) this.isReusable = false;
    if (name === 'transfer-encoding') this.#setChunked(value);
    if (name === 'content-length') this.#setLength(value);
  }

  #setChunked(value: string): void {
    if (value.toLowerCase() !== 'chunked' || this.#framing.isChunked || this.#framing.length !== undefined)
      throw new NotHttp('its transfer-encoding is not plain');
    this.#framing.isChunked = true;
  }

  #setLength(value: string): void {
    if (!/^\d{1,15}$/.test(value) || this.#framing.isChunked || this.#framing.length !== undefined)
      throw new NotHttp('its content-length is not plain');
    this.#framing.length = Number(value);
  }

  #endHead(status: number): void {
    if (status === 101) throw new NotHttp('it changes the protocol');
    if (status < 200) {
      this.#read = this.#readStatusLine;
      return;
    }
    this.status = status;
    const { isChunked, length } = this.#framing;
    if (status === 204 || status === 304 || length === 0) this.isWhole = true;
    else if (isChunked) this.#read = this.#readChunkSize;
    else this.#left = length ?? Number.POSITIVE_INFINITY;
    if (this.#left === Number.POSITIVE_INFINITY) this.isReusable = false;
  }

  #readChunkSize(line: string): void {
    const size = /^([\da-f]{1,12})[ \t]*(?:;[^\r\n]*)?$/i.exec(line)?.[1];
    if (size === undefined) throw new NotHttp('a chunk has no size');
    this.#left = Number.parseInt(size, 16);
    this.#lineBytes = 0;
    this.#read = this.#left === 0 ? this.#readTrailer : this.#readEndOfChunk;
  }

  #readEndOfChunk(line: string): void {
    if (line !== '') throw new NotHttp('a chunk is longer than its size');
    this.#read = this.#readChunkSize;
  }

  #readTrailer(line: string): void {
    if (line === '') this.isWhole = true;
    else headerOf(line);
  }
}

/** The name in lower case. */
function headerOf(line: string): [name: string, value: string] {
  const [, name, value] = /^([!#$%&'*+.^`|~\w-]+):[ \t]*([\t -~\u0080-\u00ff]*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new NotHttp('a header is not plain');
  return [name.toLowerCase(), value.trimEnd()];
}
