// Tables at the widths of terminals.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Style } from '#command/command.ts';
import { piped, terminal } from './builders/answer.ts';
import { golden } from './golden.ts';

/** What is printed, wherever it stands. */
const characters = (text: string): string => [...text.replaceAll(/\s/g, '')].sort().join('');

/**
 * A test for each width: the golden file `FOLDER/COLUMNS.txt`, no line too long, and not a character less than where
 * nothing has to be broken.
 */
export function testWidths(
  folder: string,
  render: (style: Style) => string,
  widths: readonly number[] = [80, 120],
): void {
  for (const columns of widths) {
    test(`${folder} fits ${columns} columns without losing a character`, () => {
      const text = render(terminal(columns));
      golden(`${folder}/${columns}.txt`, text);
      assert.ok(text.split('\n').every((line) => line.length <= columns));
      assert.is(characters(text), characters(render(piped)));
    });
  }
}
