// Envoy's runtime: values by key that go before what a configuration has as default. Source: envoy
// source/common/runtime/runtime_impl.cc SnapshotImpl.

import type { Fraction } from './match.ts';

/** A whole number: Envoy cuts off what is behind the point (setNumberValue). */
export type RuntimeValue = number | Pick<Fraction, 'numerator' | 'denominator'>;

export type Runtime = ReadonlyMap<string, RuntimeValue>;

/** The share, 0 to 1, that a fraction stands for. A number in its place is a percentage. */
export function shareOf({ numerator, denominator, runtimeKey }: Fraction, runtime: Runtime | undefined): number {
  const value = runtimeKey === undefined ? undefined : runtime?.get(runtimeKey);
  if (value === undefined) return Math.min(1, numerator / denominator);
  return Math.min(1, typeof value === 'number' ? value / 100 : value.numerator / value.denominator);
}

export function integerOf(key: string, fallback: number, runtime: Runtime | undefined): number {
  const value = runtime?.get(key);
  return typeof value === 'number' ? value : fallback;
}
