// Where does every gateway pod listen, and what does it do with a connection by its server name?

import { type ListenerFilter, listenerFilter } from '#analysis/select/listeners.ts';
import type { Admin } from '#core/admin.ts';
import { hasAnswered } from '#core/fleet.ts';
import { someOf } from '#core/phrase.ts';
import type { Asking, QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { dumpOf } from '#dump/elements.ts';
import { readListeners } from '#dump/listeners.ts';
import type { Entry } from '#model/explanation.ts';
import {
  compareListenerRows,
  isPlainlySameListener,
  type ListenerRow,
  listenerRowKey,
  listenerRowName,
  rowsOfListeners,
} from '#model/listener-row.ts';
import { byIdentity, type Interner, interner, mapOutcomes, mergePods, type OnPods } from '#model/merge-pods.ts';
import { gatewayPorts } from './gateway-ports.ts';
import { keptDumps } from './kept-dumps.ts';
import { fetchListenerDump } from './pod-configuration.ts';

export interface ListenersQuestion {
  /** `port`: the listener's, or one of the gateway's Service. */
  readonly filter: Omit<ListenerFilter, 'listenerPort'>;
  readonly keepDumps?: boolean;
}

/** A row for each filter chain. Kept dumps are the whole listeners in which something matches. */
export async function askListeners(
  source: Source,
  { filter, keepDumps = false }: ListenersQuestion,
  asking: Pick<Asking, 'warn'>,
): Promise<QuestionAnswer<OnPods<ListenerRow>>> {
  const entry = filter.port === undefined ? undefined : await entryOf(filter.port, source, asking);
  const isWanted = listenerFilter({ ...filter, listenerPort: entry?.listenerPort });
  const pool = interner(listenerRowName, listenerRowKey, isPlainlySameListener);
  const pods = await source.everyPod((admin) => fetchListenerRows(admin, pool, keepDumps ? isWanted : undefined));
  const rows = mapOutcomes(pods, (pod) => pod.rows);
  const all = mergePods(rows.filter(hasAnswered), byIdentity, compareListenerRows);
  const items = all.filter(({ value }) => isWanted(value));
  return {
    gateway: await source.gateway(),
    pods,
    items,
    dumps: mapOutcomes(pods, ({ dumps }) => dumps),
    notes: [...describeEntry(entry), ...(items.length === 0 ? [nothingFound(all.map(({ value }) => value))] : [])],
  };
}

/** By the gateway's Services; where these cannot be read, Istio's usual ports are assumed, and a warning says so. */
async function entryOf(port: number, source: Source, { warn }: Pick<Asking, 'warn'>): Promise<Entry> {
  const { entryFor, note } = await gatewayPorts(source);
  const entry = entryFor(port);
  if (note === undefined) return entry;
  warn(note);
  // The warning says it; a note would repeat it.
  return { ...entry, by: 'listener port' };
}

/** Nothing where the listener's own port was given. */
function describeEntry(entry: Entry | undefined): string[] {
  if (entry === undefined || entry.by === 'listener port' || entry.port === entry.listenerPort) return [];
  const { port, listenerPort, by, service } = entry;
  if (by === 'usual port')
    return [`no Service of the gateway has port ${port}: this tool assumes that it is listener port ${listenerPort}`];
  return [
    `${by === 'node port' ? 'NodePort' : 'port'} ${port} of Service ${service} is port ${listenerPort} of its pods`,
  ];
}

interface PodListeners {
  readonly rows: readonly ListenerRow[];
  readonly dumps: readonly unknown[];
}

/** `keep`: the dumps are kept, of those listeners of which it keeps a row. */
async function fetchListenerRows(
  admin: Admin,
  pool: Interner<ListenerRow>,
  keep: ((row: ListenerRow) => boolean) | undefined,
): Promise<PodListeners> {
  const dump = await fetchListenerDump(admin);
  return {
    rows: pool.intern(rowsOf(dump)),
    dumps: await keptDumps(keep === undefined ? [] : [listenersWith(keep, dump)]),
  };
}

const rowsOf = (dump: unknown): ListenerRow[] => rowsOfListeners(readListeners(dump));

const listenersWith = (keep: (row: ListenerRow) => boolean, dump: unknown): unknown =>
  dumpOf(dump, 'Listeners', (one) => rowsOf(one).some(keep));

function nothingFound(all: readonly ListenerRow[]): string {
  if (all.length === 0) return 'no listeners: no Gateway reaches this gateway';
  const names = all.flatMap(({ chain }) => chain?.match.serverNames ?? []);
  const ports = all.map(({ port }) => String(port));
  return `no filter chain matches; ports that exist: ${someOf(ports)}; server names: ${someOf(names) || 'none'}`;
}
