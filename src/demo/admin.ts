// Envoy's admin port as Envoy 1.40 answers it. Source: envoy/source/server/admin/admin.cc, logs_handler.cc,
// stats_handler.cc.

import { RE2JS } from 're2js';
import { queryDump } from '#dump/query.ts';
import type { DemoPod, Fleet, ServedAnswer } from './fleet.ts';
import type { RecordedPod } from './recording.ts';

const plain = (body: string, status = 200): ServedAnswer => ({
  status,
  contentType: 'text/plain; charset=UTF-8',
  body,
});
const json = (body: string): ServedAnswer => ({ status: 200, contentType: 'application/json', body });

/** Paths that change something. The demo ignores them; the tool must call none but `/logging`. */
const mutating = [
  ...[
    '/allocprofiler',
    '/cpuprofiler',
    '/drain_listeners',
    '/healthcheck/fail',
    '/healthcheck/ok',
    '/heapprofiler',
    '/logging',
  ],
  ...['/quitquitquit', '/reopen_logs', '/reset_counters', '/runtime_modify', '/tap'],
];

/** Pure: an answer is built once for each recorded pod and query. */
type Handler = (pod: RecordedPod, query: URLSearchParams, fleet: Fleet) => ServedAnswer;

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

const kept =
  (path: string): Handler =>
  (pod, _query, fleet) =>
    json(pretty(fleet.answer(pod, path)));

const handlers: Readonly<Record<string, Handler>> = {
  '/certs': (pod, _query, fleet) => json(pretty({ certificates: fleet.list(pod, 'certs') })),
  '/clusters': clusters,
  '/config_dump': (pod, query, fleet) => queryDump(fleet.dump(pod), query),
  '/contention': () =>
    plain('Mutex contention tracing is not enabled. To enable, run Envoy with flag --enable-mutex-tracing.'),
  '/help': () => plain(help()),
  '/hot_restart_version': () => plain('disabled'),
  '/init_dump': () => json('{}\n'),
  '/listeners': listeners,
  '/memory': kept('memory'),
  '/ready': () => plain('LIVE\n'),
  '/runtime': kept('runtime'),
  '/server_info': kept('server_info'),
  '/stats': stats,
  '/stats/prometheus': (pod, _query, fleet) => plain(String(fleet.answer(pod, 'stats/prometheus'))),
};

/** What the pod's Envoy answers; `url` has path and query. */
export function answerAdmin(fleet: Fleet, pod: DemoPod, method: string, url: URL): ServedAnswer {
  const path = url.pathname;
  if (mutating.includes(path) && method !== 'POST') return plain(`Method ${method} not allowed, POST required.`, 405);
  if (path === '/logging') return logging(pod, url.searchParams);
  const handler = handlers[path];
  if (handler) return fleet.once(pod, path + url.search, (recorded) => handler(recorded, url.searchParams, fleet));
  return mutating.includes(path) ? plain('OK\n') : plain(`invalid path. ${help()}`, 404);
}

const help = (): string =>
  `admin commands are:\n${['/', ...Object.keys(handlers)].map((path) => `  ${path}\n`).join('')}`;

function clusters(pod: RecordedPod, query: URLSearchParams, fleet: Fleet): ServedAnswer {
  const filter = filterOf(query);
  if (typeof filter === 'string') return plain('Invalid re2 regex', 400);
  const list = (fleet.list(pod, 'clusters') as readonly ClusterStatus[]).filter(({ name }) => filter(name));
  return query.get('format') === 'json'
    ? json(pretty({ cluster_statuses: list }))
    : plain(list.map(clusterText).join(''));
}

/** Which names the query's `filter` is found in, or why it cannot be read. */
function filterOf(query: URLSearchParams): ((name: string) => boolean) | string {
  try {
    const filter = RE2JS.compile(query.get('filter') ?? '');
    return (name) => filter.matcher(name).find();
  } catch (error) {
    return (error as Error).message;
  }
}

