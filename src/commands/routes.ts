// `routes`: the whole match and the whole action of every route that the gateway serves, on every pod.

import { type RouteFilter, routeFilter } from '#analysis/select/routes.ts';
import { answer, defineCommand, outputFormats } from '#command/command.ts';
import type { Admin } from '#core/admin.ts';
import { hasAnswered } from '#core/fleet.ts';
import { withoutSecrets } from '#dump/redaction.ts';
import { readRoutes } from '#dump/routes.ts';
import { fetchConfigDump } from '#envoy/config-dump.ts';
import { mapOutcomes, mergePods, type Sharing, sharing } from '#model/merge-pods.ts';
import { compareRouteRows, type RouteRow, routeRowContent, rowsOfRoutes } from '#model/route.ts';
import { envoyRoutes } from '#render/format/envoy.ts';
import { routesView } from '#render/views/routes.ts';
import { someOf } from '#render/words/phrase.ts';

export default defineCommand({
  name: 'routes',
  aliases: ['route'],
  group: 'look',
  summary: 'List the routes that every gateway pod serves, with their whole match and action',
  details: `Routes stand in the order in which Envoy tries them: the first that matches wins. A route that some pods lack names
the pods that have it. --path keeps the routes whose path matcher accepts that path; other conditions still apply.`,
  examples: [
    { args: 'routes', describe: 'every route of every pod, equal ones once' },
    {
      args: 'routes --host svc1.discovery.wmnet --path /v2/items/3',
      describe: 'which routes can a path of a host take?',
    },
    { args: 'routes --for svc2', describe: 'what concerns the services of a namespace?' },
    { args: 'routes --pod NAME -o envoy', describe: 'the JSON that istioctl proxy-config routes -o json prints' },
  ],
  outputs: outputFormats,
  flags: {
    host: {
      type: 'string',
      value: 'HOST',
      completes: 'host',
      describe: 'routes of the virtual hosts that serve this host, or whose domain matches the pattern',
    },
    path: { type: 'string', value: 'PATH', describe: 'routes whose path matcher accepts this path' },
    port: { type: 'number', value: 'PORT', describe: "the Gateway's port, or the listener's" },
    service: {
      type: 'string',
      value: 'NAME',
      describe: 'routes to this service: NAME, NAMESPACE/NAME or FQDN; patterns allowed',
    },
    vs: {
      type: 'string',
      value: 'NAME',
      completes: 'virtualservice',
      describe: 'routes of this VirtualService: NAME or NAMESPACE/NAME; patterns allowed',
    },
    name: {
      type: 'string',
      value: 'NAME',
      describe: 'routes of this route configuration, or with this name; patterns allowed',
    },
    for: { type: 'string', value: 'NS[/NAME]', describe: 'what concerns the owner of this namespace or service' },
  },
  run: async (context, flags) => {
    const source = await context.source();
    const shared = sharing(routeRowContent);
    const pods = await source.everyPod((admin) => fetchRoutes(admin, shared, context.output === 'envoy'));
    const read = mapOutcomes(pods, ({ rows }) => rows);
    const all = mergePods(read.filter(hasAnswered), shared.content, compareRouteRows);
    const wanted = routeFilter(flags as RouteFilter);
    const items = all.filter(({ value }) => wanted(value));
    return answer({
      view: routesView,
      gateway: await source.gateway(),
      pods,
      items,
      envoy: mapOutcomes(pods, ({ raw }) => raw),
      notes: items.length === 0 ? [nothingFound(all.map(({ value }) => value))] : [],
    });
  },
});

interface PodRoutes {
  readonly rows: readonly RouteRow[];
  /** Only for `-o envoy`. */
  readonly raw: unknown;
}

async function fetchRoutes(admin: Admin, shared: Sharing<RouteRow>, keepRaw: boolean): Promise<PodRoutes> {
  const dynamic = await fetchConfigDump(admin, { resource: 'dynamic_route_configs' });
  const rows = shared.keep(rowsOfRoutes(readRoutes(dynamic)));
  if (!keepRaw) return { rows, raw: undefined };
  // Those of the bootstrap (Prometheus, the readiness probe) are no Gateway's, but istioctl prints them.
  const fixed = await fetchConfigDump(admin, { resource: 'static_route_configs' });
  return { rows, raw: envoyRoutes(await withoutSecrets(dynamic), await withoutSecrets(fixed)) };
}

function nothingFound(all: readonly RouteRow[]): string {
  if (all.length === 0) return 'no routes: no Gateway and VirtualService reach this gateway';
  return `no route matches; hosts that exist: ${someOf(all.flatMap((row) => row.domains))}`;
}
