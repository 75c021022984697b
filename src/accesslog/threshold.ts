// `--fail-on 'errors>1%'`: from when on a share or a number of errors is a finding.

import { ToolError } from '#core/error.ts';

export type Threshold = (errors: number, of: number) => boolean;

/** Throws `usage` for anything else than `errors>N` or `errors>N%`. */
export function readThreshold(text: string): Threshold {
  const [, number, percent] = /^errors\s*>\s*(\d+(?:\.\d+)?)\s*(%?)$/.exec(text) ?? [];
  if (number === undefined)
    throw new ToolError('usage', `--fail-on takes errors>N or errors>N%, not "${text}"`, {
      hint: "e.g. --fail-on 'errors>1%'",
    });
  const most = Number(number);
  return percent === '%' ? (errors, of) => of > 0 && (errors / of) * 100 > most : (errors) => errors > most;
}
