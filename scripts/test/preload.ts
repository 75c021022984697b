// Loaded before a test file: its `uvu` and `uvu/assert` are the guarded ones of this folder.

import { registerHooks } from 'node:module';

const here = new URL('.', import.meta.url).href;
const guarded: Readonly<Record<string, string>> = { uvu: `${here}uvu.ts`, 'uvu/assert': `${here}assert.ts` };

registerHooks({
  resolve: (specifier, context, next) => {
    const url = guarded[specifier];
    return url === undefined || context.parentURL?.startsWith(here)
      ? next(specifier, context)
      : { url, shortCircuit: true };
  },
});
