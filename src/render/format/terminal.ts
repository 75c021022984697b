// The one gate to the terminal. A VirtualService's owner, a client and a node all write texts that end up on the screen
// of somebody with the cluster's credentials. So text leaves in lines of ours, each without anything that moves the
// cursor, ends the line, turns its direction or hides in it; colours are ours alone.
// Source: ECMA-48 (control sequences), UAX #9 (bidirectional text), UTS #39 §5.4 (invisible characters).

/**
 * Controls (C0, DEL, C1), format characters (bidirectional, zero width, tags), line and paragraph separators, halves of
 * surrogates, noncharacters and everything that is drawn as nothing.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu;
/** Not of what most texts are made of: Latin, punctuation, arrows, boxes, signs. */
const unusual = /[^ -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u27bf]/;
/** The same, where lines have their ends. */
const unusualInLines = /[^\n -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u27bf]/;

const replacement = '\ufffd';

const isLineEnd = (character: string | undefined): boolean =>
  character === '\n' || character === '\r' || character === '\t';

/** Without line ends and tabs at both ends. A loop: /[\r\n]+$/ is quadratic. */
function trimLineEnds(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && isLineEnd(text[from])) from++;
  while (to > from && isLineEnd(text[to - 1])) to--;
  return text.slice(from, to);
}

/** Line ends and tabs of somebody else become a space. */
const inOneLine = (text: string): string => text.replace(/[\t\r\n]+/g, ' ').replace(unsafe, replacement);

/** `text` as a part of one line: its line ends and tabs become a space, what else is unsafe the replacement character. */
export const cleanText = (text: string): string => (unusual.test(text) ? inOneLine(trimLineEnds(text)) : text);

/** `text` as one word of a line: also its line ends and tabs become the replacement character. */
export const cleanName = (text: string): string => (unusual.test(text) ? text.replace(unsafe, replacement) : text);

/**
 * What our own control sequences are in a line. No text from outside can hold one: the key is drawn at every start.
 * Node seeds V8's generator from the system's entropy, and nobody outside sees a number of it; to load Node's crypto
 * takes a tenth of the time that help has.
 */
const key = [Math.random(), Math.random()].map((number) => number.toString(36).slice(2)).join('');
const marks = new RegExp(`\\ufdd0${key}(\\d+[A-Za-z])\\ufdd1`, 'g');
const mark = (sequence: string): string => `\ufdd0${key}${sequence}\ufdd1`;

/** Where a colour begins or ends: SGR (ECMA-48 §8.3.117). */
export const colourMark = (code: number): string => mark(`${code}m`);

/**
 * At the beginning of a line: takes the `lines` lines before it off the terminal. Source: ECMA-48 §8.3.22 CUU, §8.3.39
 * ED.
 */
export const eraseMark = (lines: number): string => (lines === 0 ? '' : mark(`${lines}A`) + mark('0J'));

export const withoutMarks = (line: string): string => line.replace(marks, '');

/** A line as it is shown, whose marks stay marks. */
export const cleanLine = (line: string): string => throughMarks(line, mark);

/** One line for a terminal, without its end: cleaned, and with our own control sequences. */
export const terminalLine = (line: string): string => throughMarks(line, (sequence) => `\u001b[${sequence}`);

/** Every second part of a text that is split at its marks is what stood in a mark. */
function throughMarks(line: string, asSequence: (sequence: string) => string): string {
  if (!unusual.test(line)) return line;
  return trimLineEnds(line)
    .split(marks)
    .map((part, index) => (index % 2 === 0 ? inOneLine(part) : asSequence(part)))
    .join('');
}

/**
 * Lines of ours as text, each with its end. A line end inside of one is somebody else's, and is cleaned away. `lines` may
 * be such a text already.
 */
export function terminalText(lines: readonly string[] | string): string {
  if (typeof lines === 'string')
    return unusualInLines.test(lines) ? terminalText(lines.split('\n').slice(0, -1)) : lines;
  if (lines.length === 0) return '';
  // One look at all of them: in most answers there is nothing to clean.
  const shown = unusual.test(lines.join('')) ? lines.map(terminalLine) : lines;
  return `${shown.join('\n')}\n`;
}

/**
 * A document (JSON, YAML, PEM, a log line as it came) for a terminal: it keeps its line ends, CR LF is one, and tabs.
 * `replaced` is how many characters it does not keep.
 */
export function terminalDocument(text: string): { readonly text: string; readonly replaced: number } {
  let replaced = 0;
  const show = (part: string): string =>
    part.replace(/\r\n/g, '\n').replace(unsafe, (character) => {
      if (character === '\n' || character === '\t') return character;
      replaced += 1;
      return replacement;
    });
  const parts = text.split(marks).map((part, index) => (index % 2 === 0 ? show(part) : `\u001b[${part}`));
  return { text: parts.join(''), replaced };
}

/** What is written to one stream. Lines are cleaned always, documents where it is a terminal. */
export interface Gate {
  lines(lines: readonly string[] | string): string;
  document(text: string): string;
  /** How many characters of documents were not shown as they are, since the last call. */
  takeReplaced(): number;
}

export function openGate(isTerminal: boolean): Gate {
  let replaced = 0;
  return {
    lines: terminalText,
    document: (text) => {
      if (!isTerminal) return text;
      const shown = terminalDocument(text);
      replaced += shown.replaced;
      return shown.text;
    },
    takeReplaced: () => {
      const taken = replaced;
      replaced = 0;
      return taken;
    },
  };
}
