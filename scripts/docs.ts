// The output in README.md and docs/: what the commands print on the demo, on a terminal of 150 columns. Between
//   <!-- demo: COMMAND LINE; COMMAND LINE -->  and  <!-- end -->
// stands what `gen` writes; `check` holds it against what the commands print now.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Runtime } from '#cli.ts';

const root = join(import.meta.dirname, '..');

/** Files that may have such places, relative to the repository. */
export const documents = (): readonly string[] => [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

/**
 * `run` gives what a command line prints. A document without such a place is as it was. Throws where an end is missing.
 */
export async function withOutput(text: string, run: (args: string) => Promise<string>): Promise<string> {
  const parts = text.split(/^(<!-- demo: .* -->)$\n/m);
  let result = parts[0] ?? '';
  for (let index = 1; index < parts.length; index += 2) {
    const [marker = '', rest = ''] = parts.slice(index, index + 2);
    const end = rest.indexOf('<!-- end -->');
    if (end < 0) throw new Error(`${marker} has no <!-- end -->`);
    const lines = marker.slice('<!-- demo: '.length, -' -->'.length).split('; ');
    const shown: string[] = [];
    for (const args of lines) shown.push(`$ kubectl istio-ingress ${args}\n${await run(args)}`);
    result += `${marker}\n\`\`\`console\n${shown.join('\n')}\`\`\`\n${rest.slice(end)}`;
  }
  return result;
}

/** Every document as it should be. Needs the sources written. */
export async function generatedDocuments(
  texts: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const shell = await demoShell();
  try {
    const written: Record<string, string> = {};
    for (const [file, text] of Object.entries(texts)) {
      written[file] = await withOutput(text, shell.run).catch((error) => {
        throw new Error(`${file}: ${error.message}`);
      });
    }
    return written;
  } finally {
    await shell.close();
  }
}

export const readDocument = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Shell {
  /** stdout and stderr of one command line; throws where it was refused. */
  run(args: string): Promise<string>;
  close(): Promise<void>;
}

/** Command lines are run in this process; the directories that they write stay for those after them. */
async function demoShell(): Promise<Shell> {
  const { startDemo } = await import('#demo/server.ts');
  const demo = await startDemo({ closeDelayMs: 10 });
  const [directory, home] = [mkdtempSync(join(tmpdir(), 'kii-docs-')), process.cwd()];
  const env = { KUBECONFIG: join(directory, 'kubeconfig'), HOME: directory, XDG_STATE_HOME: directory };
  await writeFile(env.KUBECONFIG, demo.kubeconfig);
  return {
    run: async (args) => {
      process.chdir(directory);
      return runCommand(args, env, demo.now).finally(() => process.chdir(home));
    },
    close: async () => {
      await demo.close();
      rmSync(directory, { recursive: true });
    },
  };
}

/** Single quotes are enough for documents. */
const wordsOf = (args: string): string[] =>
  [...args.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');

async function runCommand(args: string, env: Runtime['env'], now: Date): Promise<string> {
  const [{ run }, { commands }, { openLive }, { openSaved }, { version }] = await Promise.all([
    import('#cli.ts'),
    import('#commands/all.gen.ts'),
    import('#source/live.ts'),
    import('#source/saved.ts'),
    import('#version.gen.ts'),
  ]);
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const code = await run(commands, wordsOf(args), {
    env,
    openStdin: () => Readable.from([]),
    writeOut: async (text) => say(text),
    writeError: say,
    terminal: { isTTY: true, columns: 150, color: false },
    errorTerminal: { isTTY: false, columns: 150, color: false },
    now,
    signal: new AbortController().signal,
    version,
    openSource: (options, _, signal, teller) =>
      options.from === undefined ? openLive(options, env, signal, teller) : openSaved(options.from, options, signal),
  });
  if (code === 2) throw new Error(`kubectl istio-ingress ${args}: ${said}`);
  return said.replace(/ +$/gm, '');
}
