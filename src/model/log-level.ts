// Envoy's log levels: their order, and what a logger was started with. Source: spdlog's level names, envoy
// source/common/common/logger.h.

import type { LogLevel } from '#core/admin.ts';
import { compareText } from '#core/compare.ts';
import type { ProxyInfo } from './proxy.ts';

/** The one that says most first. Envoy's admin port takes these and no other spelling. */
export const levelNames = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'] as const;
export type LevelName = (typeof levelNames)[number];

/** As command lines have it too: `warn`. */
const rank = (level: string): number => (levelNames as readonly string[]).indexOf(level === 'warn' ? 'warning' : level);

export const isMoreVerbose = (level: string, than: string): boolean => rank(level) < rank(than);

/** Levels that write lines for each request. */
export const isVerbose = (level: string): boolean => isMoreVerbose(level, 'info');

/** What `--log-level` and `--component-log-level` made of the logger. */
export function startLevel({ logLevel = 'info', componentLogLevel = '' }: ProxyInfo, logger: string): string {
  const own = componentLogLevel.split(',').find((pair) => pair.startsWith(`${logger}:`));
  const level = own?.slice(logger.length + 1) ?? logLevel;
  return levelNames[rank(level)] ?? level;
}

/** One logger of one pod. */
export interface LoggerRow extends LogLevel {
  readonly atStart: string;
}

export const loggerRowKey = ({ logger, level, atStart }: LoggerRow): string => JSON.stringify([logger, level, atStart]);

/** By name; of one logger, the level that says most first. */
export const compareLoggerRows = (a: LoggerRow, b: LoggerRow): number =>
  compareText(a.logger, b.logger) || rank(a.level) - rank(b.level) || compareText(loggerRowKey(a), loggerRowKey(b));

/** What a pod's loggers had before this tool changed them. */
export interface PreviousLevels {
  readonly namespace: string;
  readonly pod: string;
  /** Every logger of the pod was changed, those that come into being later included. */
  readonly all: boolean;
  readonly levels: readonly LogLevel[];
}
