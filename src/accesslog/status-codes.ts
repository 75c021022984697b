// `5xx`, `404`, `500-503`, `0`: which response codes are meant.

import { ToolError } from '#core/error.ts';

/** Throws `usage` for what is no code, class or range. */
export function statusMatcher(wanted: string): (value: string | number | undefined) => boolean {
  const [least, most] = rangeOf(wanted);
  return (value) => {
    const code = Number(value ?? 0);
    return code >= least && code <= most;
  };
}

function rangeOf(wanted: string): readonly [number, number] {
  const [, hundred] = /^([0-9])xx$/i.exec(wanted) ?? [];
  if (hundred !== undefined) return [Number(hundred) * 100, Number(hundred) * 100 + 99];
  const [, from, to = from] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(wanted) ?? [];
  if (from === undefined)
    throw new ToolError('usage', `--status takes codes such as 404, 5xx or 500-503, not "${wanted}"`, {
      hint: 'several are separated by commas: 5xx,404',
    });
  return [Number(from), Number(to)];
}
