// `explain URL`: what happens to a request, on every pod.

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gatewayOfRoutes, hasSeveralReadings } from '#analysis/istio/route-configuration-name.ts';
import { refOf } from '#analysis/istio/virtual-service-binding.ts';
import { backendsIn } from '#analysis/request/backends.ts';
import { clientRequest } from '#analysis/request/client-request.ts';
import { partingOf } from '#analysis/request/disagreement.ts';
import { containerPortsOf, entryFor, hasNamedTargets, servicePortsFor } from '#analysis/request/entry.ts';
import { readExpectation, unmetExpectations } from '#analysis/request/expectation.ts';
import { explain, explainListeners } from '#analysis/request/explain.ts';
import { namespacesOf, withBackends } from '#analysis/request/explained-backends.ts';
import { chooseFilterChain, connectionOf } from '#analysis/request/filter-chain.ts';
import { typedRequest } from '#analysis/request/logged-request.ts';
import { isTcp, listensOn, reachedListeners, targetOf } from '#analysis/request/reached-listener.ts';
import { readRequest } from '#analysis/request/request.ts';
import { clustersTaken } from '#analysis/request/route-outcome.ts';
import { asksForRuntime } from '#analysis/request/runtime-use.ts';
import { deviations } from '#analysis/request/sent.ts';
import { secretsOf } from '#analysis/request/served-chain.ts';
import { answer, type Context, defineCommand } from '#command/command.ts';
import type { Admin } from '#core/admin.ts';
import type { ClientRequest } from '#core/client-request.ts';
import { ToolError } from '#core/error.ts';
import { type Gateway, hasAnswered, type Pod } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';
import { readClusters } from '#dump/clusters.ts';
import { readListeners } from '#dump/listeners.ts';
import { readRoutes } from '#dump/routes.ts';
import { readRuntime } from '#dump/runtime.ts';
import { readSecrets } from '#dump/secrets.ts';
import { readServerInfo } from '#dump/server-info.ts';
import { fetchJson } from '#envoy/admin.ts';
import { fetchConfigDump, maskFor } from '#envoy/config-dump.ts';
import { regexOfNames } from '#envoy/name-regex.ts';
import type { AccessEntry } from '#model/access-log.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import {
  compareExplanations,
  type Entry,
  type Explanation,
  type ExplanationItem,
  explanationContent,
  type Sent,
} from '#model/explanation.ts';
import type { Listener } from '#model/listener.ts';
import { mergePods, type Shared } from '#model/merge-pods.ts';
import type { Request } from '#model/request.ts';
import { explainView } from '#render/views/explain.ts';
import { someOf } from '#render/words/phrase.ts';
import { listSlices } from '#source/endpoint-slices.ts';
import { fetchEndpoints } from '#source/pod-configuration.ts';
import { sendThrough } from '#source/send-request.ts';

