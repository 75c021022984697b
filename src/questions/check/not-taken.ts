// What pods do not have although objects ask for it: rejections that neither istiod nor Envoy remembers. Asked for are the
// objects that were not listed yet and, where something is found, the logs around the change, which say why.

import type { FactName } from '#analysis/check/facts.ts';
import { appliesTo } from '#analysis/istio/brought-by.ts';
import { mergeSync } from '#analysis/istio/sync.ts';
import { clustersNotTaken } from '#analysis/translate/clusters-not-taken.ts';
import { type Asked, notTaken } from '#analysis/translate/not-taken.ts';
import { unservedVirtualServices } from '#analysis/translate/unserved-virtual-services.ts';
import { mapBounded } from '#core/concurrency.ts';
import { hasAnswered } from '#core/fleet.ts';
import { triedTo } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { type LoggedWorkload, loggedContainer } from '#core/pod-logs.ts';
import { isResource, isViolation, rejectionReason } from '#core/rejection-reason.ts';
import type { Source } from '#core/source.ts';
import type { Gathered, NotTaken, SharedConfiguration } from '#model/gathered.ts';
import { describeObject } from '#model/resource.ts';
import type { XdsType } from '#model/sync.ts';
import { translatorFor } from '#questions/translated.ts';
import { withObjects } from './gather.ts';

const needed = [
  'gateways',
  'virtualservices',
  'services',
  'envoyfilters',
  'destinationrules',
] as const satisfies readonly FactName[];

export interface WithNotTaken {
  readonly gathered: Gathered;
  /** Why something could not be looked for. */
  readonly notes: readonly string[];
}

/** The same, with what was not taken. */
export async function withNotTaken(source: Source, gathered: Gathered, now: Date): Promise<WithNotTaken> {
  const synced = syncedPods(gathered);
  const served = gathered.configurations.filter(({ large }) => large !== undefined);
  if (synced.LDS.size + synced.RDS.size + synced.CDS.size === 0 || served.length === 0) return { gathered, notes: [] };
  const whole = await withObjects(source, gathered, needed);
  const looked = served.flatMap((one) => {
    const asked = askedIn(whole, one);
    return asked ? [{ one, asked }] : [];
  });
  const found = merged(looked.flatMap(({ one, asked }) => foundIn(whole, asked, one, synced, now)));
  const routes = served.flatMap((one) => one.routes);
  const [first] = looked;
  const told = new Set(found.flatMap(({ objects }) => objects.map(describeObject)));
  const unserved = first && synced.RDS.size > 0 ? unservedVirtualServices(first.asked, routes, now) : [];
  return {
    gathered: {
      ...whole,
      notTaken: await withLogs(source, found),
      unserved: unserved.filter((one) => !told.has(describeObject(one))),
    },
    notes: notesOn(whole),
  };
}

/** A right that is missing does not make the answer incomplete. */
function notesOn({ objects }: Gathered): string[] {
  const unknown = needed.flatMap((resource) => {
    const known = objects[resource];
    return known && 'missing' in known ? [known.missing] : [];
  });
  return [...new Set(unknown)].map((why) => `rejections that istiod has forgotten are not looked for: ${why}`);
}

type Synced = Readonly<Record<'LDS' | 'RDS' | 'CDS', ReadonlySet<string>>>;

/** Those of which nobody says that they are behind or have rejected something; of listeners and clusters, that ever have. */
function syncedPods({ gateway, pods, istiods }: Gathered): Synced {
  const outcomes = 'known' in istiods ? istiods.known : [];
  const answers = outcomes.map((one) => (hasAnswered(one) ? { pod: one.pod, ok: one.ok.proxies } : one));
  const states = new Map('known' in pods ? pods.known.filter(hasAnswered).map(({ pod, ok }) => [pod.name, ok]) : []);
  const namesOf = (type: XdsType): string[] =>
    gateway.pods.flatMap((pod) => {
      const sync = mergeSync(pod, answers);
      return sync.state === 'connected' && sync.types[type]?.state === 'SYNCED' ? [pod.name] : [];
    });
  const mayHaveRejected =
    (kind: 'listener' | 'cluster', updates: string) =>
    (name: string): boolean => {
      const { report, stats } = states.get(name) ?? {};
      const isCounted = stats?.has(`${updates}.update_success`) ?? false;
      const hasRecord = report?.rejections.some((one) => one.kind === kind) ?? false;
      return !hasRecord && (!isCounted || stats?.has(`${updates}.update_rejected`) === true);
    };
  return {
    LDS: new Set(namesOf('LDS').filter(mayHaveRejected('listener', 'listener_manager.lds'))),
    RDS: new Set(namesOf('RDS')),
    CDS: new Set(namesOf('CDS').filter(mayHaveRejected('cluster', 'cluster_manager.cds'))),
  };
}

const typeOf = { listener: 'LDS', 'route configuration': 'RDS', cluster: 'CDS' } as const;

