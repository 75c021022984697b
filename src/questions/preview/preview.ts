// What would the gateway serve otherwise, if these objects were applied or deleted? The objects that are there are
// translated first, and held against what the pods serve: so far the prediction can be believed.

import { type Check, findingsApart, isAtLeast, worstFirst } from '#analysis/check/check.ts';
import { factsFrom } from '#analysis/check/facts.ts';
import { type PlacedFinding, together } from '#analysis/check/places.ts';
import { withoutLeads } from '#analysis/check/routed-findings.ts';
import { type Following, hasSelector, withoutEffect } from '#analysis/istio/destination-rules.ts';
import { isForServices, specOf } from '#analysis/istio/gateway-merge.ts';
import { keyOf, refOf } from '#analysis/istio/virtual-service-binding.ts';
import { isInFront } from '#analysis/request/entry.ts';
import { routedClusters } from '#analysis/select/routed-clusters.ts';
import { calibrate, whyRejected } from '#analysis/translate/calibration.ts';
import { withoutServices } from '#analysis/translate/destinations.ts';
import { type ChangedHost, changedHosts, compareHosts } from '#analysis/translate/host-changes.ts';
import { effectOfCertificate, effectOfGateway, effectOfVirtualService } from '#analysis/translate/object-effects.ts';
import { refusedConfigurations } from '#analysis/translate/refused-parts.ts';
import { clustersOfEntries } from '#analysis/translate/service-entries.ts';
import { streamsByHost } from '#analysis/translate/streams.ts';
import { hostsOf, type IstioObjects, type Translation, type TranslationTarget } from '#analysis/translate/translate.ts';
import { ToolError } from '#core/error.ts';
import { illTypedIn } from '#core/ill-typed.ts';
import type { Resource } from '#core/kinds.ts';
import type { Known } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { count, someOf } from '#core/phrase.ts';
import type { Asking, QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { unusualSettings } from '#istiod/mesh.ts';
import type { Concerned, Finding, Severity } from '#model/finding.ts';
import type { Gathered, SharedConfiguration } from '#model/gathered.ts';
import type { MeshSettings } from '#model/mesh-settings.ts';
import type {
  FindingChange,
  HostChange,
  ObjectChange,
  PreviewCalibration,
  PreviewItem,
  RequestChange,
} from '#model/preview.ts';
import { gather } from '#questions/check/gather.ts';
import { gatewayPorts, portsBehind } from '#questions/gateway-ports.ts';
import { askMesh } from '#questions/istiod-answers.ts';
import { translatorFor } from '#questions/translated.ts';
import { type CertificateLayer, certificateLayer } from './certificates.ts';
import { explainBoth, type PreviewedRequest } from './explained.ts';
import { compareInstalls, type GivenInstall } from './install.ts';
import type { GivenObject } from './objects.ts';
import { createdApart, type Deletion, type Overlaid, type Overlay, overlaid } from './overlay.ts';
import { predictGathered } from './predicted-facts.ts';
import { secretChanges } from './secrets.ts';
import { judgeTraffic, type TrafficQuestion } from './traffic.ts';

export interface PreviewQuestion {
  readonly given: readonly GivenObject[];
  /** Of namespaces' values: those that are as in the cluster, or that no Gateway uses, are not listed. */
  readonly namespaceCertificates: readonly GivenObject[];
  readonly deletions: readonly Deletion[];
  readonly serviceEntries: readonly KubeObject[];
  readonly installs: readonly GivenInstall[];
  /** Those of `checks` of analysis/checks/all.gen.ts that ask what is configured. */
  readonly checks: readonly Check[];
  /** Of what is given as it is written: objects, and values of a chart. */
  readonly givenFindings: readonly FindingChange[];
  /** From this severity on there are `findings`. */
  readonly failOn: Severity;
  /** Requests that are judged before and after; undefined: none. */
  readonly traffic: TrafficQuestion | undefined;
  /** What is explained as if the change were there; undefined: nothing. */
  readonly request: PreviewedRequest | undefined;
}

const resources = ['gateways', 'virtualservices', 'destinationrules', 'services'] as const;
type PreviewedResource = (typeof resources)[number];

/** Throws ToolError where Gateways and VirtualServices may not be read, or no pod answered. */
export async function askPreview(
  source: Source,
  question: PreviewQuestion,
  asking: Asking,
): Promise<QuestionAnswer<PreviewItem>> {
  // The pods of Services say why an endpoint is missing now, not why one would be.
  const without = { comparisons: false, secrets: false, servicePods: false } as const;
  const [gathered, mesh] = await Promise.all([
    gather(source, { pods: true, configurations: true, objects: resources, ...without }),
    askMesh(source),
  ]);
  const served = servedConfigurations(gathered);
  const given = [...question.given, ...question.namespaceCertificates];
  const overlay = { ...question, given, now: asking.now };
  const layers = layersOf(gathered, overlay);
  mustBeThere(question.deletions, layers);
  const world = worldOf(gathered, served, layers, { ...question, now: asking.now });
  const changes = changedHosts(world.before, world.after);
  const illTyped = illTypedAfter(layers);
  const doubts = [...illTyped.map((name) => `${name} cannot be read`), ...unusualIn(mesh)];
  const refused = refusedConfigurations(world.after);
  const { unsure, calibration } = calibrationOf(world.before, served);
  const certificates = await certificateLayer(source, overlay);
  const predicted = await predictGathered(source, gathered, { ...world, changes, layers, given, certificates });
  const findings = [
    ...question.givenFindings,
    ...findingChanges({ ...question, given }, gathered, predicted.gathered, asking.now),
  ];
  const worlds = { before: gathered, after: predicted.gathered, translation: world.after };
  const traffic = question.traffic && (await judgeTraffic(source, question.traffic, worlds, asking));
  const settings = await compareInstalls(source, question.installs, { pods: gathered.pods, mesh });
  const items: PreviewItem[] = [
    ...settings,
    ...objectChanges(layers, world, predicted.gathered),
    ...certificateChanges(certificates, question, world),
    ...secretChanges(given, gathered.configurations, world),
    ...hostChanges(changes, orderingOf(world, changes), (change) =>
      hostChange(change, unsure, { ...world, refused }, doubts),
    ),
    ...findings,
    ...(traffic?.changes ?? []),
    ...(question.request ? await explainRequest(source, question.request, { ...worlds, layers }) : []),
  ];
  return {
    gateway: gathered.gateway,
    pods: 'known' in gathered.pods ? gathered.pods.known : [],
    items,
    extra: { calibration, ...(traffic ? { traffic: traffic.totals } : {}) },
    notes: [
      ...notesOf(gathered),
      ...('missing' in mesh ? [`not looked at: the mesh configuration: ${mesh.missing}`] : []),
      ...certificates.notes,
      ...predicted.notes,
      ...(traffic?.notes ?? []),
      ...unknownEndpoints(predicted.newClusters),
    ],
    // What an install file would change is no fault: for information.
    findings:
      isAnyAtLeast(findings, question.failOn) ||
      (isAtLeast('info', question.failOn) && settings.some(({ isSame }) => isSame === false)),
    incomplete:
      certificates.notes.length + predicted.notes.length + (traffic?.notes ?? []).length > 0 ||
      illTyped.length > 0 ||
      settings.some(({ isSame }) => isSame === undefined),
  };
}

const layersOf = (gathered: Gathered, overlay: Overlay): Record<PreviewedResource, Overlaid> =>
  Object.fromEntries(
    resources.map((resource) => [resource, overlaid(resource, objectsOf(gathered, resource), overlay)]),
  ) as unknown as Record<PreviewedResource, Overlaid>;

const unusualIn = (mesh: Known<readonly MeshSettings[]>): string[] => [
  ...new Set('known' in mesh ? mesh.known.flatMap(unusualSettings) : []),
];

export const isAnyAtLeast = (findings: readonly FindingChange[], least: Severity): boolean =>
  findings.some(({ change, severity }) => change === 'new' && isAtLeast(severity, least));

async function explainRequest(
  source: Source,
  request: PreviewedRequest,
  {
    before,
    after,
    layers: { services },
  }: {
    readonly before: Gathered;
    readonly after: Gathered;
    readonly layers: Record<PreviewedResource, Overlaid>;
  },
): Promise<RequestChange[]> {
  const own = services.objects.filter(({ metadata }) => metadata.namespace === before.gateway.namespace);
  const now = await gatewayPorts(source);
  const then = services.changes.length === 0 ? now : await portsBehind(source, own);
  return explainBoth(source, request, {
    before: { ...before, entry: now.entryFor(request.port) },
    after: { ...after, entry: then.entryFor(request.port) },
  });
}

function servedConfigurations({ pods, configurations }: Gathered): readonly SharedConfiguration[] {
  const whole = configurations.filter(({ large }) => large !== undefined);
  if (whole.length > 0) return whole;
  const failed = 'missing' in pods ? pods.missing : configurations.find((one) => one.failed)?.failed;
  throw new ToolError(
    'not-found',
    `cannot preview: no gateway pod could be read${failed === undefined ? '' : `: ${failed}`}`,
  );
}

/** Without the objects that are there nothing can be translated; Services can be told from clusters. */
function objectsOf({ objects }: Gathered, resource: PreviewedResource): readonly KubeObject[] {
  const known: Known<readonly KubeObject[]> = objects[resource] ?? { missing: 'not asked for' };
  if ('known' in known) return known.known;
  if (resource === 'services' || resource === 'destinationrules') return [];
  throw new ToolError('forbidden', `cannot preview: ${known.missing}`, {
    hint: 'preview has to read all Gateways and VirtualServices; see: kubectl istio-ingress help rbac',
  });
}

function mustBeThere(deletions: readonly Deletion[], layers: Record<PreviewedResource, Overlaid>): void {
  for (const { resource, namespace, name } of deletions) {
    const isThere = (layers[resource as PreviewedResource]?.changes ?? []).some(
      ({ object, change }) => change === 'deleted' && keyOf(refOf('', object)) === keyOf({ namespace, name }),
    );
    if (!isThere)
      throw new ToolError(
        'usage',
        `cannot preview the deletion of ${words[resource as PreviewedResource]} ${namespace}/${name}: it is not there`,
      );
  }
}

export interface World {
  readonly before: Translation;
  readonly after: Translation;
  /** `after`, with the new objects created one after another: see `createdApart`. */
  readonly apart: Translation;
  readonly objects: IstioObjects;
  readonly target: TranslationTarget;
  /** Of what istiod then knows of. */
  readonly clusterNames: readonly string[];
  /** Of the ServiceEntries that are given. */
  readonly entryClusters: readonly string[];
}

const deletedFrom = ({ changes }: Overlaid): readonly KubeObject[] =>
  changes.flatMap(({ object, change }) => (change === 'deleted' ? [object] : []));

function worldOf(
  gathered: Gathered,
  served: readonly SharedConfiguration[],
  layers: Record<PreviewedResource, Overlaid>,
  { serviceEntries, now }: Pick<PreviewQuestion, 'serviceEntries'> & Pick<Asking, 'now'>,
): World {
  const [reference] = served;
  const there = { gateways: objectsOf(gathered, 'gateways'), virtualServices: objectsOf(gathered, 'virtualservices') };
  const objects = { gateways: layers.gateways.objects, virtualServices: layers.virtualservices.objects };
  const services = objectsOf(gathered, 'services');
  const entryClusters = clustersOfEntries(serviceEntries, gathered.gateway.namespace);
  const { clusterNames: held, targetWith, translated } = translatorFor(gathered, there, services, reference);
  const clusterNames = [...withoutServices(held, deletedFrom(layers.services)), ...entryClusters];
  const after = translated(objects, layers.services.objects, clusterNames);
  const apart = {
    gateways: createdApart(layers.gateways, now),
    virtualServices: createdApart(layers.virtualservices, now),
  };
  const isSame = apart.gateways === objects.gateways && apart.virtualServices === objects.virtualServices;
  return {
    before: translated(there, services),
    after,
    apart: isSame ? after : translated(apart, layers.services.objects, clusterNames),
    objects,
    target: targetWith(layers.services.objects),
    clusterNames,
    entryClusters,
  };
}

interface Ordering {
  /** By key of the host that is served otherwise where the new objects are created one after another. */
  readonly decides: ReadonlySet<string>;
  /** What changes only then. */
  readonly changes: readonly ChangedHost[];
}

function orderingOf({ before, after, apart }: World, changes: readonly ChangedHost[]): Ordering {
  const keysOf = (some: readonly ChangedHost[]): Set<string> => new Set(some.flatMap(({ keys }) => keys));
  if (apart === after) return { decides: new Set(), changes: [] };
  const told = keysOf(changes);
  return {
    decides: keysOf(changedHosts(after, apart)),
    changes: changedHosts(before, apart).filter(({ keys }) => !keys.some((key) => told.has(key))),
  };
}

interface Calibrated {
  /** By key of the host: why its prediction may fail. */
  readonly unsure: ReadonlyMap<string, string>;
  readonly calibration: PreviewCalibration;
}

/** A host is exact where every pod serves it as its objects say. */
function calibrationOf(before: Translation, served: readonly SharedConfiguration[]): Calibrated {
  const results = served.map(({ routes, pods, large }) => ({
    pods,
    ...calibrate(before, routes, large?.listeners ?? []),
  }));
  const all = new Set(results.flatMap(({ exact, unsure: others }) => [...exact, ...others.keys()]));
  const unsure = new Map(
    [...all].flatMap((key) => {
      const why = whyUnsure(key, results);
      return why === undefined ? [] : [[key, why] as const];
    }),
  );
  const named = [...unsure].map(([key, why]) => ({ host: key.slice(key.indexOf(' ') + 1), why }));
  return { unsure, calibration: { hosts: all.size, exact: all.size - unsure.size, unsure: named } };
}

/** What holds on every pod names none. */
function whyUnsure(
  key: string,
  results: readonly { readonly pods: readonly string[]; readonly unsure: ReadonlyMap<string, string> }[],
): string | undefined {
  const podsByReason = Map.groupBy(results, ({ unsure }) => unsure.get(key));
  const [only, ...others] = podsByReason.keys();
  if (others.length === 0) return only;
  const reasons = [...podsByReason].flatMap(([why, groups]) => {
    const pods = groups.flatMap((one) => one.pods);
    return why === undefined ? [] : [`on ${someOf(pods, 3)} ${why}`];
  });
  return reasons.join('; ');
}

function hostChange(
  { keys, ...change }: ChangedHost,
  unsure: ReadonlyMap<string, string>,
  { after, refused }: Pick<World, 'after'> & { readonly refused: ReadonlyMap<string, readonly string[]> },
  doubts: readonly string[],
): HostChange {
  const [hosts, streams] = [hostsOf(after), streamsByHost(after.streams)];
  const reasons = keys.flatMap((key) => {
    const [host, stream] = [hosts.get(key), streams.get(key)];
    const servers = [...(host?.servers ?? []), ...(stream ? [stream.server] : [])];
    return [
      ...[unsure.get(key), whyRejected(servers, after)].flatMap((why) => why ?? []),
      ...(host?.routes ?? []).flatMap((route) => route.unsure),
      ...(refused.get(key.slice(0, key.indexOf(' '))) ?? []),
      ...(stream?.unsure ?? []),
    ];
  });
  return { ...change, unsure: [...new Set([...reasons, ...doubts])] };
}

const ageOrName = 'istiod takes objects that were created in the same second by name, and others oldest first';

function hostChanges(
  changes: readonly ChangedHost[],
  ordering: Ordering,
  judged: (change: ChangedHost) => HostChange,
): HostChange[] {
  const doubted = (change: ChangedHost, doubt: string): HostChange => {
    const whole = judged(change);
    return { ...whole, unsure: [...whole.unsure, `${ageOrName}: ${doubt}`] };
  };
  const isDecided = ({ keys }: ChangedHost): boolean => keys.some((key) => ordering.decides.has(key));
  const all = [
    ...changes.map((change) =>
      isDecided(change) ? doubted(change, 'this is so if the new ones are created in one second') : judged(change),
    ),
    ...ordering.changes.map((change) => doubted(change, 'this is so if the new ones are created one after another')),
  ];
  return all.toSorted(compareHosts);
}

/** One that cannot be read may decide of any host. */
const illTypedAfter = ({ gateways, virtualservices }: Record<PreviewedResource, Overlaid>): string[] =>
  illTypedIn({ gateways: { known: gateways.objects }, virtualservices: { known: virtualservices.objects } }, [
    'gateways',
    'virtualservices',
  ]);

const words: Readonly<Record<PreviewedResource, string>> = {
  gateways: 'Gateway',
  virtualservices: 'VirtualService',
  destinationrules: 'DestinationRule',
  services: 'Service',
};

const objectChanges = (
  layers: Record<PreviewedResource, Overlaid>,
  world: World,
  { configurations }: Gathered,
): ObjectChange[] => {
  const rules = {
    rules: layers.destinationrules.objects,
    namespace: world.target.namespace,
    ...routedBy(configurations),
  };
  return resources.flatMap((resource) =>
    layers[resource].changes.map(({ object, change, place }) => ({
      type: 'object' as const,
      object: refOf(words[resource], object),
      place,
      change,
      ...(change === 'deleted' ? { hosts: undefined, without: [] } : effectOf(resource, object, world, rules)),
      unsure: [
        ...unreadPartsOf(resource, object, world.target),
        ...(resource === 'services' && change === 'deleted' ? unjudgedWithout(object, world.target) : []),
      ],
    })),
  );
};

/** What any pod routes to. */
function routedBy(configurations: readonly SharedConfiguration[]): Pick<Following, 'routed' | 'isAllKnown'> {
  const all = configurations.map(({ large, routes }) => routedClusters(large?.listeners ?? [], routes));
  return {
    routed: new Set(all.flatMap(({ leads }) => [...leads.keys()])),
    isAllKnown: all.every(({ unknown }) => unknown.length === 0),
  };
}

const certificateChanges = (
  { changes }: CertificateLayer,
  { namespaceCertificates }: PreviewQuestion,
  { after, target }: World,
): ObjectChange[] =>
  changes.flatMap(({ object, certificate, change, place }) => {
    const effect = effectOfCertificate(certificate, after, target);
    const isOfValues = namespaceCertificates.some((one) => one.place === place);
    if (isOfValues && (change === 'none' || effect.without.length > 0)) return [];
    return [{ type: 'object', object: refOf('Certificate', object), place, change, ...effect, unsure: [] }];
  });

function effectOf(
  resource: Resource,
  object: KubeObject,
  { after, objects, target }: World,
  rules: Following,
): Pick<ObjectChange, 'hosts' | 'without'> {
  if (resource === 'gateways') return effectOfGateway(object, after, target);
  if (resource === 'virtualservices') return effectOfVirtualService(object, after, objects, target);
  return { hosts: undefined, without: resource === 'destinationrules' ? withoutEffect(object, rules) : [] };
}

/** What is not translated of an object. */
function unreadPartsOf(resource: Resource, object: KubeObject, { namespace }: TranslationTarget): string[] {
  if (resource === 'gateways' && (specOf(object).servers ?? []).some(isForServices))
    return ['which Services its AUTO_PASSTHROUGH servers hand connections on to'];
  // For other pods of its namespace it is none, and hides what other namespaces have for the host all the same.
  if (resource === 'destinationrules' && hasSelector(object) && object.metadata.namespace === namespace)
    return ['whether its workloadSelector is for the pods of this gateway'];
  return [];
}

/** Gateways without a Service may have their load balancer by other means. */
const unjudgedWithout = (service: KubeObject, { labels, namespace }: TranslationTarget): string[] =>
  service.metadata.namespace === namespace && isInFront(service, labels)
    ? ['on which ports the pods would listen, and how clients would get to them']
    : [];

function findingChanges(
  { checks, given }: PreviewQuestion,
  before: Gathered,
  after: Gathered,
  now: Date,
): FindingChange[] {
  const [old, young] = [findingsOf(checks, before, now), findingsOf(checks, after, now)];
  const placeOf = new Map(given.map(({ object, place }) => [idOf(refOf(object.kind ?? '', object)), place]));
  const changes = (change: FindingChange['change'], some: CheckFindings, others: CheckFindings): FindingChange[] =>
    onlyIn(some, others).map(({ check: { id, name, section, remedy }, finding }) => {
      const { severity, text, pods, concerns } = finding;
      const places = concerns.flatMap((one) => placeOf.get(idOf(one)) ?? []);
      const about = { type: 'finding' as const, id, name, section, change, severity, text, pods, concerns };
      return { ...about, places: [...new Set(places)], remedy: change === 'new' ? remedy : undefined };
    });
  return withoutRewording([...changes('new', young, old), ...changes('gone', old, young)]);
}

const idOf = (ref: Concerned): string => `${ref.kind} ${keyOf(ref)}`;

/**
 * A remark about the whole fleet counts all hosts, so any new host makes another one of it. What is known of a service is
 * news only where an object that is given leads to it.
 */
function withoutRewording(all: readonly FindingChange[]): FindingChange[] {
  const sameService = Map.groupBy(all, ({ id, text }) => `${id} ${withoutLeads(text)}`);
  const changes = all.filter(({ id, text, change, places }) => {
    const isReworded = (sameService.get(`${id} ${withoutLeads(text)}`)?.length ?? 0) > 1;
    return !isReworded || (change === 'new' && places.length > 0);
  });
  const remarks = changes.filter(({ severity }) => severity === 'info');
  const isIn = (id: string, change: FindingChange['change']): boolean =>
    remarks.some((one) => one.id === id && one.change === change);
  return changes.filter((one) => one.severity !== 'info' || !(isIn(one.id, 'new') && isIn(one.id, 'gone')));
}

type CheckFindings = readonly { readonly check: Check; readonly findings: readonly PlacedFinding[] }[];

function findingsOf(checks: readonly Check[], gathered: Gathered, now: Date): CheckFindings {
  const facts = factsFrom(gathered, now);
  return checks.map((check) => ({ check, findings: findingsApart(check, facts) }));
}

/** Of a finding at several places, those that the others do not have. */
const onlyIn = (some: CheckFindings, others: CheckFindings): { readonly check: Check; readonly finding: Finding }[] =>
  some.flatMap(({ check, findings }, at) => {
    const known = new Set(others[at]?.findings.map(keyOfFinding));
    const news = findings.filter((one) => !known.has(keyOfFinding(one)));
    return worstFirst(together(news)).map((finding) => ({ check, finding }));
  });

const keyOfFinding = ({ place, text }: PlacedFinding): string => JSON.stringify([place, text]);

const notesOf = ({ objects, configurations }: Gathered): string[] => [
  ...(['services', 'destinationrules'] as const).flatMap((resource) => {
    const known = objects[resource];
    return known && 'missing' in known ? [`not looked at: ${resource}: ${known.missing}`] : [];
  }),
  ...(configurations.length > 1
    ? [`the pods serve ${count(configurations.length, 'configuration')} that differ: see kubectl istio-ingress diff`]
    : []),
];

/** No fault of the answer: pods that are not there yet nobody can count. */
const unknownEndpoints = (clusters: readonly string[]): string[] =>
  clusters.length === 0
    ? []
    : [`not judged: whether there are endpoints for what is not there yet: ${someOf(clusters)}`];
