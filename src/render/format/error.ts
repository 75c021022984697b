// One error for a person: what failed, and under it what to do next. Never a stack trace.

import { hintLines, type ToolError } from '#core/error.ts';
import { paint } from './tone.ts';

/** The first line is the error, the others its hint. */
export const errorLines = (error: ToolError, color: boolean): string[] => [
  `${paint('error:', 'bad', color)} ${error.message}`,
  ...hintLines(error).map((line) => (line === '' ? line : `  ${line}`)),
];
