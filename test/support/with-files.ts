// A command line that is given files, on the demo: `DIR` is where they are, in its words and in what it says.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoOptions } from '#demo/server.ts';
import { type Said, withDemo } from './run-command.ts';

export const withFiles = (
  files: Readonly<Record<string, string>>,
  run: (kii: (args: string) => Promise<Said>) => Promise<void>,
  options: DemoOptions = {},
): Promise<void> =>
  withDemo(options, async ({ directory, kii }) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(directory, name, '..'), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    await run(async (args) => {
      const done = await kii(args.split(' ').map((word) => word.replace('DIR', directory)));
      return { ...done, out: done.out.replaceAll(directory, 'DIR'), err: done.err.replaceAll(directory, 'DIR') };
    });
  });
