// Texts that somebody made to harm who reads or pastes them, drawn at random.

import type { Random } from '../faults/random.ts';

/** Sequences that a terminal obeys, and characters that it hides or turns around. */
const forTerminals = [
  '\u001b]0;T\u0007',
  '\u001b]8;;http://x\u001b\\',
  '\u001b[2J',
  '\u001b[31;1m',
  '\u001bP1$r\u001b\\',
  '\u001bc',
  '\u009b1A',
  '\u009d52;c;eA==\u009c',
  '\u0085',
  '\u008d',
  '\u202e',
  '\u2067',
  '\u200b',
  '\u200f',
  '\u061c',
  '\u2060',
  '\ufeff',
  '\u00ad',
  '\u{e0041}',
  '\u{e01ef}',
  '\u2028',
  '\u2029',
  '\ud83d',
  '\udc00',
  '\u007f',
  '\b\b\b',
  '\0',
  '\u000b',
  '\u000e',
];

const forShells = [
  '$(touch pwned)',
  '`touch pwned`',
  ';touch pwned;',
  '|touch pwned',
  '&touch pwned&',
  '>pwned',
  "'",
  "''",
  '"',
  '\\',
  '\\\\',
  ' ',
  '  # ',
  '!!',
  '*',
  '?',
  '[a]',
  '{a,b}',
  '~',
  '=touch',
  '$HOME',
  '$IFS',
  '%PATH%',
  '\u2018',
  '\u201b',
  '-',
  '--server=x',
  '^',
  '<(touch pwned)',
];

const plain = ['a', 'web', 'example', 'x1', '.', '0', 'é', '日本'];

const some = (random: Random, pieces: readonly string[], least: number): string => {
  const count = least + random.number(4);
  return Array.from({ length: count }, (_, index) => (index % 2 === 0 ? random.pick(pieces) : random.pick(plain))).join(
    '',
  );
};

/** Ends in a letter, so that nothing is trimmed away. */
export const terminalText = (random: Random): string => `${some(random, forTerminals, 3)}${random.pick(plain)}z`;

export const shellText = (random: Random): string => some(random, forShells, 2);
