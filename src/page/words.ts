// How the page says numbers, times and pods.

import { count } from '#core/phrase.ts';

export type Tone = 'error' | 'warning' | 'unknown' | 'good';

/** Beside a colour, for who does not see it. */
export const marks: Readonly<Record<Tone, string>> = { error: '✗', warning: '!', unknown: '?', good: '✓' };

/** `12:08:41` in UTC. */
export const clock = (time: string): string => new Date(time).toISOString().slice(11, 19);

/** `12:08:41`, with the day where it is not that of `day`. */
export const dayAndClock = (time: string, day: string): string => {
  const text = new Date(time).toISOString().slice(0, 19).replace('T', ' ');
  return text.slice(0, 10) === day.slice(0, 10) ? text.slice(11) : text;
};

/** `2026-11-23 12:08:41 UTC`. */
export const utc = (time: string): string => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** In the time of whoever reads. */
export function localTime(time: string): string {
  return new Intl.DateTimeFormat(undefined, {
    ...{ year: 'numeric', month: 'short', day: 'numeric' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
  }).format(new Date(time));
}

/** From one to another, the day once. */
export function span(from: string, to: string): string {
  const [a, b] = [utc(from), utc(to)];
  return a.slice(0, 10) === b.slice(0, 10) ? `${a.slice(0, 19)} – ${b.slice(11)}` : `${a.slice(0, 19)} – ${b}`;
}

export function share(part: number, all: number): string {
  if (all === 0) return '—';
  const percent = (100 * part) / all;
  if (percent === 0 || percent >= 10) return `${Math.floor(percent)}\u00a0%`;
  return `${percent < 0.1 ? '< 0.1' : percent.toFixed(1)}\u00a0%`;
}

export const number = (n: number): string => n.toLocaleString('en').replaceAll(',', '\u202f');

/** `12 345 requests`. */
export const counted = (n: number, noun: string): string => count(n, noun).replace(/^\d+/, number(n));

/** `on every pod`, `on 2 of 3 pods: a, b`. */
export function onPods(pods: readonly string[], all: number): string {
  if (pods.length === 0) return '';
  if (pods.length === all) return all === 1 ? '' : 'on every pod';
  const named = pods.length <= 3 ? `: ${pods.join(', ')}` : '';
  return `on ${pods.length} of ${all} pods${named}`;
}

/** The service of an Istio cluster, with its port. */
export function shortCluster(name: string): string {
  const [, port, subset, fqdn = ''] = /^outbound\|(\d+)\|([^|]*)\|(.+)$/.exec(name) ?? [];
  const [service, namespace, svc] = fqdn.split('.');
  if (port === undefined) return name;
  const host = svc === 'svc' ? `${namespace}/${service}` : fqdn;
  return `${host}:${port}${subset ? ` (${subset})` : ''}`;
}
