// How `certs` looks: a line for each host and the certificate that its clients get, then what is wrong with them.

import type { Answer, Style, View } from '#command/command.ts';
import { compareText } from '#core/compare.ts';
import { count, someOf } from '#core/phrase.ts';
import { stepText } from '#core/shell.ts';
import { type Certificate, coversHost } from '#model/certificate.ts';
import { severities } from '#model/finding.ts';
import {
  type CertificateProblem,
  chainOf,
  envoyChainOf,
  type HostCertificate,
  type HostCertificateItem,
  type Served,
} from '#model/host-certificate.ts';
import { compareWithSecret, type KubernetesCertificate } from '#model/kubernetes-certificate.ts';
import { type Cell, type Column, renderTable } from '#render/format/table.ts';
import { paint } from '#render/format/tone.ts';
import { describeCluster } from '#render/words/describe-cluster.ts';
import { askedPods, describePods } from '#render/words/describe-pods.ts';
import { describeMoment } from '#render/words/describe-time.ts';
import { certificateForJson, describeCertificateValidity } from '#render/words/describe-validity.ts';
import { severityMarks } from '#render/words/severity-marks.ts';

type Item = HostCertificateItem;

export const certsView: View<Item> = {
  kind: 'CertificateList',
  table: (items, answer, style) => [
    ...renderTable(columnsFor(items, answer, style), items, style),
    ...problemLines(items, style),
  ],
  name: ({ value }) => `certificate/${value.host ?? value.secret}${value.port === undefined ? '' : `:${value.port}`}`,
  json: itemForJson,
};

function itemForJson({ value, pods, loadedAt, claims, kubernetes, problems }: Item, now: Date): object {
  const { envoySecret, clientSecret: _, passesTo, clientCa, waitsFor, served, ...rest } = value;
  return {
    ...rest,
    clientCa,
    waitsFor,
    passesTo,
    chain: envoyChainOf(value).map((certificate) => certificateForJson(certificate, now)),
    unreadable: envoySecret?.unreadable,
    file: envoySecret?.file,
    rejected: envoySecret?.rejected,
    served: served && servedForJson(served, now),
    kubernetes: kubernetes && kubernetesForJson(value, kubernetes, now),
    claims,
    problems,
    loadedAt,
    pods,
  };
}

const servedForJson = (served: Served, now: Date): object =>
  'chain' in served
    ? { ...served, chain: served.chain.map((certificate) => certificateForJson(certificate, now)) }
    : served;

function kubernetesForJson(value: HostCertificate, kubernetes: KubernetesCertificate, now: Date): object {
  const { namespace, name, content, issuedBy } = kubernetes;
  return {
    secret: {
      namespace,
      name,
      loaded: compareWithSecret(value, kubernetes),
      changedAt: content?.changedAt,
      unreadable: content?.unreadable,
      chain: content?.chain.map((certificate) => certificateForJson(certificate, now)),
    },
    certificate: issuedBy,
  };
}

function columnsFor(items: readonly Item[], answer: Answer<Item>, style: Style): readonly Column<Item>[] {
  const asked = askedPods(answer);
  const { now } = style;
  const usual = usualPort(items);
  const host: Column<Item> = {
    title: 'HOST',
    cell: ({ value }) => describeHost(value, style.wide ? value.port : usual),
    narrow: 'wrap',
    minimum: 20,
  };
  const secret: Column<Item> = {
    title: 'SECRET',
    cell: ({ value }) => describeSecretName(value.secret, style.wide),
    narrow: 'wrap',
    minimum: 12,
  };
  const until: Column<Item> = {
    title: 'VALID UNTIL',
    cell: (item) => describeUntil(item, now),
    narrow: 'wrap',
    minimum: 13,
  };
  const handshake: readonly Column<Item>[] = items.some(({ value }) => value.served) ? [served] : [];
  const pods: Column<Item> = {
    title: 'PODS',
    cell: (item) => describePods(item.pods, asked),
    narrow: 'wrap',
    minimum: 9,
  };
  if (style.wide)
    return [host, wideColumns.port, ...wideCertificate, secret, until, ...handshake, ...wideColumns.more(now), pods];
  return [
    host,
    { title: 'CERTIFICATE', cell: ({ value }) => describeCertificate(value), narrow: 'wrap', minimum: 14 },
    secret,
    until,
    ...handshake,
    pods,
  ];
}

