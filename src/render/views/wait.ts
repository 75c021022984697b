// How `wait` ends: that it holds, or what is missing and where.

import type { Answer, Style, View } from '#command/command.ts';
import { describeSpan } from '#core/duration.ts';
import type { PodProgress } from '#model/waiting.ts';
import { paint } from '#render/format/tone.ts';

export const waitView: View<PodProgress> = {
  kind: 'WaitList',
  table: (items, answer, style) => [headLine(items, answer, style), ...missingLines(items)],
  name: ({ pod, missing }) => `pod/${pod} ${missing.length === 0 ? 'holds' : 'missing'}`,
  json: (item) => ({ ...item, holds: item.missing.length === 0 }),
};

function headLine(items: readonly PodProgress[], { extra = {} }: Answer<PodProgress>, style: Style): string {
  const conditions = (extra['conditions'] as readonly string[]).join(' and ');
  const there = items.filter(({ missing }) => missing.length === 0).length;
  const after = `${there} of ${items.length} pods after ${describeSpan((extra['waitedSeconds'] as number) * 1000)}`;
  return extra['holds'] === true
    ? `${paint('✓', 'good', style.color)} ${conditions}: ${after}`
    : `${paint('✗', 'bad', style.color)} ${conditions}: only ${after}`;
}

/** Pods that lack the same are one line. */
function missingLines(items: readonly PodProgress[]): string[] {
  const pairs = items.flatMap(({ pod, missing }) =>
    missing.map(({ condition, why }) => ({ pod, text: `${condition}: ${why}` })),
  );
  const groups = [...Map.groupBy(pairs, ({ text }) => text)];
  return groups.map(([text, group]) => `    ${text} (${namesOf(group.map(({ pod }) => pod))})`);
}

const most = 6;

const namesOf = (pods: readonly string[]): string =>
  pods.length > most ? `${pods.slice(0, most).join(', ')} and ${pods.length - most} more` : pods.join(', ');
