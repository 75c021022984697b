// `diff`: which pod does not serve what the others serve, and in what.

import { answer, defineCommand } from '#command/command.ts';
import type { Source } from '#core/source.ts';
import { askDiff, type ComparedKind, comparedKinds } from '#questions/diff.ts';
import { diffView } from '#render/views/diff.ts';
import { describeElements } from '#render/words/describe-elements.ts';
import { describeSince } from '#render/words/describe-time.ts';
import { openDirectory } from '#source/directory.ts';

export default defineCommand({
  name: 'diff',
  group: 'ask',
  summary: 'Which pod does not serve what the others serve, and in what; or: what has changed since a config-dump',
  details: `Compares meaning, not text: times, versions, counters and the pods' own identities do not count, nor does the order of what has
none. What this tool has no words for is shown by its path in Envoy's configuration. Each pod is compared with what most pods have; of two
halves, with the one that was updated last. Exit code 1 where something differs. What depends on the node (priorities of endpoints by locality) is named as such and does not count.`,
  examples: [
    { args: 'diff', describe: 'pods against each other' },
    { args: 'diff --pod NAME', describe: 'one pod against all the others' },
    { args: 'diff --only routes,secrets', describe: 'only these kinds, which costs the pods less' },
    { args: 'diff --against before', describe: 'what has changed since config-dump --dir before' },
  ],
  flags: {
    against: {
      type: 'string',
      value: 'DIR',
      completes: 'directory',
      describe: 'compare with this directory of config-dump instead of with each other',
    },
    only: { type: 'strings', value: 'KIND', choices: comparedKinds, describe: 'only these kinds; may be repeated' },
  },
  run: async (context, { against: directory, only }) => {
    const source = await context.source();
    const against = directory === undefined ? undefined : await openBefore(directory, context.signal);
    const kinds = only.length > 0 ? (only as readonly ComparedKind[]) : comparedKinds;
    const { answered, withCredentials, ...asked } = await askDiff(source, {
      kinds,
      against,
      describe: describeElements,
    });
    return answer({
      view: diffView,
      ...asked,
      extra: against?.asOf
        ? { against: `${directory} as of ${describeSince(against.asOf.toISOString(), context.now)}` }
        : {},
      notes: [
        ...(against === undefined && answered === 1
          ? ['there is only one pod: compare it with an earlier time by --against DIR']
          : []),
        ...(withCredentials > 0 ? [`not compared: credentials, which config-dump has taken out of ${directory}`] : []),
      ],
    });
  },
});

/** Whatever gateway was saved there. */
const openBefore = (directory: string, signal: AbortSignal): Promise<Source> =>
  openDirectory(directory, { gateway: { namespace: '', istioNamespace: '' } }, signal);