const served: Column<Item> = {
  title: 'SERVED',
  cell: ({ value }) => describeServed(value),
  narrow: 'wrap',
  minimum: 10,
};

/** The certificate that a handshake received, next to the loaded one. */
function describeServed({ served, envoySecret, outcome }: HostCertificate): Cell {
  if (!served) return '—';
  if (served.outcome === 'failed' || served.outcome === 'silent') return { text: '? no answer', tone: 'warning' };
  if (!('chain' in served))
    return { text: outcome === 'none' ? 'closed' : '✗ closed', tone: outcome === 'none' ? undefined : 'bad' };
  const version = [served.protocol, served.alpn].filter(Boolean).join(' ');
  const serial = served.chain[0]?.serial ?? '';
  if (envoySecret?.chain[0] === undefined) return `serial ${serial}, ${version}`;
  return served.isOther ? { text: `✗ serial ${serial}, ${version}`, tone: 'bad' } : `the same, ${version}`;
}

/** The port of most hosts goes without saying. */
function usualPort(items: readonly Item[]): number | undefined {
  const groups = [...Map.groupBy(items, ({ value }) => value.port)].toSorted((a, b) => b[1].length - a[1].length);
  return groups[0]?.[0];
}

function describeHost({ host, port, address }: HostCertificate, usual: number | undefined): string {
  if (host === undefined) return '—';
  const at = address === undefined ? '' : ` at ${address}`;
  return `${port === usual ? host : `${host}:${port}`}${at}`;
}

