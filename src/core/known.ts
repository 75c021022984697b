// A value, or why there is none: for what an answer can do without.

import { ToolError } from './error.ts';

/** `missing`: the reason, without a final stop. */
export type Known<T> = { readonly known: T } | { readonly missing: string };

/** Ctrl-C and whatever is no ToolError (a defect) are thrown on. */
export async function orWhyNot<T>(asked: Promise<T>): Promise<Known<T>> {
  try {
    return { known: await asked };
  } catch (error) {
    return { missing: failureOf(error).message };
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