export default defineCommand({
  name: 'explain',
  group: 'ask',
  summary: 'What happens to a URL: listener, certificate, route, service, endpoint, on every pod',
  details: `Decided from the live configuration as Envoy would decide it; nothing is sent without --send. Filters that may answer first are named as
caveats. --expect makes the exit code 1 when a pod would answer otherwise. With --send the request is sent as well, by a User-Agent that
names this tool, and the exit code is 1 where what comes, or what the access log has of it, is not what was predicted. --request-id takes the
request from its line in the access logs instead, and holds what came of it against what would come now.`,
  examples: [
    { args: 'explain https://svc1.discovery.wmnet/two', describe: 'the whole way of a request' },
    {
      args: "explain https://svc1.discovery.wmnet/v2/items/3 -H 'x-client: beta'",
      describe: 'with a header that a route asks for',
    },
    { args: 'explain https://svc1.discovery.wmnet/two --send --pod NAME', describe: 'and send it through one pod' },
    {
      args: 'explain --request-id 1cdeabc6-7961-45f5-a17b-af59820f8b6e',
      describe: 'a request that a client had sent, by its X-Request-Id: what came of it, and was it to be expected',
    },
    {
      args: 'explain http://svc1.discovery.wmnet/ --expect code=301',
      describe: 'for scripts: exit 1 when it is not so',
    },
  ],
  arguments: [
    {
      name: 'URL',
      describe: 'https://HOST[:PORT]/PATH; https where no scheme is given',
      optional: true,
      completes: 'url',
    },
  ],
  flags: {
    method: { type: 'string', short: 'X', value: 'METHOD', describe: 'method of the request (GET)' },
    header: {
      type: 'strings',
      short: 'H',
      value: "'NAME: VALUE'",
      raw: true,
      describe: 'header of the request; may be repeated',
    },
    sni: { type: 'string', value: 'NAME', describe: "TLS server name where it is not the URL's host" },
    'client-cert': { type: 'boolean', describe: 'the client brings a certificate that the gateway accepts' },
    'request-id': {
      type: 'string',
      value: 'ID',
      describe: "in place of the URL: the request with this X-Request-Id, from the pods' access logs",
    },
    since: { type: 'duration', value: 'TIME', describe: 'how far --request-id looks back (1h)' },
    send: {
      type: 'boolean',
      describe:
        'also send it through every pod, past the load balancer, and compare; the first pod alone, then the others',
    },
    'allow-unsafe': { type: 'boolean', describe: 'let --send send other methods than GET, HEAD and OPTIONS' },
    cert: {
      type: 'string',
      value: 'FILE',
      completes: 'file',
      describe: 'with --send: PEM of the certificate and key of the client; its key may be in --key',
    },
    key: { type: 'string', value: 'FILE', completes: 'file', describe: 'with --send: PEM of the key of the client' },
    expect: {
      type: 'strings',
      value: 'KEY=VALUE',
      describe:
        'code=, cluster=, route=, virtualservice=, location=, host=: exit 1 where a pod would do otherwise; patterns allowed',
    },
  },
  run: async (context, flags, [url]) => {
    const expectations = flags.expect.map(readExpectation);
    checkTogether(url, flags);
    const logged =
      flags['request-id'] === undefined
        ? undefined
        : await findLogged(context, flags['request-id'], flags.since ?? defaultSinceMs);
    const hasClientCertificate = flags['client-cert'] || flags.cert !== undefined;
    const typed = logged
      ? typedRequest(logged.entry)
      : { url: url as string, method: flags.method ?? 'GET', headers: [], sni: flags.sni, hasClientCertificate };
    const { request, port } = readRequest({ ...typed, headers: [...typed.headers, ...flags.header] });
    const userAgent = `kubectl-istio-ingress/${context.version} (explain --send ${randomUUID().slice(0, 8)})`;
    const wire = flags.send
      ? clientRequest(
          request,
          await readIdentity(flags.cert, flags.key),
          flags['allow-unsafe'] ? 'any' : 'safe',
          userAgent,
        )
      : undefined;
    const source = await context.source();
    if (wire && source.asOf)
      throw new ToolError('usage', '--send sends through the cluster, and --from is a directory');
    const gateway = await source.gateway();
    const entry = entryFor(port, await servicePorts(source, gateway, context));
    const pods = await source.everyPod(async (admin) => [
      explain(await fetchFor(admin, request, entry), request, entry),
    ]);
    const items = mergePods(pods.filter(hasAnswered), explanationContent, compareExplanations);
    const answered = pods.filter(hasAnswered).map(({ pod }) => pod);
    const sent = logged
      ? logged.sent
      : wire && (await sendAndLook(context, { source, pods: answered, port: entry.listenerPort, wire, userAgent }));
    const backendOf = await lookUpBackends(
      source,
      items.map(({ value }) => value),
    );
    const gatewayNamed = await lookUpGateways(
      source,
      items.map(({ value }) => value),
    );
    const told = items.map(({ value, ...item }) =>
      withSent({ ...item, value: withBackends(gatewayNamed(value), backendOf) }, sent),
    );
    const unmet = items.flatMap((item) => unmetExpectations(item, expectations));
    const differs = told.some(({ value }) => value.sent?.some((one) => one.differs.length > 0));
    return answer<(typeof told)[number]>({
      view: explainView,
      gateway,
      pods,
      items: told,
      extra: { request: describeRequest(request, typed.url), ...partingField(items.map(({ value }) => value)) },
      notes: [...unmet, ...(differs && logged ? headersNote(items.map(({ value }) => value)) : [])],
      findings: unmet.length > 0 || differs,
    });
  },
});

