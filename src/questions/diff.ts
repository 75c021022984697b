// Which pod does not serve what the others serve, or what another source served, and in what?

import { type Redact, redacted } from '#analysis/fleet/content-differences.ts';
import { compareDifferences, differenceContent, differencesFrom, referenceOf } from '#analysis/fleet/diff.ts';
import { elementPool } from '#analysis/fleet/elements.ts';
import type { Admin } from '#core/admin.ts';
import { type Gateway, hasAnswered, type PodOutcome } from '#core/fleet.ts';
import type { QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { loadRedaction } from '#dump/redaction.ts';
import { withLikeTokens } from '#dump/redaction-token.ts';
import { readServerInfo } from '#dump/server-info.ts';
import { fetchJson } from '#envoy/admin.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import { raw } from '#model/content.ts';
import type { ComparedKind, DescribedElement, Difference, ElementKind, PodElements } from '#model/difference.ts';
import { mapOutcomes, mergePods, type OnPods } from '#model/merge-pods.ts';
import {
  fetchAllClusters,
  fetchAllListeners,
  fetchAllRoutes,
  fetchAllSecrets,
  fetchBootstrap,
  fetchExtensions,
  fetchLoadAssignments,
  fetchRuntimeLayers,
  fetchScopedRoutes,
  notCompared,
  orNotGiven,
} from './compared-configuration.ts';
import { fetchComparedEndpoints } from './pod-configuration.ts';

type Configuration = Omit<PodConfiguration, 'envoyVersion'>;

export interface DiffQuestion {
  readonly kinds: readonly ComparedKind[];
  /**
   * What the pods are compared with, each with itself if it was there, and else with what most had; without it they are
   * compared with each other.
   */
  readonly against?: Source | undefined;
  /** The words in which configurations are compared and their differences shown. */
  readonly describe: (configuration: Configuration) => readonly DescribedElement[];
}

export interface DiffAnswer extends QuestionAnswer<OnPods<Difference>> {
  /** The number of pods that answered, including those that only show what is normal. */
  readonly answered: number;
  /** The number of elements whose credentials were not compared: a saved directory has its own tokens for them. */
  readonly withCredentials: number;
}

export async function askDiff(source: Source, { kinds, against, describe }: DiffQuestion): Promise<DiffAnswer> {
  const hidden = new Set<string>();
  const redact = await loadRedaction();
  const pool = elementPool(against === undefined ? undefined : (json) => withoutCredentials(json, hidden));
  const notGiven = new Set<NotGiven>();
  const ask = async (admin: Admin): Promise<PodElements> => {
    const described = describe(await fetchKinds(admin, new Set(kinds), notGiven));
    return pool.add(
      admin.pod.name,
      against === undefined ? described : described.map((one) => redactedElement(one, redact, hidden)),
    );
  };
  const [pods, others] = await Promise.all([
    source.everyPod(ask, undefined, { withOthers: against === undefined }),
    against?.everyPod(ask),
  ]);
  const compared = comparedOf(notGiven);
  const reference = referenceOf((others ?? pods).filter(hasAnswered).map(({ ok }) => compared(ok)));
  /** A pod that was there then is held against itself: what differed then and still does has not changed. */
  const earlier = new Map(others?.filter(hasAnswered).map(({ ok }) => [ok.pod, referenceOf([compared(ok)])]));
  const gateway = await source.gateway();
  const chosen = chosenOf(pods, gateway);
  const differences = mapOutcomes(chosen, (elements) =>
    differencesFrom(earlier.get(elements.pod) ?? reference, compared(elements), redact),
  );
  const items = mergePods(differences.filter(hasAnswered), differenceContent, compareDifferences);
  return {
    gateway,
    pods: chosen,
    items,
    findings: items.some(({ value }) => !value.byNode),
    answered: pods.filter(hasAnswered).length,
    withCredentials: hidden.size,
    notes: notGiven.size === 0 ? [] : [notCompared([...notGiven])],
    extra: { compared: kinds.filter((kind) => !notGiven.has(kind)) },
    incomplete: kinds.every((kind) => notGiven.has(kind)),
  };
}

/** What a pod, or what was saved of it, may not have; `load assignments` are a part of the endpoints. */
type NotGiven = ComparedKind | 'load assignments';

const partsOf: Readonly<Partial<Record<ElementKind, NotGiven>>> = {
  'load assignment': 'load assignments',
  'assigned endpoint': 'load assignments',
  bootstrap: 'bootstrap',
  runtime: 'runtime',
};

/** What only some pods give would differ from all the others. */
function comparedOf(notGiven: ReadonlySet<NotGiven | undefined>): (pod: PodElements) => PodElements {
  if (notGiven.size === 0) return (pod) => pod;
  return (pod) => ({ ...pod, elements: pod.elements.filter(({ kind }) => !notGiven.has(partsOf[kind])) });
}

/** The element as a directory has it. Its credentials are tokens, and tokens of two runs cannot be compared. */
function redactedElement(described: DescribedElement, redact: Redact, hidden: Set<string>): DescribedElement {
  const { element, lastUpdated } = described;
  const value = element[raw];
  if (value === undefined) return described;
  // Tokens are replaced first: redaction could take a text with a token in it for another credential.
  const plain = JSON.parse(withoutCredentials(JSON.stringify(value), hidden)) as object;
  const written = JSON.stringify(redacted(element.kind, plain, redact));
  const content = JSON.parse(withoutCredentials(written, hidden)) as object;
  return { element: { ...element, [raw]: content }, lastUpdated };
}

/** Adds the element to `hidden` where there are some. */
function withoutCredentials(json: string, hidden: Set<string>): string {
  const plain = withLikeTokens(json);
  if (plain !== json) hidden.add(plain);
  return plain;
}

/** With `--pod`, the other pods only show what is normal. A failure of one of them is reported all the same. */
function chosenOf<T>(outcomes: readonly PodOutcome<T>[], { pods }: Gateway): readonly PodOutcome<T>[] {
  const names = new Set(pods.map(({ name }) => name));
  return outcomes.filter((outcome) => names.has(outcome.pod.name) || !hasAnswered(outcome));
}

/** Adds to `notGiven` what the pod does not give. */
async function fetchKinds(
  admin: Admin,
  wanted: ReadonlySet<ComparedKind>,
  notGiven: Set<NotGiven>,
): Promise<Configuration> {
  type Fetch<T> = (admin: Admin) => Promise<readonly T[]>;
  const read = async <T>(kind: ComparedKind, fetch: Fetch<T>): Promise<readonly T[]> =>
    wanted.has(kind) ? fetch(admin) : [];
  const readIfGiven = async <T>(kind: ComparedKind, fetch: Fetch<T>, what: NotGiven = kind): Promise<readonly T[]> => {
    const given = await orNotGiven(read(kind, fetch));
    if (given === undefined) notGiven.add(what);
    return given ?? [];
  };
  const [routeConfigurations, secrets, listeners, clusters, endpoints, ...others] = await Promise.all([
    read('routes', fetchAllRoutes),
    read('secrets', fetchAllSecrets),
    read('listeners', fetchAllListeners),
    read('clusters', fetchAllClusters),
    read('endpoints', fetchComparedEndpoints),
    read('routes', fetchScopedRoutes),
    read('extensions', fetchExtensions),
    readIfGiven('bootstrap', async (own) => fetchBootstrap(own, await fetchEnvoyVersion(own))),
    readIfGiven('runtime', fetchRuntimeLayers),
    readIfGiven('endpoints', fetchLoadAssignments, 'load assignments'),
  ]);
  return { routeConfigurations, secrets, listeners, clusters, endpoints, others: others.flat() };
}

const fetchEnvoyVersion = async (admin: Admin): Promise<string> =>
  readServerInfo(await fetchJson(admin, { path: 'server_info' })).envoyVersion;
