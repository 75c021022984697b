// `endpoints`: the addresses that every gateway pod's Envoy balances over, with their health and the pods behind them.

import { backendsIn, serviceOfCluster } from '#analysis/request/backends.ts';
import { select, type Wanted } from '#analysis/select/clusters.ts';
import { routedClusters } from '#analysis/select/routed-clusters.ts';
import { answer, defineCommand, outputFormats } from '#command/command.ts';
import type { Admin } from '#core/admin.ts';
import { ToolError } from '#core/error.ts';
import { hasAnswered } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';
import { readClusterNames, readEndpoints } from '#dump/endpoints.ts';
import { withoutSecrets } from '#dump/redaction.ts';
import { fetchJson } from '#envoy/admin.ts';
import { type EndpointMerge, type EndpointRow, endpointMerge, rowsOfEndpoints } from '#model/endpoint-row.ts';
import { mapOutcomes } from '#model/merge-pods.ts';
import { type SelectionSum, selectionSum } from '#model/selection.ts';
import { envoyEndpoints } from '#render/format/envoy.ts';
import { endpointsView } from '#render/views/endpoints.ts';
import { describeSelection } from '#render/words/describe-selection.ts';
import { listSlices } from '#source/endpoint-slices.ts';
import { fetchListeners, fetchRoutes } from '#source/pod-configuration.ts';

const healths = ['healthy', 'degraded', 'unhealthy', 'draining', 'none'] as const;

export default defineCommand({
  name: 'endpoints',
  aliases: ['endpoint'],
  group: 'look',
  summary: 'List the endpoints of the services that the ingress routes to, with their health and the pods behind them',
  details: `Health is what Envoy itself goes by: EDS, health checks, ejection by outlier detection. Endpoints that are alike on every pod are
one line; counters (-o wide) are summed up over the pods and are no difference. Pods and nodes come from EndpointSlices, where they may be read.`,
  examples: [
    { args: 'endpoints --host svc1.discovery.wmnet', describe: 'what serves this host?' },
    { args: 'endpoints --health unhealthy,none', describe: 'what is wrong?' },
    { args: 'endpoints --service svc2-tls-service -o wide', describe: 'with outlier state, counters and locality' },
    {
      args: 'endpoints --whole-mesh --pod NAME -o envoy',
      describe: 'the JSON that istioctl proxy-config endpoints -o json prints',
    },
  ],
  outputs: outputFormats,
  flags: {
    host: {
      type: 'string',
      value: 'HOST',
      completes: 'host',
      describe: 'endpoints that routes and passthrough chains of this host lead to; patterns allowed',
    },
    path: { type: 'string', value: 'PATH', describe: 'endpoints of the routes whose path matcher accepts this path' },
    vs: {
      type: 'string',
      value: 'NAME',
      completes: 'virtualservice',
      describe: 'endpoints that this VirtualService leads to: NAME or NAMESPACE/NAME; patterns allowed',
    },
    port: { type: 'number', value: 'PORT', describe: "the Service's port" },
    service: {
      type: 'string',
      value: 'NAME',
      describe: 'endpoints of this service: NAME, NAMESPACE/NAME or FQDN; patterns allowed',
    },
    name: {
      type: 'string',
      value: 'NAME',
      describe: "endpoints of the cluster with this name of Envoy's; patterns allowed",
    },
    for: { type: 'string', value: 'NS[/NAME]', describe: 'what concerns the owner of this namespace or service' },
    health: {
      type: 'strings',
      value: 'STATE',
      choices: healths,
      describe: 'endpoints in these states; none: clusters without endpoints; may be repeated',
    },
    'whole-mesh': { type: 'boolean', describe: 'also the endpoints of clusters that the ingress does not route to' },
  },
  run: async (context, { 'whole-mesh': wholeMesh, health, ...filter }) => {
    const source = await context.source();
    const gathered: Gathered = {
      merge: endpointMerge(),
      selections: selectionSum(),
      health,
      keepRaw: context.output === 'envoy',
    };
    const pods = await source.everyPod((admin) => fetchFor(admin, { filter, wholeMesh }, gathered));
    const merged = gathered.merge.merge(mapOutcomes(pods, ({ rows }) => rows).filter(hasAnswered));
    const { backendOf, note } = await lookUpBackends(
      source,
      merged.map(({ value }) => value),
    );
    return answer({
      view: endpointsView,
      gateway: await source.gateway(),
      pods,
      items: merged.map((item) => ({ ...item, backend: backendOf(item.value) })),
      envoy: mapOutcomes(pods, ({ raw }) => raw),
      notes: [...note, ...describeSelection('endpoint', merged.length, gathered.selections.sum)],
    });
  },
});

interface Gathered {
  readonly merge: EndpointMerge;
  readonly selections: SelectionSum;
  readonly health: readonly string[];
  readonly keepRaw: boolean;
}

interface PodEndpoints {
  readonly rows: readonly EndpointRow[];
  /** Only for `-o envoy`. */
  readonly raw: unknown;
}

async function fetchFor(
  admin: Admin,
  wanted: Wanted,
  { merge, selections, health, keepRaw }: Gathered,
): Promise<PodEndpoints> {
  const [listeners, routes, json] = await Promise.all([
    fetchListeners(admin),
    fetchRoutes(admin),
    fetchJson(admin, { path: 'clusters', query: { format: 'json' } }),
  ]);
  const routed = routedClusters(listeners, routes);
  const all = rowsOfEndpoints(readClusterNames(json), readEndpoints(json), new Set(routed.leads.keys()));
  const { rows, selection } = select(all, ({ cluster }) => cluster, routed, wanted);
  selections.add(selection);
  const names = new Set(rows.map(({ cluster }) => cluster));
  const raw = keepRaw ? envoyEndpoints(await withoutSecrets(json), names) : undefined;
  return { rows: merge.keep(rows.filter((row) => hasHealth(row, health))), raw };
}

const hasHealth = ({ endpoint }: EndpointRow, wanted: readonly string[]): boolean =>
  wanted.length === 0 || wanted.includes(endpoint?.health.toLowerCase() ?? 'none');

interface Backends {
  readonly backendOf: ReturnType<typeof backendsIn>;
  /** Why they are not known, where they are not. */
  readonly note: readonly string[];
}

/** Without EndpointSlices the answer stands, without pods and nodes. */
async function lookUpBackends(source: Source, rows: readonly EndpointRow[]): Promise<Backends> {
  const namespaces = new Set(
    rows.flatMap(({ cluster, endpoint }) => (endpoint ? (serviceOfCluster(cluster)?.namespace ?? []) : [])),
  );
  try {
    return { backendOf: backendsIn(await listSlices(source, namespaces), namespaces), note: [] };
  } catch (error) {
    if (!(error instanceof ToolError) || error.code === 'interrupted') throw error;
    return {
      backendOf: () => undefined,
      note: [`which pods and nodes are behind the endpoints is not known: ${error.message}`],
    };
  }
}