/** Without the scheme that nearly all share. */
const describeSecretName = (name: string | undefined, isWhole: boolean): string =>
  (isWhole ? name : name?.replace(/^kubernetes:\/\//, '')) ?? '—';

/** Its names, and who signed it; or why there is none. */
function describeCertificate(value: HostCertificate): Cell {
  const certificate = chainOf(value)[0];
  if (value.outcome === 'none') return { text: `✗ none: ${describeWhy(value)}`, tone: 'bad' };
  if (value.outcome === 'passthrough')
    return `that of ${value.passesTo.map(describeCluster).join(', ')}, passed through`;
  if (certificate)
    return `${describeNames(certificate, value.host)}, by ${shortName(certificate.issuer)}${describeBundle(value)}`;
  return describeUnseen(value);
}

const describeBundle = ({ envoySecret }: HostCertificate): string =>
  envoySecret?.kind === 'ca' && envoySecret.chain.length > 1
    ? ` and ${count(envoySecret.chain.length - 1, 'more CA')}`
    : '';

function describeUnseen({ envoySecret, secret, served }: HostCertificate): Cell {
  if (served?.outcome === 'closed') return { text: '✗ none: a handshake ends without one', tone: 'bad' };
  if (envoySecret?.isWithheld) return 'withheld from the snapshot';
  if (secret === 'inline' || envoySecret?.file !== undefined)
    return `read from ${envoySecret?.file ?? 'the listener or a file'}, cannot be seen here`;
  return { text: `✗ unreadable: ${envoySecret?.unreadable ?? 'nothing'}`, tone: 'bad' };
}

function describeWhy({ why, waitsFor, secret }: HostCertificate): string {
  switch (why) {
    case 'no-listener':
      return 'nothing listens on the port';
    case 'no-filter-chain':
      return 'no filter chain takes this name';
    case 'matcher-tree':
      return 'not known, a matcher tree chooses';
    default:
      return waitsFor === secret ? 'not loaded' : `its CA ${waitsFor} is not loaded`;
  }
}

/** The name that is for this host and how many more there are (`-o wide` has them); all of one that is not for it. */
function describeNames({ dnsNames, otherNames, subject }: Certificate, host: string | undefined): string {
  const names = [...dnsNames, ...otherNames];
  const own = host === undefined ? undefined : names.find((name) => coversHost(name, host));
  if (own !== undefined) return names.length === 1 ? own : `${own} +${names.length - 1}`;
  return names.length === 0 ? shortName(subject) : names.join(', ');
}

/** The common name, where there is one. */
const shortName = (name: string): string => /(?:^|, )CN = (.*?)(?:, [A-Z]+ = |$)/.exec(name)?.[1] ?? name;

/** `2027-01-22, 59 days`. Of several CAs the one that lasts longest. */
function describeUntil({ value, problems }: Item, now: Date): Cell {
  const chain = chainOf(value);
  const certificate =
    value.envoySecret?.kind === 'ca' ? chain.toSorted((a, b) => compareText(b.notAfter, a.notAfter))[0] : chain[0];
  if (!certificate) return '—';
  const { text, tone } = describeCertificateValidity(certificate, now);
  const end = certificate.notAfter.slice(0, 10);
  if (problems.some(({ code }) => code === 'not-judged')) return { text: `? ${end}, if it is served`, tone: 'warning' };
  const [, mark = '', left = ''] = /^([✗!] )?(.*)$/.exec(text) ?? [];
  return { text: `${mark}${end}, ${left}`, tone };
}

const ofLeaf =
  (describe: (certificate: Certificate) => string): Column<Item>['cell'] =>
  ({ value }) => {
    const [leaf] = chainOf(value);
    return leaf ? describe(leaf) : '—';
  };

const wideCertificate: readonly Column<Item>[] = [
  {
    title: 'SUBJECT',
    cell: (item) => {
      const [leaf] = chainOf(item.value);
      return leaf ? leaf.subject || '—' : describeCertificate(item.value);
    },
  },
  { title: 'SANS', cell: ofLeaf(({ dnsNames, otherNames }) => [...dnsNames, ...otherNames].join(', ') || '—') },
  { title: 'ISSUER', cell: ofLeaf(({ issuer }) => issuer) },
];

const wideColumns: { readonly port: Column<Item>; readonly more: (now: Date) => readonly Column<Item>[] } = {
  port: { title: 'PORT', cell: ({ value }) => String(value.port ?? '—') },
  more: (now) => [
    { title: 'NOT BEFORE', cell: ofLeaf(({ notBefore }) => notBefore) },
    { title: 'NOT AFTER', cell: ofLeaf(({ notAfter }) => notAfter) },
    { title: 'SERIAL', cell: ofLeaf(({ serial }) => serial) },
    { title: 'KEY', cell: ofLeaf(({ publicKey }) => publicKey) },
    { title: 'CHAIN', cell: ({ value }) => String(chainOf(value).length) },
    { title: 'TLS', cell: ({ value }) => value.mode ?? (value.outcome === 'passthrough' ? 'PASSTHROUGH' : '—') },
    { title: 'CLIENT CA', cell: ({ value }) => value.clientCa ?? '—' },
    { title: 'GATEWAY', cell: ({ value }) => describeGateway(value) },
    {
      title: 'LOADED',
      cell: ({ loadedAt }) => {
        const [first] = Object.values(loadedAt).sort();
        return first === undefined ? '—' : describeMoment(first, now);
      },
    },
  ],
};

function describeGateway({ gateway, routeConfiguration }: HostCertificate): string {
  if (!gateway) return routeConfiguration === undefined ? '—' : `routes ${routeConfiguration}`;
  const { kind, namespace, name, part } = gateway;
  const own = `${namespace}/${name}${part === undefined ? '' : ` ${part}`}`;
  return kind === 'Ingress' ? `Ingress ${own}` : own;
}

/** A problem that several hosts share is printed once. */
function problemLines(items: readonly Item[], style: Style): string[] {
  const all = items.flatMap(({ value, problems }) =>
    problems.map((problem) => ({ place: describePlace(value), problem })),
  );
  const groups = [...Map.groupBy(all, ({ problem }) => `${problem.severity}\n${problem.text}`).values()];
  const lines = severities.flatMap((severity) =>
    groups.filter(([first]) => first?.problem.severity === severity).flatMap((group) => linesOf(group, style)),
  );
  return lines.length === 0 ? [] : ['', ...lines];
}

function linesOf(
  group: readonly { readonly place: string; readonly problem: CertificateProblem }[],
  style: Style,
): string[] {
  const [first] = group;
  if (!first) return [];
  const { mark, tone } = severityMarks[first.problem.severity];
  const places = someOf(group.map(({ place }) => place));
  return [
    `${paint(mark, tone, style.color)} ${places}: ${first.problem.text}`,
    ...first.problem.next.map((next) => `    ${stepText(next)}`),
  ];
}

const describePlace = ({ host, port, secret }: HostCertificate): string =>
  host === undefined ? (secret ?? '') : `${host}:${port}`;
