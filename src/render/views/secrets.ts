// How `secrets` looks: a line for each certificate or CA that some pod holds, with its names, and the hosts it serves
// where they were asked for.

import type { Answer, Style, View } from '#command/command.ts';
import { compareText } from '#core/compare.ts';
import { type NextStep, step } from '#core/shell.ts';
import type { Certificate, SecretRow } from '#model/certificate.ts';
import type { OnPods } from '#model/merge-pods.ts';
import { envoySecrets } from '#render/format/envoy.ts';
import { type Cell, type Column, renderTable } from '#render/format/table.ts';
import { paint } from '#render/format/tone.ts';
import { askedPods, describePods } from '#render/words/describe-pods.ts';
import { describeMoment } from '#render/words/describe-time.ts';
import { certificateForJson, describeCertificateValidity } from '#render/words/describe-validity.ts';

type Item = OnPods<SecretRow>;

/** `again`: the command line of a next step, asking what was asked. */
export const secretsView = (again: (next: NextStep) => string): View<Item> => ({
  kind: 'SecretList',
  table: (items, answer, style) => [
    ...renderTable(columnsFor(items, answer, style), style.wide ? items : foldOwn(items), style),
    ...doubtLines(items, style, again),
  ],
  name: ({ value }) => `secret/${value.secret.name}`,
  json: ({ value, pods }, now) => ({
    ...value.secret,
    chain: value.secret.chain.map((certificate) => certificateForJson(certificate, now)),
    hosts: value.hosts,
    doubts: value.doubts,
    pods,
  }),
  envoy: envoySecrets,
});

/** A line of the table: one item, or all of a secret that every pod has its own of. */
interface Line extends Item {
  readonly own?: number;
}

/**
 * `default` is each pod's own identity: as many certificates as pods, and none of them wrong for that. One line, for
 * the one that ends first; `-o wide` and JSON have all.
 */
function foldOwn(items: readonly Item[]): readonly Line[] {
  const own = items.filter(({ value }) => value.secret.name === 'default' && value.secret.state === 'active');
  if (own.length < 2) return items;
  const [first] = own.toSorted((a, b) => compareText(endOf(a), endOf(b)));
  const line: Line = { ...(first as Item), pods: [...new Set(own.flatMap(({ pods }) => pods))], own: own.length };
  return items.flatMap((item) => (item === own[0] ? [line] : own.includes(item) ? [] : [item]));
}

const endOf = ({ value }: Item): string => value.secret.chain[0]?.notAfter ?? '';

function columnsFor(items: readonly Item[], answer: Answer<Item>, style: Style): readonly Column<Line>[] {
  const asked = askedPods(answer);
  const { now } = style;
  const hasHosts = items.some(({ value }) => value.hosts !== undefined);
  const columns: readonly Column<Line>[] = [
    { title: 'NAME', cell: ({ value }) => value.secret.name, narrow: 'wrap', minimum: 16 },
    { title: 'STATE', cell: ({ value }) => describeState(value), narrow: 'wrap', minimum: 10 },
    ...(style.wide || hasHosts ? [hosts] : [dnsNames]),
    { title: 'VALID FOR', cell: (line) => describeValidity(line, now), narrow: 'wrap', minimum: 12 },
    { title: 'SERIAL', cell: (line) => describeSerial(line), narrow: 'elide', minimum: 11 },
    { title: 'ISSUER', cell: ({ value }) => value.secret.chain[0]?.issuer ?? '—', narrow: 'elide', minimum: 16 },
  ];
  const pods: Column<Line> = {
    title: 'PODS',
    cell: (line) => describePods(line.pods, asked),
    narrow: 'wrap',
    minimum: 9,
  };
  return style.wide ? [...columns, ...wideColumns(now), pods] : [...columns, pods];
}

const wideColumns = (now: Date): readonly Column<Line>[] => [
  { title: 'TYPE', cell: ({ value }) => value.secret.kind },
  {
    title: 'SANS',
    cell: leaf((certificate) => [...certificate.dnsNames, ...certificate.otherNames].join(', ') || '—'),
  },
  { title: 'NOT BEFORE', cell: leaf(({ notBefore }) => notBefore) },
  { title: 'NOT AFTER', cell: leaf(({ notAfter }) => notAfter) },
  { title: 'KEY', cell: leaf(({ publicKey }) => publicKey) },
  { title: 'CHAIN', cell: ({ value }) => String(value.secret.chain.length) },
  {
    title: 'UPDATED',
    cell: ({ value }) => (value.secret.lastUpdated === undefined ? '—' : describeMoment(value.secret.lastUpdated, now)),
  },
];

const leaf =
  (describe: (certificate: Certificate) => string) =>
  ({ value }: Line): string => {
    const [certificate] = value.secret.chain;
    return certificate ? describe(certificate) : '—';
  };

const hosts: Column<Line> = {
  title: 'HOSTS',
  cell: ({ value }) => (value.hosts === undefined ? '?' : value.hosts.join(', ') || '—'),
  narrow: 'wrap',
  minimum: 16,
};

const dnsNames: Column<Line> = {
  title: 'DNS NAMES',
  cell: leaf((certificate) => certificate.dnsNames.join(', ') || '—'),
  narrow: 'wrap',
  minimum: 16,
};

/** Once for each secret. */
function doubtLines(items: readonly Item[], style: Style, again: (next: NextStep) => string): string[] {
  const doubtful = new Map(
    items.flatMap(({ value: { secret, doubts = [] } }) => doubts.map((doubt) => [secret.name, doubt])),
  );
  const mark = paint('?', 'warning', style.color);
  const lines = [...doubtful].flatMap(([name, doubt]) => [
    `${mark} ${name} may not be what is served: ${doubt}`,
    `    ${again(step`kubectl istio-ingress certs ${name}`)}`,
  ]);
  return lines.length === 0 ? [] : ['', ...lines];
}

function describeState({ secret, doubts }: SecretRow): Cell {
  if (secret.rejected)
    return { text: `✗ ${secret.state.toUpperCase()}, last update rejected: ${secret.rejected.details}`, tone: 'bad' };
  if (secret.state === 'warming') return { text: '✗ WARMING', tone: 'bad' };
  const state = secret.state.toUpperCase();
  return doubts === undefined ? state : { text: `? ${state}, may not be served`, tone: 'warning' };
}

function describeSerial({ value, own }: Line): string {
  return own === undefined ? (value.secret.chain[0]?.serial ?? '—') : `${own} different`;
}

function describeValidity({ value, own }: Line, now: Date): Cell {
  const { chain, unreadable, state, file } = value.secret;
  const [certificate] = chain;
  if (certificate) {
    const { text, tone } = describeCertificateValidity(certificate, now);
    if (value.doubts) return { text: `? ${text}`, tone: 'warning' };
    return { text: own === undefined ? text : `${text} (the first of ${own})`, tone };
  }
  if (state === 'warming') return { text: 'never delivered', tone: 'bad' };
  if (file !== undefined) return `read from ${file}`;
  if (value.secret.isWithheld) return 'withheld';
  return unreadable === undefined ? '—' : { text: `unreadable: ${unreadable}`, tone: 'bad' };
}
