// `clusters`: the services that the ingress routes to, as every gateway pod's Envoy has them: TLS, limits,
// DestinationRule.

import { asksByName, select, type Wanted } from '#analysis/select/clusters.ts';
import { routedClusters } from '#analysis/select/routed-clusters.ts';
import { answer, defineCommand, outputFormats } from '#command/command.ts';
import type { Admin } from '#core/admin.ts';
import { hasAnswered } from '#core/fleet.ts';
import { readClusters } from '#dump/clusters.ts';
import { dumpOf } from '#dump/elements.ts';
import { withoutSecrets } from '#dump/redaction.ts';
import { type DumpQuery, type DumpResource, fetchConfigDump } from '#envoy/config-dump.ts';
import { regexOfNames } from '#envoy/name-regex.ts';
import { type ClusterRow, clusterRowContent, compareClusterRows, rowsOfClusters } from '#model/cluster-row.ts';
import { mapOutcomes, mergePods, type Sharing, sharing } from '#model/merge-pods.ts';
import { type SelectionSum, selectionSum } from '#model/selection.ts';
import { envoyClusters } from '#render/format/envoy.ts';
import { clustersView } from '#render/views/clusters.ts';
import { describeSelection } from '#render/words/describe-selection.ts';
import { fetchListeners, fetchRoutes } from '#source/pod-configuration.ts';

export default defineCommand({
  name: 'clusters',
  aliases: ['cluster'],
  group: 'look',
  summary: 'List the services that the ingress routes to, with TLS towards them, limits and DestinationRule',
  details: `Routed to is what routes name as destination, share or mirror, and what TCP and passthrough chains lead to; --whole-mesh shows
every cluster that istiod gives to the gateway. A cluster that routes lead to and that Envoy does not have is a line of its own.`,
  examples: [
    { args: 'clusters', describe: 'every service behind the ingress: is TLS spoken to it, and is it verified?' },
    { args: 'clusters --host svc1.discovery.wmnet --path /two', describe: 'where can this URL lead?' },
    {
      args: 'clusters --service svc1/* --whole-mesh',
      describe: 'the services of a namespace, whether the ingress routes to them or not',
    },
    {
      args: 'clusters --whole-mesh --pod NAME -o envoy',
      describe: 'the JSON that istioctl proxy-config clusters -o json prints',
    },
  ],
  outputs: outputFormats,
  flags: {
    host: {
      type: 'string',
      value: 'HOST',
      completes: 'host',
      describe: 'clusters that routes and passthrough chains of this host lead to; patterns allowed',
    },
    path: { type: 'string', value: 'PATH', describe: 'clusters of the routes whose path matcher accepts this path' },
    vs: {
      type: 'string',
      value: 'NAME',
      completes: 'virtualservice',
      describe: 'clusters that this VirtualService leads to: NAME or NAMESPACE/NAME; patterns allowed',
    },
    port: { type: 'number', value: 'PORT', describe: "the Service's port" },
    service: {
      type: 'string',
      value: 'NAME',
      describe: 'clusters of this service: NAME, NAMESPACE/NAME or FQDN; patterns allowed',
    },
    name: {
      type: 'string',
      value: 'NAME',
      describe: "the cluster with this name of Envoy's, such as outbound|80||FQDN; patterns allowed",
    },
    for: { type: 'string', value: 'NS[/NAME]', describe: 'what concerns the owner of this namespace or service' },
    'whole-mesh': { type: 'boolean', describe: 'also the clusters that the ingress does not route to' },
  },
  run: async (context, { 'whole-mesh': wholeMesh, ...filter }) => {
    const source = await context.source();
    const gathered: Gathered = {
      shared: sharing(clusterRowContent),
      selections: selectionSum(),
      keepRaw: context.output === 'envoy',
    };
    const pods = await source.everyPod((admin) => fetchFor(admin, { filter, wholeMesh }, gathered));
    const items = mergePods(
      mapOutcomes(pods, ({ rows }) => rows).filter(hasAnswered),
      gathered.shared.content,
      compareClusterRows,
    );
    return answer({
      view: clustersView,
      gateway: await source.gateway(),
      pods,
      items,
      envoy: mapOutcomes(pods, ({ raw }) => raw),
      notes: describeSelection('cluster', items.length, gathered.selections.sum),
    });
  },
});

