// One error for a person: what failed, and under it what to do next. Never a stack trace.

import type { ToolError } from '#core/error.ts';

const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;

export function renderError(error: ToolError, color: boolean): string {
  const head = `${color ? red('error:') : 'error:'} ${error.message}\n`;
  const hint = error.hint === undefined ? '' : `${indent(error.hint)}\n`;
  return head + hint;
}

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? line : `  ${line}`))
    .join('\n');
