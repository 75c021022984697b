// From times and numbers to places on the chart.

export interface Range {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

export type Scale = (at: number) => number;

export const scale =
  ({ from, to }: Range, width: number): Scale =>
  (at) =>
    to === from ? width / 2 : ((at - from) / (to - from)) * width;

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const steps = [1, 2, 5, 10, 15, 30]
  .flatMap((n) => [n * second, n * minute])
  .concat([1, 2, 3, 6, 12, 24].map((n) => n * hour));

/** Round times within the range, `most` at most. */
export function ticks({ from, to }: Range, most: number): number[] {
  const step = steps.sort((a, b) => a - b).find((one) => (to - from) / one <= most) ?? (to - from) / Math.max(1, most);
  if (!(step > 0)) return [from];
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step);
}

/** A round number, not below `value`. */
export function niceTop(value: number): number {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 6, 8, 10].find((one) => one * power >= value) ?? 10) * power;
}
