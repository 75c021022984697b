// What changed, when, by whom and on which pods, beside the onset of errors. It states order in time, never a cause.

import { IstiodLog } from '#analysis/fleet/istiod-log.ts';
import { momentOfEvent, momentsOfWrites, writesOf } from '#analysis/fleet/object-moments.ts';
import { momentsOfUpdates, type Update } from '#analysis/fleet/updates.ts';
import type { Admin } from '#core/admin.ts';
import { type Gateway, hasAnswered, type Pod } from '#core/fleet.ts';
import { kinds, type Resource } from '#core/kinds.ts';
import { triedTo } from '#core/known.ts';
import { loggedContainer, upToNow } from '#core/pod-logs.ts';
import type { Asking, QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { Rejection } from '#model/resource.ts';
import { compareMoments, type Moment } from '#model/timeline.ts';
import { whatIsMissing } from './logs/coverage.ts';
import { askErrorOnsets } from './logs/error-onsets.ts';
import type { RequestsQuestion } from './logs/logs.ts';
import { fetchClusters, fetchListeners, fetchRoutes, fetchSecrets } from './pod-configuration.ts';

export interface TimelineQuestion extends Omit<RequestsQuestion, 'errorsOnly'> {
  /** Nothing older. */
  readonly since: Date;
  /** Of one pod's log. */
  readonly maxBytes: number;
  readonly istioNamespace: string;
}

export async function askTimeline(
  source: Source,
  question: TimelineQuestion,
  asking: Asking,
): Promise<QuestionAnswer<Moment>> {
  const gateway = await source.gateway();
  const pods = await source.everyPod(fetchPodMoments);
  const answers = pods.filter(hasAnswered).map(({ ok }) => ok);
  const [objects, events, istiods, errors] = await Promise.all([
    askObjects(source),
    askEvents(source, gateway, question.istioNamespace),
    askIstiodLogs(source, gateway, question),
    askErrorOnsets(source, question, asking),
  ]);
  const moments = [
    ...momentsOfUpdates(answers.flatMap(({ updates }) => updates)),
    ...once([...answers.flatMap(({ others }) => others), ...gateway.pods.flatMap(startOf)]),
    ...objects.moments,
    ...events.moments,
    ...istiods.moments,
    ...errors.moments,
  ];
  const items = moments
    .filter(({ at, until }) => Date.parse(until ?? at) >= question.since.getTime())
    .sort(compareMoments);
  const missing = [...objects.notes, ...events.notes, ...istiods.notes, ...errors.notes];
  const nothing = `nothing is known to have changed or failed since ${question.since.toISOString()}`;
  return {
    gateway,
    pods,
    items,
    tellsOfNoPod: true,
    notes: items.length > 0 ? missing : [nothing, ...missing],
    incomplete: missing.length > 0,
  };
}

interface PodMoments {
  readonly updates: readonly Update[];
  /** Rejections and certificates. */
  readonly others: readonly Moment[];
}

interface Element {
  readonly name: string;
  readonly lastUpdated: string | undefined;
  readonly rejected: Rejection | undefined;
}

async function fetchPodMoments(admin: Admin): Promise<PodMoments> {
  const [listeners, routes, clusters, secrets] = await Promise.all([
    fetchListeners(admin),
    fetchRoutes(admin),
    fetchClusters(admin),
    fetchSecrets(admin),
  ]);
  const pod = admin.pod.name;
  const all: readonly (readonly [kind: string, elements: readonly Element[]])[] = [
    ['listener', listeners],
    ['route configuration', routes],
    ['cluster', clusters],
    ['secret', secrets],
  ];
  return {
    updates: all.flatMap(([kind, elements]) =>
      elements.flatMap(({ name, lastUpdated: at }) => (at === undefined ? [] : [{ pod, kind, name, at }])),
    ),
    others: [
      ...all.flatMap(([kind, elements]) => elements.flatMap((element) => rejectionOf(kind, element, pod))),
      ...secrets.flatMap(({ name, chain }) =>
        chain
          .slice(0, 1)
          .map(({ notBefore }) => moment(notBefore, 'certificate', `certificate of ${name} is valid from now on`, pod)),
      ),
    ],
  };
}

const moment = (at: string, kind: Moment['kind'], what: string, pod: string): Moment => ({
  at: new Date(at).toISOString(),
  until: undefined,
  kind,
  what,
  by: undefined,
  pods: [pod],
  count: undefined,
});

function rejectionOf(kind: string, { name, rejected }: Element, pod: string): Moment[] {
  const at = rejected?.at;
  return at === undefined
    ? []
    : [moment(at, 'rejection', `${kind} ${name} is rejected: ${rejected?.details ?? ''}`, pod)];
}

/** The same of several pods is one. */
function once(moments: readonly Moment[]): Moment[] {
  const alike = Map.groupBy(moments, ({ at, what }) => `${at}\n${what}`);
  return [...alike.values()].map((some) => ({
    ...(some[0] as Moment),
    pods: [...new Set(some.flatMap(({ pods }) => pods))].sort(),
  }));
}

function startOf({ name, startedAt, restarts, reason }: Pod): Moment[] {
  if (startedAt === undefined) return [];
  const why = reason === undefined ? '' : `, ${reason}`;
  return [
    moment(
      startedAt,
      'pod',
      restarts === 0 ? `pod started${why}` : `pod started; restarted ${restarts} times since${why}`,
      name,
    ),
  ];
}

interface Asked {
  readonly moments: readonly Moment[];
  /** What could not be read. */
  readonly notes: readonly string[];
}

const watched: readonly Resource[] = ['gateways', 'virtualservices', 'destinationrules', 'services', 'certificates'];

async function askObjects(source: Source): Promise<Asked> {
  const lists = await Promise.all(
    watched.map(async (resource) => [resource, await triedTo(source.list(resource))] as const),
  );
  return {
    moments: momentsOfWrites(
      lists.flatMap(([resource, list]) =>
        'ok' in list ? list.ok.flatMap((object) => writesOf(kinds[resource].kind, object)) : [],
      ),
    ),
    notes: lists.flatMap(([, list]) =>
      'failed' in list && list.failed.code !== 'not-found' ? [list.failed.message] : [],
    ),
  };
}

async function askEvents(source: Source, { namespace, pods }: Gateway, istioNamespace: string): Promise<Asked> {
  const names = new Set(pods.map(({ name }) => name));
  const namespaces = [...new Set([namespace, istioNamespace])];
  const lists = await Promise.all(namespaces.map((one) => triedTo(source.list('events', { namespace: one }))));
  return {
    moments: lists.flatMap((list) =>
      'ok' in list ? list.ok.flatMap((event) => momentOfEvent(event, names) ?? []) : [],
    ),
    notes: [...new Set(lists.flatMap((list) => ('failed' in list ? [list.failed.message] : [])))],
  };
}

async function askIstiodLogs(
  source: Source,
  { pods }: Gateway,
  { since, maxBytes }: Pick<TimelineQuestion, 'since' | 'maxBytes'>,
): Promise<Asked> {
  const request = { ...upToNow, of: 'istiod', container: loggedContainer.istiod, since, maxBytes } as const;
  const stream = await triedTo(source.logs(request));
  if ('failed' in stream) return { moments: [], notes: [stream.failed.message] };
  const log = new IstiodLog(pods);
  for await (const lines of stream.ok)
    for (const { time, pod, text } of lines) log.read({ at: time, istiod: pod, text });
  return { moments: log.moments(), notes: whatIsMissing(stream.ok.coverage()) };
}
