// `listeners`: where every gateway pod listens, and what it does with a connection by its server name.

import { entriesFor } from '#analysis/request/entry.ts';
import { listenerFilter } from '#analysis/select/listeners.ts';
import { answer, type Context, defineCommand, outputFormats } from '#command/command.ts';
import type { Admin } from '#core/admin.ts';
import { ToolError } from '#core/error.ts';
import { hasAnswered } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';
import { dumpOf } from '#dump/elements.ts';
import { readListeners } from '#dump/listeners.ts';
import { withoutSecrets } from '#dump/redaction.ts';
import { fetchConfigDump } from '#envoy/config-dump.ts';
import type { Entry } from '#model/explanation.ts';
import { compareListenerRows, type ListenerRow, listenerRowContent, rowsOfListeners } from '#model/listener-row.ts';
import { mapOutcomes, mergePods, type Sharing, sharing } from '#model/merge-pods.ts';
import { envoyListeners } from '#render/format/envoy.ts';
import { listenersView } from '#render/views/listeners.ts';
import { someOf } from '#render/words/phrase.ts';

export default defineCommand({
  name: 'listeners',
  aliases: ['listener'],
  group: 'look',
  summary: 'List where every gateway pod listens: server names, TLS, certificate, and where the connections go',
  details: `A line for each filter chain: Envoy takes the one whose server name fits best. Updates that Envoy rejected, and listeners that
warm or drain, are lines of their own. -o envoy has the whole listeners in which something matches.`,
  examples: [
    { args: 'listeners', describe: 'every filter chain of every pod, equal ones once' },
    { args: 'listeners --host svc1.discovery.wmnet', describe: 'which certificate and which routes does a host get?' },
    { args: 'listeners --port 8445', describe: 'what happens on one port?' },
    { args: 'listeners --pod NAME -o envoy', describe: 'the JSON that istioctl proxy-config listeners -o json prints' },
  ],
  outputs: outputFormats,
  flags: {
    host: {
      type: 'string',
      value: 'HOST',
      completes: 'host',
      describe: 'filter chains that serve this host, or with a server name that matches the pattern',
    },
    port: {
      type: 'number',
      value: 'PORT',
      describe: "the listener's port, or one of the gateway's Service, which Gateways name",
    },
    name: {
      type: 'string',
      value: 'NAME',
      describe: 'listeners, filter chains or route configurations with this name; patterns allowed',
    },
  },
  run: async (context, flags) => {
    const source = await context.source();
    const entry = flags.port === undefined ? undefined : await entryOf(flags.port, source, context);
    const wanted = listenerFilter({ ...flags, listenerPort: entry?.listenerPort });
    const shared = sharing(listenerRowContent);
    const pods = await source.everyPod((admin) => fetchListeners(admin, shared, wanted, context.output === 'envoy'));
    const all = mergePods(
      mapOutcomes(pods, ({ rows }) => rows).filter(hasAnswered),
      shared.content,
      compareListenerRows,
    );
    const items = all.filter(({ value }) => wanted(value));
    return answer({
      view: listenersView,
      gateway: await source.gateway(),
      pods,
      items,
      envoy: mapOutcomes(pods, ({ raw }) => raw),
      notes: [...describeEntry(entry), ...(items.length === 0 ? [nothingFound(all.map(({ value }) => value))] : [])],
    });
  },
});

/** By the gateway's Service; these may be forbidden: then istio's usual ports are assumed, and said. */
async function entryOf(port: number, source: Source, context: Context): Promise<Entry> {
  const { namespace, pods } = await source.gateway();
  try {
    return entriesFor(await source.list('services', { namespace }), pods[0]?.labels ?? {}, namespace)(port);
  } catch (error) {
    if (!(error instanceof ToolError) || error.code === 'interrupted') throw error;
    context.warn(`cannot read the gateway's Services, so 443 is taken for 8443 and 80 for 8080: ${error.message}`);
    // Said already: no note besides.
    return { ...entriesFor([], {}, namespace)(port), by: 'listener port' };
  }
}

/** Nothing where the listener's own port was given. */
function describeEntry(entry: Entry | undefined): string[] {
  if (entry === undefined || entry.by === 'listener port' || entry.port === entry.listenerPort) return [];
  const { port, listenerPort, by, service } = entry;
  if (by === 'usual port') return [`${port} is taken for ${listenerPort}: no Service of the gateway says otherwise`];
  return [
    `${by === 'node port' ? 'NodePort' : 'port'} ${port} of Service ${service} is port ${listenerPort} of its pods`,
  ];
}

interface PodListeners {
  readonly rows: readonly ListenerRow[];
  /** Only for `-o envoy`. */
  readonly raw: unknown;
}

async function fetchListeners(
  admin: Admin,
  shared: Sharing<ListenerRow>,
  wanted: (row: ListenerRow) => boolean,
  keepRaw: boolean,
): Promise<PodListeners> {
  const [dynamic, fixed] = await Promise.all([
    fetchConfigDump(admin, { resource: 'dynamic_listeners' }),
    fetchConfigDump(admin, { resource: 'static_listeners' }),
  ]);
  const rows = (...dumps: readonly unknown[]): ListenerRow[] => rowsOfListeners(dumps.flatMap(readListeners));
  const isWanted = (element: object): boolean => rows({ configs: [element] }).some(wanted);
  const raw = keepRaw
    ? envoyListeners(await withoutSecrets(dumpOf(dynamic, isWanted)), await withoutSecrets(dumpOf(fixed, isWanted)))
    : undefined;
  return { rows: shared.keep(rows(dynamic, fixed)), raw };
}

function nothingFound(all: readonly ListenerRow[]): string {
  if (all.length === 0) return 'no listeners: no Gateway reaches this gateway';
  const names = all.flatMap(({ chain }) => chain?.match.serverNames ?? []);
  const ports = all.map(({ port }) => String(port));
  return `no filter chain matches; ports that exist: ${someOf(ports)}; server names: ${someOf(names) || 'none'}`;
}
