// How `diff` looks: the pods that differ, each with what it lacks, has besides or has otherwise. Pods that differ alike
// stand together.

import type { Answer, Style, View } from '#command/command.ts';
import { describeSpan } from '#core/duration.ts';
import { hasAnswered, type Pod } from '#core/fleet.ts';
import { andList, count, someOf } from '#core/phrase.ts';
import { comparedKinds, type Difference } from '#model/difference.ts';
import type { OnPods } from '#model/merge-pods.ts';
import { wrapText } from '#render/format/text.ts';
import { paint } from '#render/format/tone.ts';
import { describeCluster } from '#render/words/describe-cluster.ts';
import { describeSince } from '#render/words/describe-time.ts';

type Item = OnPods<Difference>;

export const diffView: View<Item> = {
  kind: 'DifferenceList',
  table: renderDifferences,
  name: ({ value }) => [value.kind.replace(' ', '-'), value.name].filter(Boolean).join('/'),
  json: ({ value, pods }) => ({ ...value, pods }),
};

function renderDifferences(items: readonly Item[], answer: Answer<Item>, style: Style): string[] {
  const groups = [...Map.groupBy(items, ({ pods }) => pods.join('\n')).values()];
  const sections = groups.flatMap((group) => [
    '',
    ...renderTitle(group[0] as Item, answer, style),
    ...renderGroup(group, answer.extra?.['against'] === undefined ? ofOthers : ofThen, style),
  ]);
  return [summarize(items, answer), ...sections];
}

function summarize(items: readonly Item[], answer: Answer<Item>): string {
  const answered = answer.pods.filter(hasAnswered).length;
  const unlike = new Set(items.filter(({ value }) => !value.byNode).flatMap(({ pods }) => pods)).size;
  const compared = (answer.extra?.['against'] as string | undefined) ?? 'what most pods have';
  const kinds = (answer.extra?.['compared'] ?? comparedKinds) as readonly string[];
  if (kinds.length === 0) return 'nothing was compared';
  if (isAlone(answer)) return 'only 1 pod answered, and there is no other to compare it with';
  const inWhat = kinds.length === comparedKinds.length ? '' : ` (compared: ${andList(kinds)})`;
  if (unlike === 0)
    return `${count(answered, 'pod')} ${answered === 1 ? 'is' : 'are'} the same as ${compared}${inWhat}`;
  return `${unlike} of ${count(answered, 'pod')} ${unlike === 1 ? 'differs' : 'differ'} from ${compared}${inWhat}`;
}

/** Pods that `--pod` does not choose have answered, too, unless it is said that they have not. */
function isAlone({ gateway, pods, extra }: Answer<Item>): boolean {
  const silent = pods.filter((outcome) => !hasAnswered(outcome)).length;
  return extra?.['against'] === undefined && gateway.pods.length + gateway.others.length - silent === 1;
}

const mostNamed = 3;

function renderTitle({ pods }: Item, answer: Answer<Item>, style: Style): string[] {
  return wrapText(describeTitle(pods, answer.pods.filter(hasAnswered), style.now), style.columns).map((line) =>
    paint(line, 'strong', style.color),
  );
}

function describeTitle(pods: readonly string[], all: readonly { readonly pod: Pod }[], now: Date): string {
  if (pods.length === all.length && pods.length > 1) return `every pod (${pods.length})`;
  if (pods.length > mostNamed) return `${pods.length} pods: ${pods.slice(0, mostNamed).join(', ')}…`;
  const described = pods.map((name) => {
    const pod = all.find((outcome) => outcome.pod.name === name)?.pod;
    const age = pod?.startedAt === undefined ? '' : `, up ${describeSpan(now.getTime() - Date.parse(pod.startedAt))}`;
    return `${name} (${pod?.node ?? 'no node'}${age})`;
  });
  return described.join(', ');
}

/** So many of one kind and change are named; `-o wide` names all. */
const mostOfAKind = 20;

function renderGroup(items: readonly Item[], said: Words, style: Style): string[] {
  const kinds = Map.groupBy(items, ({ value }) => `${value.kind}\n${value.change}`);
  return [...kinds.values()].flatMap((group) => {
    const described = together(group.map(({ value }) => value));
    const shown = style.wide ? described : described.slice(0, mostOfAKind);
    const more = described.length - shown.length;
    return [
      ...shown.flatMap((one) => renderDifference(one, said, style)),
      ...(more === 0 ? [] : [`    and ${more} more (-o wide names them)`]),
    ];
  });
}

