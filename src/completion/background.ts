// The same completion once more, after the reader has gone: what came too late for this press of Tab is there for the
// next one.

import { spawn } from 'node:child_process';
import { isSea } from 'node:sea';

/** As `main.ts` has it of its own process. */
export interface OwnProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly execPath: string;
  readonly argv0: string;
  readonly argv: readonly string[];
}

/** Starts it and does not wait. */
export function completeInBackground({ env, execPath, argv0, argv: [, script = '', ...words] }: OwnProcess): void {
  const options = { env: { ...env, KII_COMPLETION: 'background' }, argv0, detached: true, stdio: 'ignore' } as const;
  spawn(execPath, [...(isSea() ? [] : [script]), ...words], options)
    .on('error', () => {})
    .unref();
}
