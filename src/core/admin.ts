// Envoy's admin port and istiod's debug port, as far as the tool may ask them.

import type { Pod } from './fleet.ts';

/** The admin paths of Envoy that the tool may call with GET: all read, none changes anything. */
export const readableAdminPaths = [
  'certs',
  'clusters',
  'config_dump',
  'contention',
  'help',
  'hot_restart_version',
  'init_dump',
  'listeners',
  'memory',
  'ready',
  'runtime',
  'server_info',
  'stats',
  'stats/prometheus',
] as const;

export type AdminPath = (typeof readableAdminPaths)[number];

export interface AdminRequest {
  readonly path: AdminPath;
  /** Query parameters; an empty value is sent as a bare name (`usedonly`). */
  readonly query?: Readonly<Record<string, string>>;
  /** For a few elements by their names, which Envoy has in some milliseconds: sent also while it is left alone. */
  readonly isBrief?: true;
}

/**
 * A logger of Envoy: a component (`http`), or a file with fine-grain logging; `trace`, `debug`, `info`, `warning`,
 * `error`, `critical` or `off`.
 */
export interface LogLevel {
  readonly logger: string;
  readonly level: string;
}

/** By the name of the logger. */
export type Levels = ReadonlyMap<string, string>;

/** Of all loggers, of one, or of several in one request, which Envoy has from 1.22 on (1.17 has not). */
export type LoggingChange = Omit<LogLevel, 'logger'> | LogLevel | { readonly paths: readonly LogLevel[] };

/** The admin port of one pod's Envoy. Requests of one pod are sent one after the other. */
export interface Admin {
  readonly pod: Pod;
  /** The body of a 200 answer. Throws ToolError for everything else. */
  get(request: AdminRequest): Promise<Buffer>;
  /** `POST /logging`: lists (no argument) or sets levels; the only write. Answers Envoy's text. */
  logging(change?: LoggingChange): Promise<string>;
}

/** istiod's debug port (15014) of one replica. */
export interface IstiodDebug {
  readonly pod: Pod;
  /** Nothing that acts. */
  get(path: 'debug/syncz' | 'version' | 'debug/connections' | 'debug/mesh'): Promise<Buffer>;
}
