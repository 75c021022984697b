// Why a request fails, or may fail, by the objects of the cluster: they are read where an answer asks for them, and what
// may not be read costs the reason, never the answer.

import { type Destinations, plainTextToTls, whyNoCluster, whyNoEndpoint } from '#analysis/istio/destination.ts';
import { type Place, type Wanted, whyNoChain, whyNoVirtualHost } from '#analysis/istio/unserved-host.ts';
import { withoutPort } from '#core/host.ts';
import { illTypedIn } from '#core/ill-typed.ts';
import type { Resource } from '#core/kinds.ts';
import { triedTo } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { someOf } from '#core/phrase.ts';
import type { Source } from '#core/source.ts';
import { serviceOfCluster } from '#model/cluster-name.ts';
import type { Explanation, Outcome } from '#model/explanation.ts';
import type { OnPods } from '#model/merge-pods.ts';
import type { Reason } from '#model/reason.ts';
import { isHttp3, type Request } from '#model/request.ts';
import type { GatewayPorts } from '#questions/gateway-ports.ts';
import { listIn } from '#questions/list-in.ts';

type Item = OnPods<Explanation>;

/** The same items, with the reasons of their outcomes. */
export async function withReasons(
  source: Source,
  items: readonly Item[],
  request: Request,
  ports: GatewayPorts,
): Promise<readonly Item[]> {
  const outcomes = items.flatMap(({ value }) => value.outcomes);
  const wanted = outcomes.some(isUnserved) ? await readWanted(source, ports) : undefined;
  const destinations = await readDestinations(source, outcomes.filter(isDoubtful));
  const reasonsOf = (outcome: Outcome, explanation: Explanation): readonly Reason[] | undefined =>
    isUnserved(outcome)
      ? wanted && whyUnserved(outcome, explanation, request, wanted).map((reason) => asFarAsRead(reason, wanted))
      : destinations && isDoubtful(outcome)
        ? destinationReasons(outcome, destinations)
        : undefined;
  return items.map(({ value, ...item }) => ({
    ...item,
    value: { ...value, outcomes: value.outcomes.map((outcome) => withOwn(outcome, reasonsOf(outcome, value))) },
  }));
}

const withOwn = (outcome: Outcome, reasons: readonly Reason[] = []): Outcome =>
  reasons.length === 0 ? outcome : { ...outcome, reasons };

/** No filter chain or virtual host is for the host. */
const isUnserved = (outcome: Outcome): boolean =>
  outcome.kind === 'fail' && (outcome.at === 'filter chain' || outcome.at === 'virtual host');

/** The cluster is not there, has no endpoint, or gets plain text. */
const isDoubtful = (outcome: Outcome): boolean =>
  outcome.kind === 'fail' ? outcome.at === 'cluster' || outcome.at === 'endpoint' : isPlain(outcome);

const isPlain = (outcome: Outcome): boolean =>
  outcome.kind === 'forward' && outcome.endpoints.some(({ transport }) => transport === 'plain text');

interface Objects extends Wanted {
  /** Names of those that cannot be read. */
  readonly illTyped: readonly string[];
}

async function readWanted(source: Source, ports: GatewayPorts): Promise<Objects | undefined> {
  const { namespace, pods } = await source.gateway();
  const [gateways, virtualServices] = await Promise.all([
    triedTo(source.list('gateways')),
    triedTo(source.list('virtualservices')),
  ]);
  if ('failed' in gateways || 'failed' in virtualServices) return undefined;
  const known = { gateways: { known: gateways.ok }, virtualservices: { known: virtualServices.ok } };
  return {
    gateways: gateways.ok,
    virtualServices: virtualServices.ok,
    illTyped: illTypedIn(known, ['gateways', 'virtualservices']),
    labels: pods[0]?.labels ?? {},
    namespace,
    listenerPortOf: (port) => ports.entryFor(port).listenerPort,
  };
}

function whyUnserved(
  outcome: Outcome,
  { entry, gateway }: Explanation,
  { sni, authority, alpn }: Request,
  wanted: Wanted,
): readonly Reason[] {
  const atChain = outcome.kind === 'fail' && outcome.at === 'filter chain';
  const host = withoutPort((atChain ? (sni ?? authority) : authority).toLowerCase());
  const place: Place = { host, listenerPort: entry.listenerPort, isHttp3: isHttp3({ alpn }) };
  if (!atChain) return [...(outcome.reasons ?? []), whyNoVirtualHost(place, gateway, wanted)];
  const reason = whyNoChain(place, wanted);
  // What the pod itself says of its listener is why it does not have what the objects ask for.
  const [pending] = outcome.reasons ?? [];
  return reason.code === 'not-pushed' && pending ? [{ ...pending, objects: reason.objects }] : [reason];
}

const asFarAsRead = (reason: Reason, { illTyped }: Objects): Reason =>
  illTyped.length === 0
    ? reason
    : { ...reason, text: `${reason.text}; not looked at, as it cannot be read: ${someOf(illTyped)}` };

/** Of the Services' own namespaces; undefined where nothing is in doubt, or Services may not be read. */
async function readDestinations(source: Source, doubtful: readonly Outcome[]): Promise<Destinations | undefined> {
  const services = doubtful.map((outcome) => serviceOfCluster(clusterOf(outcome) ?? ''));
  const namespaces = new Set(services.flatMap((service) => service?.namespace ?? []));
  if (namespaces.size === 0) return undefined;
  const { namespace } = await source.gateway();
  const read = async (resource: Resource): Promise<readonly KubeObject[] | undefined> => {
    const tried = await triedTo(listIn(source, resource, namespaces));
    return 'ok' in tried ? tried.ok : undefined;
  };
  const [own, rules, pods] = await Promise.all([
    read('services'),
    triedTo(source.list('destinationrules')),
    read('pods'),
  ]);
  return own && { services: own, destinationRules: 'ok' in rules ? rules.ok : undefined, pods, namespace };
}

function clusterOf(outcome: Outcome): string | undefined {
  if ('cluster' in outcome) return outcome.cluster;
  return outcome.kind === 'fail' ? outcome.failedCluster : undefined;
}

function destinationReasons(outcome: Outcome, known: Destinations): readonly Reason[] {
  const cluster = clusterOf(outcome) ?? '';
  const from = outcome.route?.from;
  const found =
    outcome.kind !== 'fail'
      ? plainTextToTls(cluster, known)?.reason
      : outcome.at === 'cluster'
        ? whyNoCluster(cluster, from ? [from] : [], known)
        : whyNoEndpoint(cluster, known);
  return found ? [found] : [];
}
