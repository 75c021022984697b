// One line on a terminal that says what long work is at. It is replaced by the next, and gone before anything else is
// written.

import { limits } from '#core/limits.ts';
import type { Terminal } from './command.ts';

export interface ProgressLine {
  show(line: string): void;
  clear(): void;
}

const eraseLine = '\r\u001b[2K';

/** Nothing is shown where there is no terminal, nor in the first second: most work is done by then. */
export function progressLine(
  write: (text: string) => void,
  terminal: Terminal,
  clock: () => number = performance.now.bind(performance),
): ProgressLine {
  const began = clock();
  let isShown = false;
  return {
    show: (line) => {
      if (!terminal.isTTY || clock() - began < limits.progressAfterMs) return;
      write(`${eraseLine}${[...line].slice(0, terminal.columns - 1).join('')}`);
      isShown = true;
    },
    clear: () => {
      if (isShown) write(eraseLine);
      isShown = false;
    },
  };
}
