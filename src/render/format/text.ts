// Text on a terminal: how wide it is, what may not be printed as it is, and where it may be broken. Widths are Unicode's
// East Asian Width (UAX #11) of each character, without string-width: its import costs more than a whole command.

import { eastAsianWidth } from 'get-east-asian-width';

const ascii = /^[ -~]*$/;
const zeroWidth = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Columns that the text takes; it holds no control characters and no colours. */
export function textWidth(text: string): number {
  if (ascii.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) as number;
  if (code < 0x300) return 1;
  if (zeroWidth.test(character)) return 0;
  return eastAsianWidth(code);
}

/** Pads to `width` columns on the right. */
export const padText = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - textWidth(text)));

const control = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/**
 * Without control characters and bidirectional overrides: names and error texts come from others, and one escape
 * sequence could repaint the terminal. Line ends and tabs become a space, the rest the replacement character.
 */
export function printable(text: string): string {
  if (ascii.test(text) || !control.test(text)) return text;
  return text
    .replace(/[\r\n\t]+/g, ' ')
    .replaceAll(new RegExp(control, 'gu'), '\ufffd')
    .trim();
}

/** The same of a text of several lines, which keeps its line ends and tabs. */
export function printableLines(text: string): string {
  return text.replaceAll(/(?![\n\t])[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

/** Shortened in the middle to `width` columns: both ends of a name tell more than its middle. */
export function elideText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const characters = [...text];
  const room = Math.max(0, width - 1);
  const head = take(characters, Math.ceil(room / 2));
  const tail = take(characters.toReversed(), room - textWidth(head));
  return `${head}…${[...tail].toReversed().join('')}`;
}

function take(characters: readonly string[], width: number): string {
  let taken = '';
  let used = 0;
  for (const character of characters) {
    used += characterWidth(character);
    if (used > width) break;
    taken += character;
  }
  return taken;
}

/** A line may end after these: host names, paths and clusters stay readable. */
const breakAfter = /[\s,/.|:;&?=·-]/;

/** Lines of at most `width` columns that together are the whole text; a space at the end of a line is dropped. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (textWidth(rest) > width) {
    const fitting = take([...rest], width) || ([...rest][0] as string);
    const at = breakPoint(rest, fitting.length);
    lines.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).trimStart();
  }
  return rest === '' && lines.length > 0 ? lines : [...lines, rest];
}

/**
 * Where the first line ends: a space if there is one in its second half, else another separator, else a space, else its
 * width.
 */
function breakPoint(text: string, most: number): number {
  if (text[most] === ' ') return most;
  const space = text.lastIndexOf(' ', most - 1) + 1;
  if (space > most / 2) return space;
  for (let at = most; at > most / 3; at--) {
    if (breakAfter.test(text[at - 1] as string)) return at;
  }
  return space > 0 ? space : most;
}