const defaultSinceMs = 3_600_000;

interface Given {
  readonly 'request-id': string | undefined;
  readonly since: number | undefined;
  readonly send: boolean;
  readonly sni: string | undefined;
  readonly method: string | undefined;
}

function checkTogether(url: string | undefined, { 'request-id': id, since, send, sni, method }: Given): void {
  const wrong = (message: string): ToolError =>
    new ToolError('usage', message, { hint: 'see: kubectl istio-ingress explain --help' });
  if (url === undefined && id === undefined) throw wrong('explain takes a URL, or --request-id');
  if (id === undefined && since !== undefined) throw wrong('--since is how far --request-id looks back');
  if (id === undefined) return;
  if (url !== undefined)
    throw wrong('a URL and --request-id exclude each other: the line of the access log has the URL');
  if (send) throw wrong('--send and --request-id exclude each other: send it again by its URL');
  if (method !== undefined)
    throw wrong('-X and --request-id exclude each other: the line of the access log has the method');
  if (sni !== undefined)
    throw wrong('--sni and --request-id exclude each other: the line of the access log has the server name');
}

type SentTo = ReadonlyMap<string, Omit<Sent, 'differs'>>;

/** What is to be explained, and what came of it, from its line in the logs. */
async function findLogged(
  context: Context,
  id: string,
  sinceMs: number,
): Promise<{ readonly entry: AccessEntry; readonly sent: SentTo }> {
  const source = await context.source();
  if (source.asOf)
    throw new ToolError(
      'usage',
      '--request-id looks into the logs of the pods, and --from is a directory without them',
    );
  const { requestById, sentByClient } = await import('#questions/logs/logged-requests.ts');
  const request = await requestById(context, source, id, new Date(context.now.getTime() - sinceMs));
  return { entry: request.entry, sent: new Map([[request.pod, sentByClient(request)]]) };
}

interface ToSend {
  readonly source: Source;
  readonly pods: readonly Pod[];
  readonly port: number;
  readonly wire: ClientRequest;
  /** Of this run alone. */
  readonly userAgent: string;
}

/** Sends, and looks for what the access logs have of it; not where the request has a User-Agent of others. */
async function sendAndLook(context: Context, { source, pods, port, wire, userAgent }: ToSend): Promise<SentTo> {
  const sent = await sendThrough(source, pods, port, wire);
  const came = [...sent.values()].filter(({ code }) => code !== undefined);
  if (came.length === 0 || !wire.headers.some(([name, value]) => name === 'user-agent' && value === userAgent))
    return sent;
  context.progress('waiting for the lines of the access log');
  const { loggedBy } = await import('#questions/logs/logged-requests.ts');
  const logged = await loggedBy(context, source, userAgent, came.length);
  return new Map([...sent].map(([pod, one]) => [pod, { ...one, logged: logged.get(pod) }]));
}

const withSent = (item: Shared<Explanation>, sent: SentTo | undefined): Shared<ExplanationItem> => ({
  ...item,
  value: {
    ...item.value,
    ...(sent && {
      sent: item.pods.flatMap((pod) =>
        [sent.get(pod)].flatMap((one) => (one ? [{ ...one, differs: deviations(item.value, one) }] : [])),
      ),
    }),
  },
});

/** Routes may ask for headers that the client had sent and nobody has logged. */
function headersNote(explanations: readonly Explanation[]): string[] {
  const asked = explanations.flatMap(({ misses }) => misses.flatMap(({ mismatches }) => mismatches));
  const names = [
    ...new Set(
      asked.flatMap(({ condition, name, actual }) => (condition === 'header' && actual === undefined ? [name] : [])),
    ),
  ];
  if (names.length === 0) return [];
  return [
    `the access log does not have every header of the request, and routes ask for ${someOf(names)}: where the client had sent it, add it with -H`,
  ];
}

