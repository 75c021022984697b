// Finds the values of a line in the bytes of a file: most lines are left out, and never become text.

/**
 * Finds what the format's parser finds (text-parser.ts, json-parser.ts), or leaves the line to that parser. `end` is
 * before the newline. The value of slot N stands from `at[2 * N]` to before `at[2 * N + 1]`; what is not set is empty
 * or a dash.
 */
export interface QuickLine {
  /** The length of `at`. */
  readonly places: number;
  /** False where no line of this format begins so. */
  begins(bytes: Uint8Array, start: number, end: number): boolean;
  /** False where the full parser has to read the line. */
  find(bytes: Uint8Array, start: number, end: number, at: Int32Array): boolean;
}

export function standsAt(text: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}
