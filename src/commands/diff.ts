// `diff`: which pod does not serve what the others serve, and in what.

import { compareDifferences, differenceContent, differencesFrom, referenceOf } from '#analysis/fleet/diff.ts';
import { answer, defineCommand } from '#command/command.ts';
import type { Admin } from '#core/admin.ts';
import { type Gateway, hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { withLikeTokens } from '#dump/redaction-token.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import type { PodElements } from '#model/difference.ts';
import { mapOutcomes, mergePods } from '#model/merge-pods.ts';
import { diffView } from '#render/views/diff.ts';
import { ElementStore } from '#render/words/describe-elements.ts';
import { describeSince } from '#render/words/describe-time.ts';
import { openDirectory } from '#source/directory.ts';
import { fetchClusters, fetchEndpoints, fetchListeners, fetchRoutes, fetchSecrets } from '#source/pod-configuration.ts';

const kinds = ['listeners', 'routes', 'clusters', 'endpoints', 'secrets'] as const;
type Kind = (typeof kinds)[number];

export default defineCommand({
  name: 'diff',
  group: 'ask',
  summary: 'Which pod does not serve what the others serve, and in what; or: what has changed since a config-dump',
  details: `Compares meaning, not text: times, versions, counters and the pods' own identities do not count, nor does the order of what has
none. Each pod is compared with what most pods have; of two halves, with the one that was updated last. Exit code 1 where something
differs. What depends on the node (priorities of endpoints by locality) is named as such and does not count.`,
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
    only: { type: 'strings', value: 'KIND', choices: kinds, describe: 'only these kinds; may be repeated' },
  },
  run: async (context, flags) => {
    const source = await context.source();
    const wanted: ReadonlySet<Kind> = new Set(flags.only.length > 0 ? (flags.only as readonly Kind[]) : kinds);
    const hidden = new Set<string>();
    const store = new ElementStore(
      flags.against === undefined ? undefined : (json) => withoutCredentials(json, hidden),
    );
    const ask = async (admin: Admin): Promise<PodElements> => store.of(admin.pod.name, await fetchKinds(admin, wanted));
    const [pods, before] = await Promise.all([
      source.everyPod(ask, undefined, { withOthers: flags.against === undefined }),
      flags.against === undefined ? undefined : askDirectory(flags.against, ask, context.signal),
    ]);
    const answered = pods.filter(hasAnswered).map(({ ok }) => ok);
    const reference = referenceOf(before?.elements ?? answered);
    const gateway = await source.gateway();
    const chosen = chosenOf(pods, gateway);
    const differences = mapOutcomes(chosen, (elements) => differencesFrom(reference, elements));
    const items = mergePods(differences.filter(hasAnswered), differenceContent, compareDifferences);
    return answer({
      view: diffView,
      gateway,
      pods: chosen,
      items,
      extra:
        before === undefined ? {} : { against: `${flags.against} as of ${describeSince(before.asOf, context.now)}` },
      notes: [
        ...(before === undefined && answered.length === 1
          ? ['there is only one pod: compare it with an earlier time by --against DIR']
          : []),
        ...(hidden.size > 0 ? [`not compared: credentials, which config-dump has taken out of ${flags.against}`] : []),
      ],
      findings: items.some(({ value }) => !value.byNode),
    });
  },
});

/** Adds the element to `hidden` where there are some. */
function withoutCredentials(json: string, hidden: Set<string>): string {
  const plain = withLikeTokens(json);
  if (plain !== json) hidden.add(plain);
  return plain;
}

/**
 * With `--pod` the others are asked only for what the chosen ones are compared with; one that failed is told of all the
 * same.
 */
function chosenOf<T>(outcomes: readonly PodOutcome<T>[], { pods }: Gateway): readonly PodOutcome<T>[] {
  const names = new Set(pods.map(({ name }) => name));
  return outcomes.filter((outcome) => names.has(outcome.pod.name) || !hasAnswered(outcome));
}

interface Before {
  readonly elements: readonly PodElements[];
  /** RFC 3339. */
  readonly asOf: string;
}

async function askDirectory(
  directory: string,
  ask: (admin: Admin) => Promise<PodElements>,
  signal: AbortSignal,
): Promise<Before> {
  const source = await openDirectory(directory, { gateway: { namespace: '', istioNamespace: '' } }, signal);
  const pods: readonly PodOutcome<PodElements>[] = await source.everyPod(ask);
  return { elements: pods.filter(hasAnswered).map(({ ok }) => ok), asOf: source.asOf?.toISOString() ?? '' };
}

async function fetchKinds(admin: Admin, wanted: ReadonlySet<Kind>): Promise<Omit<PodConfiguration, 'envoyVersion'>> {
  const read = async <T>(kind: Kind, fetch: (admin: Admin) => Promise<readonly T[]>): Promise<readonly T[]> =>
    wanted.has(kind) ? fetch(admin) : [];
  const [routeConfigurations, secrets, listeners, clusters, endpoints] = await Promise.all([
    read('routes', fetchRoutes),
    read('secrets', fetchSecrets),
    read('listeners', fetchListeners),
    read('clusters', fetchClusters),
    read('endpoints', fetchEndpoints),
  ]);
  return { routeConfigurations, secrets, listeners, clusters, endpoints };
}