/** Absent where the pods agree. */
function partingField(explanations: readonly Explanation[]): { readonly parting?: string } {
  const parting = partingOf(explanations);
  return parting === undefined ? {} : { parting };
}

/** Pods and nodes of endpoints are an extra: without EndpointSlices the answer stands. */
async function lookUpBackends(
  source: Source,
  explanations: readonly Explanation[],
): Promise<ReturnType<typeof backendsIn>> {
  const namespaces = namespacesOf(explanations);
  try {
    return backendsIn(await listSlices(source, namespaces), namespaces);
  } catch (error) {
    if (!(error instanceof ToolError) || error.code === 'interrupted') throw error;
    return () => undefined;
  }
}

/** Where a name can be read in several ways, the Gateways tell; where these may not be read, istiod's rules for names. */
async function lookUpGateways(
  source: Source,
  explanations: readonly Explanation[],
): Promise<(explanation: Explanation) => Explanation> {
  const isUnsure = ({ routeConfiguration = '' }: Explanation): boolean => hasSeveralReadings(routeConfiguration);
  if (!explanations.some(isUnsure)) return (explanation) => explanation;
  try {
    const existing = (await source.list('gateways')).map((gateway) => refOf('Gateway', gateway));
    return (explanation) => {
      const gateway = gatewayOfRoutes(explanation.routeConfiguration ?? '', { existing });
      return isUnsure(explanation) && gateway ? { ...explanation, gateway } : explanation;
    };
  } catch (error) {
    if (!(error instanceof ToolError) || error.code === 'interrupted') throw error;
    return (explanation) => explanation;
  }
}

/** PEM of a client's certificate and key. */
async function readIdentity(
  cert: string | undefined,
  key: string | undefined,
): Promise<{ readonly certificate?: string; readonly key?: string }> {
  if (cert === undefined) return {};
  const certificate = await readPem(cert);
  return { certificate, ...(key === undefined ? {} : { key: await readPem(key) }) };
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ToolError('usage', `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

const describeRequest = ({ headers, ...request }: Request, url: string): Record<string, unknown> => ({
  url,
  ...request,
  headers: Object.fromEntries(headers),
});

/** Services may be forbidden: then istio's usual ports are assumed, and said. */
async function servicePorts(
  source: Source,
  gateway: Gateway,
  context: Context,
): Promise<ReturnType<typeof servicePortsFor>> {
  const [pod] = gateway.pods;
  try {
    const services = await source.list('services', { namespace: gateway.namespace });
    const object = pod && hasNamedTargets(services) ? await source.read('pods', pod.namespace, pod.name) : undefined;
    return servicePortsFor(services, pod?.labels ?? {}, object ? containerPortsOf(object) : new Map());
  } catch (error) {
    if (!(error instanceof ToolError) || error.code === 'interrupted') throw error;
    context.warn(`cannot read the gateway's Services, so 443 is taken for 8443 and 80 for 8080: ${error.message}`);
    return [];
  }
}

/** Only what the request touches: one listener, one route configuration, its clusters and certificates. */
async function fetchFor(admin: Admin, request: Request, entry: Entry): Promise<PodConfiguration> {
  const proxy = readServerInfo(await fetchJson(admin, { path: 'server_info' }));
  const listeners = await fetchListeners(admin, entry.listenerPort, proxy.envoyVersion);
  const reached = reachedListeners(listeners, targetOf(entry.listenerPort, request, admin.pod.ip));
  const { routes, secrets, clusters } = namesFor(reached, request, entry);
  const routeConfigurations =
    routes.length === 0
      ? []
      : readRoutes(
          await fetchConfigDump(admin, { resource: 'dynamic_route_configs', nameRegex: regexOfNames(routes) }),
        );
  const known: PodConfiguration = {
    envoyVersion: proxy.envoyVersion,
    podIp: admin.pod.ip,
    listeners,
    routeConfigurations,
    secrets: await fetchSecrets(admin, secrets),
    clusters: [],
    endpoints: [],
  };
  const withRuntime = asksForRuntime(known) ? { ...known, runtime: await fetchRuntime(admin, known) } : known;
  const named = [...clusters, ...clustersFor(withRuntime, request, entry)];
  return { ...withRuntime, ...(await fetchClusters(admin, named)) };
}

