// What happens to a request, on every pod; and what came of one that was sent?

import { gatewayOfRoutes, hasSeveralReadings } from '#analysis/istio/route-configuration-name.ts';
import { refOf } from '#analysis/istio/virtual-service-binding.ts';
import { backendsIn } from '#analysis/request/backends.ts';
import { partingOf } from '#analysis/request/disagreement.ts';
import { type Expectation, judgeExpectations } from '#analysis/request/expectation.ts';
import { explain } from '#analysis/request/explain.ts';
import { namespacesOf, withBackends } from '#analysis/request/explained-backends.ts';
import { transportOf } from '#analysis/request/reached-listener.ts';
import type { TypedRequest } from '#analysis/request/request.ts';
import { deviations } from '#analysis/request/sent.ts';
import { withUnlikeWays } from '#analysis/request/unlike-ways.ts';
import type { ClientRequest } from '#core/client-request.ts';
import { ToolError } from '#core/error.ts';
import { hasAnswered } from '#core/fleet.ts';
import { triedTo } from '#core/known.ts';
import type { Asking, QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { withoutNamedSecrets } from '#dump/redaction.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import {
  compareExplanations,
  type Explanation,
  type ExplanationItem,
  explanationKey,
  type Logged,
  routesOf,
  type Sent,
  withEachRoute,
} from '#model/explanation.ts';
import { mapOutcomes, mergePods, type OnPods } from '#model/merge-pods.ts';
import type { Request } from '#model/request.ts';
import { readDelegatesOf } from '#questions/delegates.ts';
import { listSlices } from '#questions/endpoint-slices.ts';
import { type GatewayPorts, gatewayPorts } from '#questions/gateway-ports.ts';
import { doubtsIn, withoutSettled } from './doubtful-certificates.ts';
import { explainOnPod } from './explain-on-pod.ts';
import { withReasons } from './reasons.ts';
import {
  type ClosedWatch,
  countNote,
  type Sending,
  type SentByPod,
  type SentOne,
  sendThrough,
} from './send-request.ts';

export interface ExplainQuestion extends TypedRequest {
  /** As it was typed. */
  readonly url: string;
  /** Undefined: nothing is sent. */
  readonly toSend: ToSend | undefined;
  readonly expectations: readonly Expectation[];
}

export interface ToSend {
  readonly wire: ClientRequest;
  /** Unique to this run: it identifies the run's lines in the access log. */
  readonly userAgent: string;
  /** Requests through each pod. */
  readonly count: number;
}

export type ExplainAnswer = QuestionAnswer<OnPods<ExplanationItem>>;

/** Throws `usage` where something is to be sent and the source is a directory. */
export async function askExplain(source: Source, question: ExplainQuestion, asking: Asking): Promise<ExplainAnswer> {
  const { toSend } = question;
  if (toSend && source.asOf) throw new ToolError('usage', '--send needs the cluster, and --from is a directory');
  const { listenerPort, pods, ...explained } = await explainOnPods(source, question, asking);
  const answered = pods.filter(hasAnswered).map(({ pod }) => pod);
  const values = explained.items.map(({ value }) => value);
  const way = { pods: answered, port: listenerPort, isClosing: values.every(isClosed) };
  const sent = toSend && (await sendAndLook(source, { ...toSend, ...way }, asking));
  const answer = answerOf(question, { ...explained, pods, items: withSent(explained.items, sent) });
  const note = toSend && countNote(values, toSend.count);
  return { ...answer, notes: [...answer.notes, ...(note === undefined ? [] : [note])] };
}

/** Every outcome ends the connection without an answer. */
const isClosed = ({ outcomes }: Explanation): boolean =>
  outcomes.every((outcome) => outcome.kind === 'fail' && outcome.code === undefined);

type Explained = Pick<ExplainAnswer, 'gateway' | 'pods'> & { readonly items: readonly OnPods<ExplanationItem>[] };