interface Gathered {
  readonly shared: Sharing<ClusterRow>;
  readonly selections: SelectionSum;
  readonly keepRaw: boolean;
}

interface PodClusters {
  readonly rows: readonly ClusterRow[];
  /** Only for `-o envoy`. */
  readonly raw: unknown;
}

async function fetchFor(admin: Admin, wanted: Wanted, { shared, selections, keepRaw }: Gathered): Promise<PodClusters> {
  // Whoever asks by name is told of what exists and is not routed to: for that, all are asked for.
  const wantsAll = wanted.wholeMesh || asksByName(wanted.filter);
  const [listeners, routes, all] = await Promise.all([
    fetchListeners(admin),
    fetchRoutes(admin),
    wantsAll ? fetchAllClusters(admin) : undefined,
  ]);
  const routed = routedClusters(listeners, routes);
  const dumps = all ?? (await fetchClusters(admin, [...routed.leads.keys()]));
  const clusters = dumps.flatMap(({ state, json }) => readClusters(json, state));
  const { rows, selection } = select(
    rowsOfClusters(clusters, new Set(routed.leads.keys())),
    ({ name }) => name,
    routed,
    wanted,
  );
  selections.add(selection);
  const names = new Set(rows.map(({ name }) => name));
  const active = keepRaw ? dumps.filter(({ state }) => state === 'active') : [];
  const shown = await Promise.all(active.map(({ json }) => withoutSecrets(only(json, names))));
  return { rows: shared.keep(rows), raw: keepRaw ? envoyClusters(...shown) : undefined };
}

const only = (json: unknown, names: ReadonlySet<string>): unknown =>
  dumpOf(json, (element) => readClusters({ configs: [element] }).some(({ name }) => names.has(name)));

interface ClusterDump {
  /** Of the elements of `dynamic_…`; static ones tell it themselves. */
  readonly state: 'active' | 'warming';
  readonly json: unknown;
}

/** The bootstrap's own only where something that is routed to is not among istiod's. */
async function fetchClusters(admin: Admin, names: readonly string[]): Promise<ClusterDump[]> {
  if (names.length === 0) return [];
  const nameRegex = shortRegex(names);
  const only = nameRegex === undefined ? {} : { nameRegex };
  const dumps = await Promise.all([
    fetchDump(admin, 'dynamic_active_clusters', only),
    fetchDump(admin, 'dynamic_warming_clusters', only),
  ]);
  const known = new Set(readClusters(dumps[0].json).map(({ name }) => name));
  return names.every((name) => known.has(name)) ? dumps : [...dumps, await fetchDump(admin, 'static_clusters', only)];
}

const fetchAllClusters = (admin: Admin): Promise<ClusterDump[]> =>
  Promise.all(
    (['dynamic_active_clusters', 'dynamic_warming_clusters', 'static_clusters'] as const).map((resource) =>
      fetchDump(admin, resource, {}),
    ),
  );

const fetchDump = async (
  admin: Admin,
  resource: DumpResource,
  only: Pick<DumpQuery, 'nameRegex'>,
): Promise<ClusterDump> => ({
  state: resource === 'dynamic_warming_clusters' ? 'warming' : 'active',
  json: await fetchConfigDump(admin, { resource, ...only }),
});

/**
 * Envoy takes 60 KiB of request headers, and compiles the expression for each request: with many names all are asked
 * for.
 */
const longestRegex = 8 * 1024;

function shortRegex(names: readonly string[]): string | undefined {
  const regex = regexOfNames(names);
  return encodeURIComponent(regex).length > longestRegex ? undefined : regex;
}
