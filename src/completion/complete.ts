// One press of Tab. Prints what cobra's programs print, so that kubectl and the shells' scripts read it: a line for
// each candidate, VALUE<tab>DESCRIPTION, and last `:` and what the shell shall do. Never an error: nothing is an answer
// too, and it comes in time. Source: spf13/cobra, completions.go (ShellCompDirective); kubectl,
// pkg/cmd/plugin_completion.go.

import type { Command } from '#command/command.ts';
import { type Candidate, candidatesOf } from './candidates.ts';
import { readLine } from './line.ts';
import type { CompletionRuntime } from './runtime.ts';

const directive = { files: 0, noSpace: 2, noFiles: 4, directories: 16 };

/** `words` are those after the program's name, the last one under the cursor. */
export async function complete(
  commands: readonly Command[],
  words: readonly string[],
  runtime: CompletionRuntime,
): Promise<string> {
  try {
    const line = readLine(commands, words);
    const { items, live, before } = candidatesOf(line, commands);
    if (live === 'file') return `:${directive.files}\n`;
    if (live === 'directory') return `:${directive.directories}\n`;
    if (live === undefined) return written(items, line.current, before);
    // Kubeconfigs and the network are loaded for those who need them.
    const { liveItems } = await import('./live-items.ts');
    const all = [...items, ...(await liveItems(live, line, runtime)).filter(isPlain)];
    return written(all, line.current, before);
  } catch {
    return `:${directive.noFiles}\n`;
  }
}

/**
 * A shell puts a candidate on the command line as it is, and Enter runs it: only names of known shape are offered.
 * Anybody who may write a VirtualService chooses a host. DNS names with their wildcard, paths, host:port. No comma: of
 * `a,--server=https://b` PowerShell makes two words.
 */
const isPlain = ({ value, describe = '' }: Candidate): boolean =>
  /^(?:\*\.)?[A-Za-z0-9_/][A-Za-z0-9_.:=@/-]*$/.test(value) && /^[ -~]*$/.test(describe);

function written(items: readonly Candidate[], current: string, before: string): string {
  const matching = items
    .map(({ value, describe }) => ({ value: before + value, describe }))
    .filter(({ value }) => value.startsWith(current));
  const lines = matching.map(({ value, describe }) => (describe === undefined ? value : `${value}\t${describe}`));
  const goesOn = matching.length > 0 && matching.every(({ value }) => /[:/=]$/.test(value));
  return [...lines, `:${directive.noFiles | (goesOn ? directive.noSpace : 0)}\n`].join('\n');
}
