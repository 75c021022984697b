// From the levels that the loggers of one pod have to those that they should have: the requests. Sources: envoy
// source/server/admin/logs_handler.cc, source/common/common/fine_grain_logger.cc; tried with Envoy 1.36 and 1.40.

import type { Levels, LoggingChange, LogLevel } from '#core/admin.ts';

/**
 * The requests from `current` to `wanted`; none where all is so already. With fine-grain logging every list of paths
 * replaces the one before it, and loggers come into being as they are first used: the whole list is sent, and where all
 * are meant the level of those to come before it.
 */
export function levelRequests(current: readonly LogLevel[], wanted: Levels): LoggingChange[] {
  const after = applied(current, wanted);
  const changed = changes(current, after);
  const [first] = after;
  if (changed.length === 0 || first === undefined) return [];
  if (after.every(({ level }) => level === first.level)) return [{ level: first.level }];
  if (!isFineGrain(current)) return [{ paths: changed }];
  const isForAll = current.every(({ logger }) => wanted.has(logger));
  return [...(isForAll ? [{ level: mostCommon(after) }] : []), { paths: after }];
}

/**
 * The same for an Envoy that takes one logger at a time; where that would be many requests, all to the most common
 * level first.
 */
export function singleRequests(current: readonly LogLevel[], wanted: Levels): LoggingChange[] {
  const after = applied(current, wanted);
  const changed = changes(current, after);
  if (changed.length <= manySingles) return changed;
  const level = mostCommon(after);
  return [{ level }, ...after.filter((one) => one.level !== level)];
}

const manySingles = 8;

/** What differs after all: a proxy that answers 200 and does nothing is not believed. */
export const notTaken = (answered: readonly LogLevel[], wanted: Levels): LogLevel | undefined =>
  answered.find(({ logger, level }) => wanted.has(logger) && wanted.get(logger) !== level);

/**
 * Levels to go back to. Loggers that came into being since (fine-grain logging) get what most had, where all had been
 * changed.
 */
export function levelsBack(
  current: readonly LogLevel[],
  previous: readonly LogLevel[],
  wereAllChanged: boolean,
): Levels {
  const levels = new Map(previous.map(({ logger, level }) => [logger, level]));
  if (!wereAllChanged || !isFineGrain(current) || previous.length === 0) return levels;
  const common = mostCommon(previous);
  return new Map(current.map(({ logger }) => [logger, levels.get(logger) ?? common]));
}

const isFineGrain = (levels: readonly LogLevel[]): boolean => levels.some(({ logger }) => logger.includes('/'));

const applied = (current: readonly LogLevel[], wanted: Levels): LogLevel[] =>
  current.map(({ logger, level }) => ({ logger, level: wanted.get(logger) ?? level }));

const changes = (current: readonly LogLevel[], after: readonly LogLevel[]): LogLevel[] =>
  after.filter(({ level }, index) => level !== current[index]?.level);

function mostCommon(levels: readonly LogLevel[]): string {
  const groups = [...Map.groupBy(levels, ({ level }) => level)];
  return groups.toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? '';
}
