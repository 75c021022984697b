// How `diff` looks: the pods that differ, each with what it lacks, has besides or has otherwise. Pods that differ alike stand together.

import type { Answer, Style, View } from '#core/command.ts';
import { hasAnswered } from '#core/fleet.ts';
import type { Difference } from '#model/difference.ts';
import type { Shared } from '#model/shared.ts';
import { describeCluster } from './describe-cluster.ts';
import { describeSince, describeSpan } from './describe-time.ts';
import { count } from './phrase.ts';
import { paint } from './tone.ts';

type Item = Shared<Difference>;

export const diffView: View<Item> = {
  kind: 'DifferenceList',
  table: renderDifferences,
  name: ({ value }) => `${value.kind.replace(' ', '-')}/${value.name}`,
  json: ({ value, pods }) => ({ ...value, pods }),
};

function renderDifferences(items: readonly Item[], answer: Answer<Item>, style: Style): string {
  const groups = [...Map.groupBy(items, ({ pods }) => pods.join('\n')).values()];
  const summary = `${summarize(items, answer)}\n`;
  const sections = groups.map((group) => `\n${renderTitle(group[0] as Item, answer, style)}\n${renderGroup(group, style).join('\n')}\n`);
  return [summary, ...sections].join('');
}

function summarize(items: readonly Item[], answer: Answer<Item>): string {
  const answered = answer.pods.filter(hasAnswered).length;
  const unlike = new Set(items.filter(({ value }) => !value.byNode).flatMap(({ pods }) => pods)).size;
  const compared = (answer.extra?.['against'] as string | undefined) ?? 'what most pods have';
  if (unlike === 0) return `${count(answered, 'pod')} ${answered === 1 ? 'is' : 'are'} the same as ${compared}`;
  return `${unlike} of ${count(answered, 'pod')} ${unlike === 1 ? 'differs' : 'differ'} from ${compared}`;
}

const mostNamed = 3;

function renderTitle({ pods }: Item, answer: Answer<Item>, style: Style): string {
  const all = answer.pods.filter(hasAnswered);
  if (pods.length === all.length && pods.length > 1) return paint(`every pod (${pods.length})`, 'strong', style.color);
  if (pods.length > mostNamed) return paint(`${pods.length} pods: ${pods.slice(0, mostNamed).join(', ')}…`, 'strong', style.color);
  const told = pods.map((name) => {
    const pod = all.find((outcome) => outcome.pod.name === name)?.pod;
    const age = pod?.startedAt === undefined ? '' : `, up ${describeSpan(style.now.getTime() - Date.parse(pod.startedAt))}`;
    return `${name} (${pod?.node ?? 'no node'}${age})`;
  });
  return paint(told.join(', '), 'strong', style.color);
}

/** So many of one kind and change are named; `-o wide` names all. */
const mostOfAKind = 20;

function renderGroup(items: readonly Item[], style: Style): string[] {
  const kinds = Map.groupBy(items, ({ value }) => `${value.kind}\n${value.change}`);
  return [...kinds.values()].flatMap((group) => {
    const shown = style.wide ? group : group.slice(0, mostOfAKind);
    const more = group.length - shown.length;
    return [...shown.flatMap(({ value }) => renderDifference(value, style)), ...(more === 0 ? [] : [`    and ${more} more (-o wide names them)`])];
  });
}

const symbols: Readonly<Record<Difference['change'], string>> = { missing: '−', extra: '+', different: '≠' };
const words: Readonly<Record<Difference['change'], string>> = { missing: 'missing', extra: 'only here', different: '' };

function renderDifference(difference: Difference, style: Style): string[] {
  const { kind, name, change, fields, byNode } = difference;
  const tone = byNode ? 'faint' : 'warning';
  const what = `${kind} ${describeName(difference)}`;
  const since = describeUpdates(difference, style.now);
  const head = `  ${paint(symbols[change], tone, style.color)} ${[what, words[change]].filter(Boolean).join(': ')}${since}${byNode ? ' (by node, as locality has it)' : ''}`;
  return [head, ...fields.map(({ field, here, there }) => `      ${field}: ${here || 'none'} instead of ${there || 'none'}`)].map((line) =>
    name === '' ? line.trimEnd() : line,
  );
}

/** Clusters in Istio's names are hard to read; everything else stands as it is. */
function describeName({ kind, name }: Difference): string {
  if (kind === 'cluster') return describeCluster(name);
  if (kind !== 'endpoint') return name;
  const at = name.lastIndexOf(' ');
  return `${name.slice(at + 1)} of ${describeCluster(name.slice(0, at))}`;
}

/** Only where it tells something: the pod that has the older update is the one that did not get the newer. */
function describeUpdates({ updated: { here, there } }: Difference, now: Date): string {
  if (here === undefined || there === undefined || here === there) return '';
  return ` (updated here ${describeSince(here, now)}; elsewhere ${describeSince(there, now)})`;
}
