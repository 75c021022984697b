// Envoy's admin port as Envoy 1.40 answers it. Source: envoy/source/server/admin/admin.cc, logs_handler.cc,
// stats_handler.cc.

import { RE2JS } from 're2js';
import { queryDump } from '#dump/query.ts';
import type { ServedAnswer } from './cluster.ts';

/** What one Envoy answered, from which other formats and parts of it are made. */
export interface EnvoyAnswers {
  /** Whole: the dump with endpoints, the others with all their entries. Throws ToolError. */
  json(path: JsonPath): Promise<unknown>;
  /** Throws ToolError. */
  prometheus(): Promise<string>;
  levels(): Promise<ReadonlyMap<string, string>>;
  /** Why nothing can be changed, or what changes levels. */
  readonly change: string | ((levels: readonly (readonly [logger: string, level: string])[]) => void);
}

type JsonPath = 'config_dump' | 'certs' | 'clusters' | 'listeners' | 'memory' | 'runtime' | 'server_info' | 'stats';

const plain = (body: string, status = 200): ServedAnswer => ({
  status,
  contentType: 'text/plain; charset=UTF-8',
  body,
});
const json = (body: string): ServedAnswer => ({ status: 200, contentType: 'application/json', body });

/** Paths that change something. They are ignored; the tool must call none but `/logging`. */
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

type Handler = (envoy: EnvoyAnswers, query: URLSearchParams) => Promise<ServedAnswer>;

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

const kept =
  (path: JsonPath): Handler =>
  async (envoy) =>
    json(pretty(await envoy.json(path)));

const always =
  (answer: ServedAnswer): Handler =>
  async () =>
    answer;

const handlers: Readonly<Record<string, Handler>> = {
  '/certs': kept('certs'),
  '/clusters': clusters,
  '/config_dump': async (envoy, query) => queryDump(await envoy.json('config_dump'), query),
  '/contention': always(
    plain('Mutex contention tracing is not enabled. To enable, run Envoy with flag --enable-mutex-tracing.'),
  ),
  '/help': async () => plain(help()),
  '/hot_restart_version': always(plain('disabled')),
  '/init_dump': always(json('{}\n')),
  '/listeners': listeners,
  '/memory': kept('memory'),
  '/ready': always(plain('LIVE\n')),
  '/runtime': kept('runtime'),
  '/server_info': kept('server_info'),
  '/stats': stats,
  '/stats/prometheus': prometheus,
};

/** What the pod's Envoy answers; `url` has path and query. Throws ToolError. */
export async function answerAdmin(envoy: EnvoyAnswers, method: string, url: URL): Promise<ServedAnswer> {
  const path = url.pathname;
  const isMutating = mutating.includes(path);
  if (isMutating && method !== 'POST') return plain(`Method ${method} not allowed, POST required.`, 405);
  if (path === '/logging') return logging(envoy, url.searchParams);
  if (isMutating && typeof envoy.change === 'string') return plain(`${envoy.change}\n`, 403);
  const handler = Object.hasOwn(handlers, path) ? handlers[path] : undefined;
  if (handler) return handler(envoy, url.searchParams);
  return isMutating ? plain('OK\n') : plain(`invalid path. ${help()}`, 404);
}

async function prometheus(envoy: EnvoyAnswers): Promise<ServedAnswer> {
  return plain(await envoy.prometheus());
}

const help = (): string =>
  `admin commands are:\n${['/', ...Object.keys(handlers)].map((path) => `  ${path}\n`).join('')}`;

async function clusters(envoy: EnvoyAnswers, query: URLSearchParams): Promise<ServedAnswer> {
  const filter = filterOf(query);
  if (typeof filter === 'string') return plain('Invalid re2 regex', 400);
  const { cluster_statuses: all = [] } = (await envoy.json('clusters')) as {
    readonly cluster_statuses?: readonly ClusterStatus[];
  };
  const list = all.filter(({ name }) => filter(name));
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
    readonly health_status?: Readonly<Record<string, unknown>>;
  }[];
}

