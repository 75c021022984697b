// A value, or why there is none: for what an answer can do without.

import { ToolError } from './error.ts';

/** `missing`: the reason, without a final stop. `isOutOfReach`: asking again changes nothing. */
export type Known<T> = { readonly known: T } | { readonly missing: string; readonly isOutOfReach?: true };

/** A right is lacking, or nothing of the kind is there to be asked. */
export const isOutOfReach = ({ code }: ToolError): boolean => code === 'forbidden' || code === 'unsupported';

/** Ctrl-C and whatever is no ToolError (a defect) are thrown on. */
export async function orWhyNot<T>(asked: Promise<T>): Promise<Known<T>> {
  try {
    return { known: await asked };
  } catch (error) {
    const failure = failureOf(error);
    return { missing: failure.message, ...(isOutOfReach(failure) ? { isOutOfReach: true as const } : {}) };
  }
}

/** The same with the failure itself, for whoever needs its code or its hint. */
export type Tried<T> = { readonly ok: T } | { readonly failed: ToolError };

export async function triedTo<T>(asked: Promise<T>): Promise<Tried<T>> {
  try {
    return { ok: await asked };
  } catch (error) {
    return { failed: failureOf(error) };
  }
}

/** The failure that an answer can do without; throws what nobody may pass over: Ctrl-C, and defects. */
export function failureOf(thrown: unknown): ToolError {
  if (!(thrown instanceof ToolError) || thrown.code === 'interrupted') throw thrown;
  return thrown;
}
