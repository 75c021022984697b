// What `log-level` says on stderr of levels that it sets and puts back.

import { describeSpan } from '#core/duration.ts';
import { ToolError } from '#core/error.ts';
import { count, someOf } from '#core/phrase.ts';
import { step, stepText } from '#core/shell.ts';
import type { ProxyInfo } from '#model/proxy.ts';
import { errorLines } from '#render/format/error.ts';

export const restoreCommand = 'kubectl istio-ingress log-level --restore';

export const describeWanted = (
  wanted: readonly { readonly logger: string | undefined; readonly level: string }[],
): string => wanted.map(({ logger = 'all', level }) => `${logger}:${level}`).join(', ');

/** `end`: after how many milliseconds; undefined: not by itself. */
export function describeEnd(end: number | undefined | 'nothing to put back'): string {
  if (end === 'nothing to put back') return ', as before or as at start: there is nothing to put back';
  return end === undefined
    ? `; to put it back: ${restoreCommand}`
    : ` for ${describeSpan(end)}; to put it back sooner, press Ctrl-C`;
}

export function describeBack(
  back: readonly { readonly pod: string; readonly result: 'gone' | ToolError | object }[],
): string[] {
  const gone = back.filter(({ result }) => result === 'gone').map(({ pod }) => pod);
  const failed = back.flatMap(({ result }) => (result instanceof ToolError ? [result] : []));
  const done = back.length - gone.length - failed.length;
  return [
    ...(done > 0 ? [`put back on ${count(done, 'pod')}`] : []),
    ...(gone.length > 0 ? [`no longer there, so nothing to put back: ${someOf(gone)}`] : []),
    ...failed.flatMap((error) => errorLines(error, false)),
    ...(failed.length > 0 ? [`not put back on ${count(failed.length, 'pod')}; to try again: ${restoreCommand}`] : []),
  ];
}

/**
 * Somebody, or this tool on another machine, may have raised levels all the same: `raised` is a proxy where they are.
 */
export function describeNothing(origin: string, raised: ProxyInfo | undefined): string[] {
  const nothing = `nothing to put back: this machine has no record of levels that this tool has set on ${origin}`;
  if (raised === undefined) return [nothing];
  const { logLevel = 'info', componentLogLevel } = raised;
  const words = [`all:${logLevel}`, ...(componentLogLevel === undefined ? [] : [componentLogLevel])].join(',');
  return [
    nothing,
    `to set what Envoy was started with: ${stepText(step`kubectl istio-ingress log-level ${words} --keep`)}`,
  ];
}