interface ClusterStatus {
  readonly name: string;
  readonly added_via_api?: boolean;
  readonly host_statuses?: readonly {
    readonly address: { readonly socket_address?: { readonly address: string; readonly port_value: number } };
    readonly stats?: readonly { readonly name: string; readonly value?: string }[];
  }[];
}

/** The oldest format; a few of its lines. */
function clusterText({ name, added_via_api, host_statuses = [] }: ClusterStatus): string {
  const lines = [`${name}::observability_name::${name}`, `${name}::added_via_api::${added_via_api === true}`];
  for (const { address, stats = [] } of host_statuses) {
    const host = `${name}::${address.socket_address?.address}:${address.socket_address?.port_value}`;
    lines.push(...stats.map((stat) => `${host}::${stat.name}::${stat.value ?? 0}`), `${host}::health_flags::healthy`);
  }
  return `${lines.join('\n')}\n`;
}

function listeners(pod: RecordedPod, query: URLSearchParams, fleet: Fleet): ServedAnswer {
  const recorded = fleet.answer(pod, 'listeners') as { listener_statuses: readonly ListenerStatus[] };
  if (query.get('format') === 'json') return json(pretty(recorded));
  return plain(
    recorded.listener_statuses
      .map(({ name, local_address: { socket_address: s } }) => `${name}::${s.address}:${s.port_value}\n`)
      .join(''),
  );
}

interface ListenerStatus {
  readonly name: string;
  readonly local_address: { readonly socket_address: { readonly address: string; readonly port_value: number } };
}

function stats(pod: RecordedPod, query: URLSearchParams, fleet: Fleet): ServedAnswer {
  if (query.get('format') === 'prometheus') return plain(String(fleet.answer(pod, 'stats/prometheus')));
  const filter = filterOf(query);
  if (typeof filter === 'string') return plain(`Invalid re2 regex: ${filter}`, 400);
  const all = (fleet.answer(pod, 'stats') as { stats: readonly { name?: string; value?: unknown }[] }).stats;
  // The entry without a name holds all histograms.
  const found = all.filter(({ name }) => (name === undefined ? !query.get('filter') : filter(name)));
  if (query.get('format') === 'json') return json(JSON.stringify({ stats: found }));
  return plain(found.flatMap(({ name, value }) => (name === undefined ? [] : `${name}: ${value}\n`)).join(''));
}

const levelNames = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];

/**
 * At most one parameter: a list without, `level=`, `paths=a:debug,b:info` or `<logger>=`. All or nothing is changed.
 */
function logging(pod: DemoPod, query: URLSearchParams): ServedAnswer {
  const [parameter, ...more] = [...query];
  if (parameter === undefined) return plain(loggers(pod));
  const [name, value] = parameter;
  if (more.length > 0) return loggingError('invalid number of parameters');
  const changes: [string, string][] =
    name === 'level'
      ? [...pod.levels.keys()].map((logger) => [logger, value])
      : name === 'paths'
        ? value.split(',').map((pair) => pair.split(':', 2) as [string, string])
        : [[name, value]];
  if (changes.some(([, level]) => !levelNames.includes(level))) return loggingError('unknown logger level');
  if (changes.some(([logger]) => !pod.levels.has(logger))) return loggingError('unknown logger name');
  for (const [logger, level] of changes) pod.levels.set(logger, level);
  return plain(loggers(pod));
}

const loggers = (pod: DemoPod): string =>
  `active loggers:\n${[...pod.levels].map(([name, level]) => `  ${name}: ${level}\n`).join('')}\n`;

const loggingError = (why: string): ServedAnswer =>
  plain(
    `error: ${why}\n\nusage: /logging?<name>=<level> (change single level)\nusage: /logging?paths=name1:level1,name2:level2,... (change multiple levels)\nusage: /logging?level=<level> (change all levels)\nlevels: ${levelNames.join(' ')} \n`,
    400,
  );