/** What objects ask for; undefined where those that say it are not known. */
function askedIn(gathered: Gathered, served: SharedConfiguration): Asked | undefined {
  const { gateway } = gathered;
  const gateways = objectsOf(gathered, 'gateways');
  const virtualServices = objectsOf(gathered, 'virtualservices');
  const services = objectsOf(gathered, 'services');
  if (!gateways || !virtualServices || !services) return undefined;
  const objects = { gateways, virtualServices };
  const translation = translatorFor(gathered, objects, services, served).translated(objects, services);
  const envoyFilters = objectsOf(gathered, 'envoyfilters')?.filter((one) => appliesTo(one, gateway));
  return { ...objects, translation, envoyFilters };
}

function foundIn(gathered: Gathered, asked: Asked, served: SharedConfiguration, synced: Synced, now: Date): NotTaken[] {
  const { listeners = [], clusters = [] } = served.large ?? {};
  const destinationRules = objectsOf(gathered, 'destinationrules') ?? [];
  const bringers = { envoyFilters: asked.envoyFilters ?? [], destinationRules };
  const hasRejected = served.pods.some((pod) => synced.CDS.has(pod));
  return [
    ...notTaken(asked, { ...served, listeners }, now),
    ...(hasRejected ? clustersNotTaken(bringers, { ...served, clusters }, now) : []),
  ]
    .map((one) => ({ ...one, pods: served.pods.filter((pod) => synced[typeOf[one.kind]].has(pod)) }))
    .filter(({ pods }) => pods.length > 0);
}

function objectsOf({ objects }: Gathered, resource: (typeof needed)[number]): readonly KubeObject[] | undefined {
  const known = objects[resource];
  return known && 'known' in known ? known.known : undefined;
}

/** Pods that serve different things may lack the same one. */
function merged(all: readonly NotTaken[]): NotTaken[] {
  const alike = Map.groupBy(all, ({ pods: _, takenAt: _at, ...one }) => JSON.stringify(one));
  return [...alike.values()].flatMap((some) =>
    some.slice(0, 1).map((one) => ({ ...one, pods: some.flatMap(({ pods }) => pods).sort() })),
  );
}

/** A rejection follows the change within seconds. */
const windowMs = 20_000;
const maxBytes = 1_000_000;

const changeOf = ({ objects: [first], takenAt }: NotTaken): string => first?.changedAt ?? takenAt;

/** One change of an EnvoyFilter may be missing in hundreds of route configurations: its logs are read once. */
async function withLogs(source: Source, found: readonly NotTaken[]): Promise<NotTaken[]> {
  const keyOf = (one: NotTaken): string => `${one.kind} ${changeOf(one)}`;
  const changes = [...new Map(found.map((one) => [keyOf(one), one]))];
  const reasons = new Map(
    await mapBounded(changes, changesAtOnce, async ([key, one]) => [key, await loggedReason(source, one)] as const),
  );
  const told = found.map((one) => {
    const logged = reasons.get(keyOf(one));
    return logged === undefined ? one : { ...one, logged };
  });
  // That a cluster is old shows nothing without a witness.
  return told.filter(({ kind, logged }) => kind !== 'cluster' || logged !== undefined);
}

const changesAtOnce = 4;

async function loggedReason(source: Source, one: NotTaken): Promise<string | undefined> {
  for (const workload of ['gateway', 'istiod'] as const) {
    // What cannot be read is no witness.
    const tried = await triedTo(loggedRejection(source, one, workload));
    if ('ok' in tried && tried.ok !== undefined) return tried.ok;
  }
  return undefined;
}

/** What pilot-agent writes behind each line of Envoy's. */
const ofAgent = /\tthread=\d+$/;

async function loggedRejection(source: Source, one: NotTaken, of: LoggedWorkload): Promise<string | undefined> {
  const since = new Date(changeOf(one));
  const until = new Date(since.getTime() + windowMs);
  const request = { of, container: loggedContainer[of], since, until, tailLines: undefined, follow: false, maxBytes };
  const stream = await source.logs({ ...request, order: 'arrival', note: () => {} });
  let resource: string | undefined;
  try {
    for await (const lines of stream)
      for (const { text: line } of lines) {
        const text = line.replace(ofAgent, '');
        const [, reason] = rejections[one.kind].exec(text) ?? [];
        if (reason !== undefined && !isResource(reason)) return rejectionReason(reason);
        resource ??= reason;
        // Hundreds of lines of the resource stand between.
        if (resource !== undefined && isViolation(text)) return rejectionReason(`${resource}\n${text}`);
      }
  } finally {
    stream.close();
  }
  return resource && rejectionReason(`${resource}(truncated)`);
}

/** Of Envoy and of istiod. Source: envoy delta_subscription_state.cc, grpc_mux_impl.cc; istio pilot/pkg/xds/ads.go. */
const rejections = {
  listener:
    /(?:\bconfig for type\.googleapis\.com\/envoy\.config\.listener\.v3\.Listener rejected: |ADS:LDS: ACK ERROR \S+ )(.+)/,
  'route configuration':
    /(?:\bconfig for type\.googleapis\.com\/envoy\.config\.route\.v3\.RouteConfiguration rejected: |ADS:RDS: ACK ERROR \S+ )(.+)/,
  cluster:
    /(?:\bconfig for type\.googleapis\.com\/envoy\.config\.cluster\.v3\.Cluster rejected: |ADS:CDS: ACK ERROR \S+ )(.+)/,
} as const;
