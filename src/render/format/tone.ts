// Colours, as marks that the gate to the terminal knows. They only repeat what a word or a symbol says already: for NO_COLOR, for pipes, for those who do not see
// them.

import { colourMark } from './terminal.ts';

export type Tone = 'good' | 'bad' | 'warning' | 'faint' | 'strong';

/** SGR codes (ECMA-48 §8.3.117): on, off. */
const codes: Readonly<Record<Tone, readonly [number, number]>> = {
  good: [32, 39],
  bad: [31, 39],
  warning: [33, 39],
  faint: [2, 22],
  strong: [1, 22],
};

export function paint(text: string, tone: Tone | undefined, color: boolean): string {
  if (!color || tone === undefined || text === '') return text;
  const [on, off] = codes[tone];
  return colourMark(on) + text + colourMark(off);
}