/** Endpoints of one cluster that differ alike share a line. */
interface Told {
  readonly difference: Difference;
  /** Of endpoints. */
  readonly addresses: readonly string[];
}

function together(differences: readonly Difference[]): Told[] {
  const groups = Map.groupBy(differences, (difference) =>
    isEndpoint(difference)
      ? JSON.stringify([difference.kind, endpointOf(difference).cluster, difference.fields, difference.byNode])
      : difference,
  );
  return [...groups.values()].flatMap((group) => {
    const [difference] = group;
    return difference === undefined
      ? []
      : [{ difference, addresses: isEndpoint(difference) ? group.map((one) => endpointOf(one).address) : [] }];
  });
}

const isEndpoint = ({ kind }: Difference): boolean => kind === 'endpoint' || kind === 'assigned endpoint';

function endpointOf({ name }: Difference): { readonly cluster: string; readonly address: string } {
  const at = name.lastIndexOf(' ');
  return { cluster: name.slice(0, at), address: name.slice(at + 1) };
}

const symbols: Readonly<Record<Difference['change'], string>> = { missing: '−', extra: '+', different: '≠' };

/** What a change is called, and both places of an update. */
interface Words extends Readonly<Record<Difference['change'], string>> {
  readonly here: string;
  readonly there: string;
}

const ofOthers: Words = { missing: 'missing', extra: 'only here', different: '', here: 'here', there: 'elsewhere' };
const ofThen: Words = { missing: 'gone', extra: 'new', different: '', here: 'now', there: 'then' };

function renderDifference({ difference, addresses }: Told, said: Words, style: Style): string[] {
  const { change, fields, byNode } = difference;
  const since = describeUpdates(difference, said, style.now);
  const head = `${[describeWhat(difference, addresses), said[change]].filter(Boolean).join(': ')}${since}${byNode ? ' (by node, as locality has it)' : ''}`;
  const shown = style.wide ? fields : fields.slice(0, mostOfAKind);
  const more = fields.length - shown.length;
  const symbol = paint(symbols[change], byNode ? 'faint' : 'warning', style.color);
  return [
    ...hanging(head, 4, style).map((line, index) => (index === 0 ? `  ${symbol} ${line}` : `    ${line}`)),
    ...shown.flatMap(({ field, here, there }) =>
      hanging(`${field}: ${here || 'none'} instead of ${there || 'none'}`, 8, style).map(
        (line, index) => `${index === 0 ? '      ' : '        '}${line}`,
      ),
    ),
    ...(more === 0 ? [] : [`      and ${more} more (-o wide names them)`]),
    ...(addresses.length > 1
      ? hanging(someOf(addresses, style.wide ? addresses.length : mostNamed * 2), 6, style).map(
          (line) => `      ${line}`,
        )
      : []),
  ];
}

const hanging = (text: string, indent: number, style: Style): string[] => wrapText(text, style.columns - indent);

/** Clusters in Istio's names are hard to read; everything else stands as it is. */
function describeWhat(difference: Difference, addresses: readonly string[]): string {
  const { kind, name } = difference;
  if (kind === 'cluster') return `cluster ${describeCluster(name)}`;
  if (kind === 'load assignment') return `load assignment of ${describeCluster(name)}`;
  if (!isEndpoint(difference)) return [kind, name].filter(Boolean).join(' ');
  const { cluster, address } = endpointOf(difference);
  const one = addresses.length > 1 ? `${addresses.length} endpoints` : `endpoint ${address}`;
  return `${one} of ${describeCluster(cluster)}${kind === 'endpoint' ? '' : ' in the load assignment'}`;
}

/** Only where it tells something: the pod that has the older update is the one that did not get the newer. */
function describeUpdates({ updated: { here, there } }: Difference, said: Words, now: Date): string {
  if (here === undefined || there === undefined || here === there) return '';
  return ` (updated ${said.here} ${describeSince(here, now)}; ${said.there} ${describeSince(there, now)})`;
}
