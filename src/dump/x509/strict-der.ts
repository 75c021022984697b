// DER that must be exactly what it should be: one deviation, and there is no answer. For certificates that OpenSSL has
// not looked at. Source: X.690 §8.1, §10.1.

/** Where the content of a value stands in the bytes; the next value begins at `end`. */
export interface Span {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** The values that `parent` is made of; undefined where its bytes are not whole values with the shortest lengths. */
export function spansIn(bytes: Buffer, parent: Omit<Span, 'tag'>): Span[] | undefined {
  const spans: Span[] = [];
  for (let at = parent.start; at < parent.end; ) {
    const span = spanAt(bytes, at, parent.end);
    if (span === undefined) return undefined;
    spans.push(span);
    at = span.end;
  }
  return spans;
}

/** As `spansIn`, where the values have these tags and there are no others. */
export function spansOf(bytes: Buffer, parent: Omit<Span, 'tag'>, tags: readonly number[]): Span[] | undefined {
  const spans = spansIn(bytes, parent);
  return spans?.length === tags.length && tags.every((tag, index) => spans[index]?.tag === tag) ? spans : undefined;
}

const longTag = 0x1f;

function spanAt(bytes: Buffer, at: number, limit: number): Span | undefined {
  const [tag = longTag, first = 0x80] = [bytes[at], bytes[at + 1]];
  const size = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 2 + size;
  // A tag of several bytes, an indefinite length, more than a certificate can have.
  if ((tag & longTag) === longTag || first === 0x80 || size > 3 || start > limit) return undefined;
  const length = size === 0 ? first : bytes.readUIntBE(at + 2, size);
  const isShortest = size === 0 || length >= (size === 1 ? 0x80 : 2 ** (8 * (size - 1)));
  return isShortest && start + length <= limit ? { tag, start, end: start + length } : undefined;
}