export async function explainOnPods(
  source: Source,
  { request, port }: TypedRequest,
  asking: Asking,
): Promise<Explained & { readonly listenerPort: number }> {
  const asked = gatewayPorts(source);
  const entered = asked.then((ports) => ports.entryFor(port, transportOf(request)));
  const [ports, entry, explained] = await Promise.all([
    asked,
    entered,
    source.everyPod(async (admin) => explainOnPod(admin, request, entered), undefined, { after: entered }),
  ]);
  if (ports.note !== undefined) asking.warn(ports.note);
  const ways = explained.filter(hasAnswered).map(({ ok }) => ok);
  const [doubted, objects] = await Promise.all([doubtsIn(source, ways, request), readObjects(source, ways)]);
  const pods = mapOutcomes(explained, (way) => [doubted(way)]);
  const merged = mergePods(pods.filter(hasAnswered), explanationKey, compareExplanations);
  const items = await withObjects(source, withUnlikeWays(merged, pods), request, ports, objects);
  return { gateway: await source.gateway(), pods, items, listenerPort: entry.listenerPort };
}

type Named = (explanation: Explanation) => Explanation;

/** Names pods and nodes of endpoints, where EndpointSlices may be read, and delegates: the root VirtualService is right without. */
async function readObjects(source: Source, ways: readonly Explanation[]): Promise<Named> {
  const namespaces = namespacesOf(ways);
  const [slices, delegateOf] = await Promise.all([
    triedTo(listSlices(source, namespaces)),
    readDelegatesOf(source, ways.flatMap(routesOf)),
  ]);
  const backendOf = 'ok' in slices ? backendsIn(slices.ok, namespaces) : () => undefined;
  return (way) => withEachRoute(withBackends(way, backendOf), delegateOf);
}

/** What the objects of the cluster say of the ways: pods behind endpoints, delegates, Gateways, reasons. */
async function withObjects(
  source: Source,
  items: readonly OnPods<Explanation>[],
  request: Request,
  ports: GatewayPorts,
  named: Named,
): Promise<readonly OnPods<Explanation>[]> {
  const whole = await withGatewaysOf(
    source,
    items.map(({ value, ...item }) => ({ ...item, value: named(value) })),
  );
  return withReasons(source, whole.map(inFrontOf(ports)), request, ports);
}

/** Where no Service leads to the port, or several do, what pods would do with the request is not all there is to say. */
const inFrontOf =
  ({ whyNotInFront, otherWays }: GatewayPorts) =>
  ({ value, ...item }: OnPods<Explanation>): OnPods<Explanation> => {
    const why = whyNotInFront(value.entry.listenerPort);
    const said = [...(why === undefined ? [] : [why]), ...otherWays(value.entry)];
    return { ...item, value: { ...value, caveats: [...value.caveats, ...said] } };
  };

/** Of one pod for each group of pods that are configured alike. */
export interface GroupConfiguration {
  readonly pods: readonly string[];
  readonly configuration: PodConfiguration;
}

/** What happens to a request on each group, by configurations that were read before: for many requests. */
export async function explainOnGroups(
  source: Source,
  { request, port }: TypedRequest,
  groups: readonly GroupConfiguration[],
  ports: GatewayPorts,
): Promise<readonly OnPods<Explanation>[]> {
  const entry = ports.entryFor(port, transportOf(request));
  const ways = groups.map(({ configuration }) => explain(configuration, request, entry));
  const [doubted, objects] = await Promise.all([doubtsIn(source, ways, request), readObjects(source, ways)]);
  const each = groups.map(({ pods }, index) => ({ value: doubted(ways[index] as Explanation), pods }));
  const alike = [...Map.groupBy(each, ({ value }) => explanationKey(value)).values()];
  const items = alike.map((group) => ({
    value: (group[0] as OnPods<Explanation>).value,
    pods: group.flatMap(({ pods }) => pods),
  }));
  return withObjects(
    source,
    items.sort((a, b) => compareExplanations(a.value, b.value)),
    request,
    ports,
    objects,
  );
}

