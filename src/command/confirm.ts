// A question that has to be answered before something is done.

import { createInterface } from 'node:readline';
import { raceAbort } from '#core/concurrency.ts';
import { ToolError } from '#core/error.ts';
import type { Context } from './command.ts';

/** Throws ToolError `usage` where nobody can answer, or where the answer is not yes; `what` is done if it is. */
export async function confirm(
  { openStdin, warn, signal }: Pick<Context, 'openStdin' | 'warn' | 'signal'>,
  what: string,
): Promise<void> {
  const stdin = openStdin();
  if (!('isTTY' in stdin && stdin.isTTY === true)) {
    throw new ToolError('usage', `cannot ${what} without a yes or no: stdin is not a terminal`, {
      hint: 'to answer yes beforehand, add --yes',
    });
  }
  warn(`${what}? yes or no:`);
  const lines = createInterface({ input: stdin });
  try {
    const answer = new Promise<string>((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(''));
    });
    if (/^y(es)?$/i.test((await raceAbort(answer, signal)).trim())) return;
  } finally {
    lines.close();
  }
  throw new ToolError('usage', `did not ${what}: the answer was not yes`);
}
