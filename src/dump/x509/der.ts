// The tags, lengths and values of DER, only as far as node:crypto leaves parts of a certificate unread (extensions).
// Only certificates that OpenSSL has accepted come here. Source: X.690 §8.1, §10.1; RFC 5280 §4.1.

export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  /** With its tag and length. */
  readonly encoded: Buffer;
}

export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  sequence: 0x30,
  extensions: 0xa3,
} as const;

/**
 * The values that stand one after the other in `bytes`; ends where they make no sense. Tags above 30 are not used by
 * RFC 5280.
 */
export function derValues(bytes: Buffer): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const { length, start } = lengthAt(bytes, at + 1);
    const end = start + length;
    if (end > bytes.length) break;
    values.push({ tag: bytes[at] as number, content: bytes.subarray(start, end), encoded: bytes.subarray(at, end) });
    at = end;
  }
  return values;
}

function lengthAt(bytes: Buffer, at: number): { readonly length: number; readonly start: number } {
  const first = bytes[at] as number;
  if (first < 0x80) return { length: first, start: at + 1 };
  const size = first & 0x7f;
  const start = at + 1 + size;
  // Indefinite lengths are not DER; more than 4 bytes of length is no certificate.
  if (size === 0 || size > 4 || start > bytes.length) return { length: Number.POSITIVE_INFINITY, start };
  return { length: bytes.readUIntBE(at + 1, size), start };
}

/** The contents of a certificate's extensions by their object identifier in hexadecimal (2.5.29.14 is 551d0e). */
export function certificateExtensions(der: Buffer): Map<string, Buffer> {
  const [certificate] = derValues(der);
  const [toBeSigned] = certificate ? derValues(certificate.content) : [];
  const wrapper = toBeSigned && derValues(toBeSigned.content).find(({ tag }) => tag === derTag.extensions);
  const [list] = wrapper ? derValues(wrapper.content) : [];
  const extensions = new Map<string, Buffer>();
  for (const extension of list ? derValues(list.content) : []) {
    const parts = derValues(extension.content);
    const id = parts.find(({ tag }) => tag === derTag.objectId);
    const value = parts.find(({ tag }) => tag === derTag.octetString);
    if (id && value) extensions.set(id.content.toString('hex'), value.content);
  }
  return extensions;
}
