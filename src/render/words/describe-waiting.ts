// What `wait` still waits for, in one line.

import type { PodProgress } from '#model/waiting.ts';

export function describeWaiting(progress: readonly PodProgress[]): string {
  const open = progress.filter(({ missing }) => missing.length > 0);
  const [first] = open;
  if (!first) return 'waiting: there is no gateway pod';
  const why = first.missing.map(({ condition, why: reason }) => `${condition}: ${reason}`).join('; ');
  const others = open.length > 1 ? `, and ${open.length - 1} more` : '';
  return `waiting: ${progress.length - open.length} of ${progress.length} pods are there; ${first.pod}: ${why}${others}`;
}
