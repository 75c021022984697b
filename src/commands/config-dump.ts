// `config-dump`: the whole configuration, without private keys and other credentials: of one pod to stdout, or of all into a directory.

import { type Context, defineCommand, type Outcome } from '#command/command.ts';
import { ToolError } from '#core/error.ts';
import { exitCode } from '#core/exit-code.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { count } from '#core/phrase.ts';
import type { Source } from '#core/source.ts';
import { dumpOnePod } from '#questions/dump/one-pod.ts';
import { errorLines } from '#render/format/error.ts';

export default defineCommand({
  name: 'config-dump',
  aliases: ['dump'],
  group: 'look',
  summary: 'Save the whole configuration: of one pod to stdout, or of all into a directory that --from reads',
  details: `The tool takes private keys and other credentials out. A whole dump holds Envoy's main thread (0.5 s for 18 MB), so the tool asks one pod
after the other, and piece by piece where the pod's memory limit may have no room for a whole dump. --dir also saves what istiod says of
the pods, and the Kubernetes objects around them. With --from DIR every command that reads then answers from the directory, as it would have
answered at that time.`,
  examples: [
    { args: 'config-dump --dir incident', describe: 'everything, for the post-mortem' },
    { args: 'status --from incident', describe: 'ask the saved directory' },
    { args: 'config-dump --pod NAME', describe: "one pod's dump to stdout" },
    { args: 'config-dump --pod NAME --from incident.tgz', describe: 'the same of a snapshot' },
  ],
  flags: {
    dir: {
      type: 'string',
      value: 'DIR',
      completes: 'directory',
      describe: 'write everything into this directory, which must be new or empty',
    },
    'exec-dump': {
      type: 'boolean',
      describe:
        "where port-forward is forbidden, ask for whole dumps through exec: each is then held in the gateway's memory several times",
    },
  },
  outputs: [],
  run: async (context, { dir }) => {
    const source = await context.source();
    if (dir !== undefined && source.asOf !== undefined)
      throw new ToolError('usage', '--dir and --from cannot be used together: what is saved is saved', {
        hint: 'unpack a snapshot with: tar xzf FILE',
      });
    return dir === undefined ? dumpOne(source) : dumpAll(context, source, dir);
  },
});

async function dumpOne(source: Source): Promise<Outcome> {
  return { text: { document: `${JSON.stringify(await dumpOnePod(source), null, 1)}\n` } };
}

async function dumpAll(context: Context, source: Source, directory: string): Promise<Outcome> {
  const { writeDirectory } = await import('#questions/dump/write-directory.ts');
  const { pods, istiods } = await writeDirectory(source, directory, context);
  const failures = [...pods, ...istiods].flatMap((outcome) => (hasAnswered(outcome) ? [] : [outcome.failed]));
  for (const line of failures.flatMap((failure) => errorLines(failure, false))) context.warn(line);
  const answered = pods.filter(hasAnswered);
  if (answered.length === 0)
    throw new ToolError('not-ready', `cannot save the configuration in ${directory}: no pod answered`);
  return {
    text: [`${describe(answered, pods.length)} in ${directory}`],
    exitCode: failures.length > 0 ? exitCode.partial : exitCode.ok,
  };
}

function describe(answered: readonly (PodOutcome<number> & { readonly ok: number })[], all: number): string {
  const bytes = answered.reduce((sum, { ok }) => sum + ok, 0);
  const pods = answered.length === all ? count(all, 'pod') : `${answered.length} of ${count(all, 'pod')}`;
  return `saved ${pods}, ${(bytes / 1024 / 1024).toFixed(1)} MiB,`;
}