/** The whole dump is made for it, so only where a route asks for a key; a mask can make an old Envoy crash. */
async function fetchRuntime(admin: Admin, { envoyVersion }: PodConfiguration): Promise<PodConfiguration['runtime']> {
  const query = maskFor(envoyVersion, ['bootstrap.layered_runtime']);
  return query.mask === undefined ? undefined : readRuntime(await fetchJson(admin, { path: 'config_dump', query }));
}

/** Where nothing listens on the port, all listeners are asked for, to say which ports there are. */
async function fetchListeners(admin: Admin, port: number, envoyVersion: string): Promise<readonly Listener[]> {
  const named = readListeners(await fetchConfigDump(admin, { resource: 'dynamic_listeners', nameRegex: `.*_${port}` }));
  if (named.some((listener) => isTcp(listener) && listensOn(listener, port))) return named;
  const states = [
    'name',
    'active_state.last_updated',
    'warming_state.last_updated',
    'draining_state.last_updated',
    'error_state.details',
  ];
  const all = readListeners(
    await fetchConfigDump(admin, { resource: 'dynamic_listeners', ...maskFor(envoyVersion, states) }),
  );
  const fixed = readListeners(await fetchConfigDump(admin, { resource: 'static_listeners' }));
  return [...named, ...all, ...fixed];
}

interface Names {
  readonly routes: readonly string[];
  readonly secrets: readonly string[];
  /** Of a TCP proxy. */
  readonly clusters: readonly string[];
}

/** Of all listeners that the connection may reach. */
function namesFor(reached: readonly Listener[], request: Request, entry: Entry): Names {
  const chains = reached.flatMap(
    (listener) => chooseFilterChain(listener, connectionOf(listener, request, entry.listenerPort)).chain ?? [],
  );
  const handlers = chains.map(({ handler }) => handler);
  return {
    routes: handlers.flatMap((handler) => (handler.kind === 'http' ? (handler.routeConfiguration ?? []) : [])),
    secrets: chains.flatMap(({ tls }) => secretsOf(tls)),
    clusters: handlers.flatMap((handler) =>
      handler.kind === 'tcp' ? handler.clusters.map(({ cluster }) => cluster) : [],
    ),
  };
}

async function fetchSecrets(admin: Admin, names: readonly string[]): Promise<PodConfiguration['secrets']> {
  if (names.length === 0) return [];
  return readSecrets(
    await fetchConfigDump(admin, { resource: 'dynamic_active_secrets', nameRegex: regexOfNames(names) }),
  );
}

/** The clusters of the routes that the answer names, found by explaining without them. */
function clustersFor(known: PodConfiguration, request: Request, entry: Entry): string[] {
  return explainListeners(known, request, entry).flatMap(({ outcomes }) =>
    outcomes.flatMap(({ route }) => (route ? clustersTaken(route.action, request, known.runtime) : [])),
  );
}

/** istiod's clusters; the bootstrap's (`agent`, `prometheus_stats`) only where one of them is meant. */
async function fetchClusters(
  admin: Admin,
  names: readonly string[],
): Promise<Pick<PodConfiguration, 'clusters' | 'endpoints'>> {
  if (names.length === 0) return { clusters: [], endpoints: [] };
  const wanted = new Set(names);
  const dynamic = readClusters(
    await fetchConfigDump(admin, { resource: 'dynamic_active_clusters', nameRegex: regexOfNames(names) }),
  );
  const known = new Set(dynamic.map(({ name }) => name));
  const fixed = names.every((name) => known.has(name))
    ? []
    : readClusters(await fetchConfigDump(admin, { resource: 'static_clusters' }));
  const endpoints = await fetchEndpoints(admin);
  return { clusters: [...dynamic, ...fixed], endpoints: endpoints.filter(({ cluster }) => wanted.has(cluster)) };
}
