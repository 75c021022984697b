// `diff`: which pod does not serve what the others serve, and in what.

import { answer, defineCommand } from '#command/command.ts';
import { ToolError } from '#core/error.ts';
import type { Source } from '#core/source.ts';
import { type ComparedKind, comparedKinds } from '#model/difference.ts';
import { askDiff } from '#questions/diff.ts';
import { diffView } from '#render/views/diff.ts';
import { describeElements } from '#render/words/describe-elements.ts';
import { describeSince } from '#render/words/describe-time.ts';

export default defineCommand({
  name: 'diff',
  group: 'ask',
  summary: 'Which pod does not serve what the others serve, and in what; or: what has changed since a snapshot',
  details: `The tool compares meaning, not text. Times, versions, counters and the pods' own identities do not count, and neither does an order
that means nothing. What this tool has no words for is shown by its path in Envoy's configuration. Each pod is compared with what most pods
have; of two halves, with the one that was updated last. Against an earlier time each is compared with itself, and a pod that was not there then with
what most had. The exit code is 1 where something differs. What depends on the node (priorities of
endpoints, weights of localities) is named as such and does not count.`,
  examples: [
    { args: 'diff', describe: 'pods against each other' },
    { args: 'diff --pod NAME', describe: 'one pod against all the others' },
    { args: 'diff --only routes,secrets', describe: 'only these kinds, which costs the pods less' },
    {
      args: 'diff --against before.tgz',
      describe: 'what has changed since that snapshot, or directory of config-dump',
    },
    { args: 'diff before.tgz incident.tgz', describe: 'what has changed from one snapshot to the other' },
  ],
  arguments: [
    {
      name: 'FILE',
      describe: 'two snapshots or directories, the earlier one first: what has changed from one to the other',
      optional: true,
      variadic: true,
      completes: 'file',
    },
  ],
  flagsOfWords: (words, { against, from }) => {
    const [before, after, ...more] = words;
    if (before === undefined) return {};
    if (after === undefined || more.length > 0 || against !== undefined || from !== undefined)
      throw new ToolError('usage', 'diff takes two files, or none', {
        hint: 'one file against the cluster: diff --against FILE',
      });
    return { against: before, from: after };
  },
  flags: {
    against: {
      type: 'string',
      value: 'FILE',
      completes: 'file',
      describe: 'compare with this snapshot or directory of config-dump instead of with each other',
    },
    only: { type: 'strings', value: 'KIND', choices: comparedKinds, describe: 'only these kinds; may be repeated' },
  },
  run: async (context, { against: path, only }) => {
    const source = await context.source();
    const against = path === undefined ? undefined : await openBefore(path, context.signal);
    const kinds = only.length > 0 ? (only as readonly ComparedKind[]) : comparedKinds;
    const { answered, withCredentials, ...asked } = await askDiff(source, {
      kinds,
      against,
      describe: describeElements,
    });
    return answer({
      view: diffView,
      ...asked,
      extra: {
        ...asked.extra,
        ...(against?.asOf
          ? { against: `${path} as of ${describeSince(against.asOf.toISOString(), context.now)}` }
          : {}),
      },
      notes: [
        ...(against === undefined && answered === 1
          ? ['the gateway has only one pod to compare. To compare it with an earlier time, add --against FILE']
          : []),
        ...(asked.notes ?? []),
        ...(withCredentials > 0 ? [`credentials are not compared: they were taken out of ${path}`] : []),
      ],
    });
  },
});

/** Opens the directory with whatever gateway it has. */
async function openBefore(path: string, signal: AbortSignal): Promise<Source> {
  const { openSaved } = await import('#source/saved.ts');
  return openSaved(path, { gateway: { namespace: '', istioNamespace: '' } }, signal);
}
