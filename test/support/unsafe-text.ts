// What a terminal obeys or hides, spelled out, and not with the properties that the gate itself asks: what it forgets is
// found here.

export const isUnsafe = (code: number): boolean =>
  (code < 0x20 && code !== 0x0a) ||
  (code >= 0x7f && code <= 0x9f) ||
  [0xad, 0x61c, 0x115f, 0x3164, 0xfeff].includes(code) ||
  (code >= 0x200b && code <= 0x200f) ||
  (code >= 0x2028 && code <= 0x202e) ||
  (code >= 0x2060 && code <= 0x206f) ||
  (code >= 0xd800 && code <= 0xdfff) ||
  (code >= 0xe0000 && code <= 0xe0fff);

/** The code points in hexadecimal; colours of ours are none. */
export const unsafeIn = (text: string): string[] =>
  [...text.replaceAll(/\u001b\[\d+m/g, '')]
    .map((character) => character.codePointAt(0) as number)
    .filter(isUnsafe)
    .map((code) => code.toString(16));