/** The oldest format; a few of its lines. */
function clusterText({ name, added_via_api, host_statuses = [] }: ClusterStatus): string {
  const lines = [`${name}::observability_name::${name}`, `${name}::added_via_api::${added_via_api === true}`];
  for (const { address, stats = [], health_status = {} } of host_statuses) {
    const host = `${name}::${address.socket_address?.address}:${address.socket_address?.port_value}`;
    const flags = Object.entries(healthFlags).filter(([field]) => health_status[field] === true);
    const eds = edsFlags[String(health_status['eds_health_status'])] ?? '';
    lines.push(
      ...stats.map((stat) => `${host}::${stat.name}::${stat.value ?? 0}`),
      `${host}::health_flags::${flags.map(([, flag]) => flag).join('') + eds || 'healthy'}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Source: envoy/source/common/upstream/host_utility.cc, healthFlagsToString. */
const healthFlags: Readonly<Record<string, string>> = {
  failed_active_health_check: '/failed_active_hc',
  failed_outlier_check: '/failed_outlier_check',
  failed_active_degraded_check: '/degraded_active_hc',
  pending_dynamic_removal: '/pending_dynamic_removal',
  pending_active_hc: '/pending_active_hc',
  excluded_via_immediate_hc_fail: '/excluded_via_immediate_hc_fail',
  active_hc_timeout: '/active_hc_timeout',
};

const edsFlags: Readonly<Record<string, string>> = {
  UNHEALTHY: '/failed_eds_health',
  DEGRADED: '/degraded_eds_health',
  DRAINING: '/eds_status_draining',
};

async function listeners(envoy: EnvoyAnswers, query: URLSearchParams): Promise<ServedAnswer> {
  const recorded = (await envoy.json('listeners')) as { readonly listener_statuses: readonly ListenerStatus[] };
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

async function stats(envoy: EnvoyAnswers, query: URLSearchParams): Promise<ServedAnswer> {
  if (query.get('format') === 'prometheus') return prometheus(envoy);
  const filter = filterOf(query);
  if (typeof filter === 'string') return plain(`Invalid re2 regex: ${filter}`, 400);
  const { stats: all } = (await envoy.json('stats')) as {
    readonly stats: readonly { readonly name?: string; readonly value?: unknown }[];
  };
  // The entry without a name holds all histograms.
  const found = all.filter(({ name }) => (name === undefined ? !query.get('filter') : filter(name)));
  if (query.get('format') === 'json') return json(JSON.stringify({ stats: found }));
  return plain(found.flatMap(({ name, value }) => (name === undefined ? [] : `${name}: ${value}\n`)).join(''));
}

const levelNames = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];

/**
 * At most one parameter: a list without, `level=`, `paths=a:debug,b:info` or `<logger>=`. All or nothing is changed.
 */
async function logging(envoy: EnvoyAnswers, query: URLSearchParams): Promise<ServedAnswer> {
  const [parameter, ...more] = [...query];
  const levels = await envoy.levels();
  if (parameter === undefined) return plain(loggers(levels));
  if (typeof envoy.change === 'string') return plain(`${envoy.change}\n`, 403);
  const [name, value] = parameter;
  if (more.length > 0) return loggingError('invalid number of parameters');
  const changes: [string, string][] =
    name === 'level'
      ? [...levels.keys()].map((logger) => [logger, value])
      : name === 'paths'
        ? value.split(',').map((pair) => pair.split(':', 2) as [string, string])
        : [[name, value]];
  if (changes.some(([, level]) => !levelNames.includes(level))) return loggingError('unknown logger level');
  if (changes.some(([logger]) => !levels.has(logger))) return loggingError('unknown logger name');
  envoy.change(changes);
  return plain(loggers(await envoy.levels()));
}

const loggers = (levels: ReadonlyMap<string, string>): string =>
  `active loggers:\n${[...levels].map(([name, level]) => `  ${name}: ${level}\n`).join('')}\n`;

const loggingError = (why: string): ServedAnswer =>
  plain(
    `error: ${why}\n\nusage: /logging?<name>=<level> (change single level)\nusage: /logging?paths=name1:level1,name2:level2,... (change multiple levels)\nusage: /logging?level=<level> (change all levels)\nlevels: ${levelNames.join(' ')} \n`,
    400,
  );
