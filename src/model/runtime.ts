// Envoy's runtime: values by key that go before what a configuration has as default. Source: envoy
// source/common/runtime/runtime_impl.cc SnapshotImpl.

import type { Fraction } from './match.ts';

/** A whole number: Envoy cuts off what is behind the point (setNumberValue). */
export type RuntimeValue = number | Pick<Fraction, 'numerator' | 'denominator'>;

export type Runtime = ReadonlyMap<string, RuntimeValue>;

/** What counts in place of a fraction. A number in its place is a percentage. */
export function fractionInForce(
  fraction: Fraction,
  runtime: Runtime | undefined,
): Pick<Fraction, 'numerator' | 'denominator'> {
  const value = fraction.runtimeKey === undefined ? undefined : runtime?.get(fraction.runtimeKey);
  return typeof value === 'number' ? { numerator: value, denominator: 100 } : (value ?? fraction);
}

/** The share, 0 to 1, that a fraction stands for. */
export function shareOf(fraction: Fraction, runtime: Runtime | undefined): number {
  const { numerator, denominator } = fractionInForce(fraction, runtime);
  return Math.min(1, numerator / denominator);
}

export function integerOf(key: string, fallback: number, runtime: Runtime | undefined): number {
  const value = runtime?.get(key);
  return typeof value === 'number' ? value : fallback;
}