export function answerOf(
  { request, url, expectations }: ExplainQuestion,
  { gateway, pods, items }: Explained,
): ExplainAnswer & { readonly notes: readonly string[] } {
  const judged = items.map((item) => judgeExpectations(item, expectations));
  const unmet = judged.flatMap((one) => one.unmet);
  const undecided = judged.flatMap((one) => one.undecided);
  const parting = partingOf(items.map(({ value }) => value));
  return {
    gateway,
    pods,
    items,
    // `parting` is absent where the pods agree.
    extra: { request: describeRequest(request, url), ...(parting === undefined ? {} : { parting }) },
    notes: [...unmet, ...undecided],
    findings: unmet.length > 0 || hasDeviations(items),
    incomplete: undecided.length > 0 || items.some(({ value }) => value.sent?.some(({ isDecided }) => !isDecided)),
  };
}

/** A token of `-H` is for the gateway, and not for whoever reads the document. */
const describeRequest = ({ headers, ...request }: Request, url: string): Record<string, unknown> => ({
  // Without a password that it may have.
  url: url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/?#]*@/i, '$1'),
  ...request,
  headers: withoutNamedSecrets(Object.fromEntries(headers)),
});

export const hasDeviations = (items: readonly OnPods<ExplanationItem>[]): boolean =>
  items.some(({ value }) => value.sent?.some((one) => one.differs.length > 0));

/**
 * The name of a route configuration that can be read in several ways is looked up among the Gateways; where these may
 * not be read, istiod's rules for names stand.
 */
async function withGatewaysOf(
  source: Source,
  items: readonly OnPods<Explanation>[],
): Promise<readonly OnPods<Explanation>[]> {
  const isUnsure = ({ value }: OnPods<Explanation>): boolean => hasSeveralReadings(value.routeConfiguration ?? '');
  if (!items.some(isUnsure)) return items;
  const gateways = await triedTo(source.list('gateways'));
  if ('failed' in gateways) return items;
  const existing = gateways.ok.map((gateway) => refOf('Gateway', gateway));
  return items.map((item) => {
    const gateway = gatewayOfRoutes(item.value.routeConfiguration ?? '', { existing });
    return isUnsure(item) && gateway ? { ...item, value: { ...item.value, gateway } } : item;
  });
}

type Way = Pick<Sending, 'pods' | 'port' | 'isClosing'>;

/** Sends, and looks for what the access logs have of it; not where the request has a User-Agent of others. */
async function sendAndLook(
  source: Source,
  { wire, userAgent, count, ...way }: ToSend & Way,
  asking: Asking,
): Promise<SentByPod> {
  const began = new Date();
  const watch = async (): Promise<ClosedWatch | undefined> => {
    const { watchClosed } = await import('#questions/logs/logged-requests.ts');
    return watchClosed(asking, source, wire.tls?.serverName, began);
  };
  const sent = await sendThrough(source, { ...way, request: wire, count, watch });
  const came = [...sent.values()].flat().filter(({ code }) => code !== undefined);
  if (came.length === 0 || !wire.headers.some(([name, value]) => name === 'user-agent' && value === userAgent))
    return sent;
  asking.progress('waiting for the lines of the access log');
  const { loggedBy } = await import('#questions/logs/logged-requests.ts');
  const logged = await loggedBy(asking, source, userAgent, came.length);
  return new Map([...sent].map(([pod, all]) => [pod, withLines(all, logged.get(pod) ?? [])]));
}

/** The requests of a pod were sent one after the other, and so are its lines: where one is missing, none can be told. */
function withLines(sent: readonly SentOne[], lines: readonly Logged[]): readonly SentOne[] {
  const answered = sent.filter(({ code }) => code !== undefined);
  return lines.length === answered.length
    ? sent.map((one) => (one.code === undefined ? one : { ...one, logged: lines[answered.indexOf(one)] }))
    : sent;
}

export const withSent = (
  items: readonly OnPods<Explanation>[],
  sent: SentByPod | undefined,
): readonly OnPods<ExplanationItem>[] =>
  sent === undefined
    ? items
    : items.map((item) => {
        const through = sentThroughPodsOf(item, sent);
        return { ...item, value: { ...withoutSettled(item.value, through), sent: through } };
      });

const sentThroughPodsOf = ({ value, pods }: OnPods<Explanation>, sent: SentByPod): Sent[] =>
  pods.flatMap((pod) => sent.get(pod) ?? []).map((one) => ({ ...one, differs: deviations(value, one) }));
