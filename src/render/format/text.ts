// Text on a terminal: how wide it is, and where it may be broken. What is measured is what is shown: the text cleaned. Widths are Unicode's
// East Asian Width (UAX #11) of each character, without string-width: its import costs more than a whole command.

import { eastAsianWidth } from 'get-east-asian-width';
import { cleanText } from './terminal.ts';

/** Not of those that take one column: Latin, punctuation, arrows, crosses and ticks. */
const unusual = /[^ -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u2319\u2710-\u2727]/;
const zeroWidth = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Columns that the text takes; it holds no control characters and no colours. */
export function textWidth(text: string): number {
  if (!unusual.test(text)) return text.length;
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

const blanks: string[] = [];

/** Made once for each number: tables have thousands. */
export const spaces = (count: number): string => (blanks[count] ??= ' '.repeat(count));

/** Pads to `width` columns on the right. */
export function padText(text: string, width: number): string {
  const shown = cleanText(text);
  return shown + spaces(Math.max(0, width - textWidth(shown)));
}

/** Shortened in the middle to `width` columns: both ends of a name tell more than its middle. */
export function elideText(text: string, width: number): string {
  const shown = cleanText(text);
  if (textWidth(shown) <= width) return shown;
  const characters = [...shown];
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
  let rest = cleanText(text);
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
