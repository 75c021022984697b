import type { ToolError } from '#core/error.ts';

/** The error that `promise` rejects with. A promise that resolves fails the test. */
export async function rejection(promise: Promise<unknown>): Promise<ToolError> {
  const resolved = Symbol('resolved');
  const outcome = await promise.then(
    () => resolved,
    (error: unknown) => error,
  );
  if (outcome === resolved) throw new Error('expected a rejection, and it resolved');
  return outcome as ToolError;
}

/** The error that `work` throws. One that does not throw fails the test. */
export function toolError(work: () => unknown): ToolError {
  try {
    work();
  } catch (error) {
    return error as ToolError;
  }
  throw new Error('expected an error, and there was none');
}
