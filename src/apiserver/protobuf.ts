// Protobuf's wire format, as far as it is spoken here: fields with a length, and varints.
// Source: protobuf.dev/programming-guides/encoding.

const [varintType, lengthType] = [0, 2];

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

/** A text, or a message that is made already. */
export function lengthField(number: number, value: string | Buffer): Buffer {
  const body = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint(number * 8 + lengthType), varint(body.length), body]);
}

export const varintField = (number: number, value: number): Buffer =>
  Buffer.concat([varint(number * 8 + varintType), varint(value)]);

/** The last value of each field that has a length; undefined where the bytes are no message. */
export function readLengthFields(message: Buffer): ReadonlyMap<number, Buffer> | undefined {
  const fields = new Map<number, Buffer>();
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let scale = 1; at < message.length && scale < 2 ** 49; scale *= 128) {
      const byte = message[at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return Number.NaN;
  };
  while (at < message.length) {
    const key = readVarint();
    const type = key % 8;
    const size = type === lengthType ? readVarint() : ({ 1: 8, 5: 4 }[type] ?? 0);
    if (type === varintType) readVarint();
    else if (!(at + size <= message.length) || ![1, lengthType, 5].includes(type)) return undefined;
    if (type === lengthType) fields.set(Math.floor(key / 8), message.subarray(at, at + size));
    at += size;
  }
  return fields;
}
