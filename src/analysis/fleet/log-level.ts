// Log levels as they are typed, and what they mean for one pod.

import type { Levels, LogLevel } from '#core/admin.ts';
import { ToolError } from '#core/error.ts';
import type { Pod } from '#core/fleet.ts';
import { nearest } from '#core/suggestion.ts';
import { isMoreVerbose, type LevelName, levelNames, type PreviousLevels, startLevel } from '#model/log-level.ts';
import type { ProxyInfo } from '#model/proxy.ts';

export interface WantedLevel {
  /** Undefined for every logger. */
  readonly logger: string | undefined;
  readonly level: LevelName;
}

/**
 * `http:debug`, several with commas, `all:warning`, or a level alone for all; istioctl's `http=debug` and
 * `scope::http:debug` too. Throws ToolError `usage`.
 */
export function readWantedLevels(words: readonly string[]): WantedLevel[] {
  return words.flatMap((word) => word.split(',')).map(readWord);
}

function readWord(word: string): WantedLevel {
  const [, logger, level = word] = /^(.*)[:=]([^:=]*)$/.exec(word) ?? [];
  const name = logger?.replace(/^.*::/, '');
  if (name === '') throw new ToolError('usage', `log-level takes LOGGER:LEVEL, not "${word}"`);
  return { logger: name === 'all' ? undefined : name, level: readLevel(level, word) };
}

function readLevel(text: string, word: string): LevelName {
  const lower = text.toLowerCase();
  const level = levelNames.find((one) => one === (lower === 'warn' ? 'warning' : lower));
  if (level !== undefined) return level;
  const near = lower === 'none' ? 'off' : nearest(lower, levelNames);
  throw new ToolError('usage', `log-level takes LOGGER:LEVEL with ${levelNames.join(', ')}; not "${word}"`, {
    hint:
      near === undefined
        ? 'e.g. kubectl istio-ingress log-level http:debug'
        : `did you mean ${word.slice(0, word.length - text.length)}${near}?`,
  });
}

/** One pod, with what is to become of it. */
export interface LevelPlan {
  readonly pod: Pod;
  readonly current: readonly LogLevel[];
  readonly wanted: Levels;
  /** Loggers that are not as wanted. */
  readonly changed: readonly LogLevel[];
}

interface PodLevels {
  readonly pod: Pod;
  readonly current: readonly LogLevel[];
}

/** Throws ToolError `usage` where a pod has not got one of the names. */
export function planLevels(pods: readonly PodLevels[], wanted: readonly WantedLevel[]): readonly LevelPlan[] {
  for (const { logger } of wanted) {
    const lacking =
      logger === undefined ? [] : pods.filter(({ current }) => !current.some((one) => one.logger === logger));
    if (logger !== undefined && lacking.length > 0) throw unknownLogger(logger, lacking, pods.length);
  }
  return pods.map(({ pod, current }) => {
    const levels = wantedLevels(current, wanted);
    return {
      pod,
      current,
      wanted: levels,
      changed: current.filter(({ logger, level }) => (levels.get(logger) ?? level) !== level),
    };
  });
}

/** A word for one logger counts more than one for all, a later word more than an earlier one. */
function wantedLevels(current: readonly LogLevel[], wanted: readonly WantedLevel[]): Levels {
  const forAll = wanted.filter(({ logger }) => logger === undefined).at(-1);
  const own = wanted.flatMap(({ logger, level }) => (logger === undefined ? [] : [[logger, level] as const]));
  return new Map([...(forAll ? current.map(({ logger }) => [logger, forAll.level] as const) : []), ...own]);
}

function unknownLogger(name: string, lacking: readonly PodLevels[], all: number): ToolError {
  const known = [...new Set(lacking.flatMap(({ current }) => current.map(({ logger }) => logger)))];
  const who =
    lacking.length === all
      ? 'Envoy has'
      : `${lacking.map(({ pod }) => pod.name).join(', ')} ${lacking.length === 1 ? 'has' : 'have'}`;
  const near = nearest(name, known) ?? known.find((logger) => logger.includes('/') && logger.includes(name));
  return new ToolError('usage', `cannot set ${name}: ${who} no such logger, and nothing was changed`, {
    hint: near === undefined ? `there are ${known.sort().join(', ')}` : `did you mean ${near}?`,
  });
}

/**
 * The levels to put back on a pod: those before an earlier change that is not put back yet (`earliest`), else those of
 * now. A logger whose new level equals that, or Envoy's level at start, is left out. Undefined where no logger is left.
 */
export function previousLevels(
  { pod, wanted, changed, current }: LevelPlan,
  proxy: ProxyInfo,
  earliest: (logger: string) => string | undefined,
): PreviousLevels | undefined {
  const before = changed.map(({ logger, level }) => ({ logger, level: earliest(logger) ?? level }));
  const levels = before.filter(({ logger, level }) => {
    const now = wanted.get(logger);
    return now !== undefined && now !== level && !(now === startLevel(proxy, logger) && isMoreVerbose(level, now));
  });
  if (levels.length === 0) return undefined;
  return { namespace: pod.namespace, pod: pod.name, all: current.every(({ logger }) => wanted.has(logger)), levels };
}
