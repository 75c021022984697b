// How `certs --upstream-ca` looks: for each service that hosts lead to, what the gateway checks its certificate with.

import type { Answer, Style, View } from '#command/command.ts';
import { compareText } from '#core/compare.ts';
import { count } from '#core/phrase.ts';
import { daysLeft } from '#model/certificate.ts';
import type { OnPods } from '#model/merge-pods.ts';
import { describeObject } from '#model/resource.ts';
import type { UpstreamCertificate } from '#model/upstream-certificate.ts';
import { type Cell, type Column, renderTable } from '#render/format/table.ts';
import { describeCluster } from '#render/words/describe-cluster.ts';
import { askedPods, describePods } from '#render/words/describe-pods.ts';
import { describeUpstreamTls } from '#render/words/describe-tls.ts';
import { certificateForJson, describeCertificateValidity } from '#render/words/describe-validity.ts';

type Item = OnPods<UpstreamCertificate>;

export const upstreamCaView: View<Item> = {
  kind: 'UpstreamCertificateList',
  table: (items, answer, style) => renderTable(columnsFor(answer, style), items, style),
  name: ({ value }) => `cluster/${value.cluster}`,
  json: ({ value: { envoySecret, ...rest }, pods }, now) => ({
    ...rest,
    state: envoySecret?.state,
    authorities: (envoySecret?.chain ?? []).map((certificate) => certificateForJson(certificate, now)),
    pods,
  }),
};

function columnsFor(answer: Answer<Item>, style: Style): readonly Column<Item>[] {
  const asked = askedPods(answer);
  const columns: readonly Column<Item>[] = [
    { title: 'SERVICE', cell: ({ value }) => describeCluster(value.cluster), narrow: 'wrap', minimum: 14 },
    { title: 'TLS', cell: ({ value }) => describeCheck(value), narrow: 'wrap', minimum: 14 },
    { title: 'AUTHORITIES', cell: ({ value }) => describeAuthorities(value), narrow: 'wrap', minimum: 14 },
    { title: 'VALID FOR', cell: ({ value }) => describeValidFor(value, style.now), narrow: 'wrap', minimum: 10 },
  ];
  const wide: readonly Column<Item>[] = [
    { title: 'CLUSTER', cell: ({ value }) => value.cluster },
    { title: 'HOSTS', cell: ({ value }) => value.hosts.join(', ') || '—' },
    {
      title: 'SNI',
      cell: ({ value }) =>
        'sni' in value.tls ? (value.tls.sni ?? (value.tls.autoSni ? "the request's host" : '—')) : '—',
    },
    {
      title: 'DESTINATION RULE',
      cell: ({ value }) => (value.destinationRule ? describeObject(value.destinationRule) : '—'),
    },
  ];
  const pods: Column<Item> = {
    title: 'PODS',
    cell: (item) => describePods(item.pods, asked),
    narrow: 'wrap',
    minimum: 5,
  };
  return style.wide ? [...columns, ...wide, pods] : [...columns, pods];
}

function describeCheck({ tls }: UpstreamCertificate): Cell {
  const text = describeUpstreamTls(tls);
  const isChecked = !('isVerified' in tls) || tls.isVerified;
  return { text, tone: isChecked ? undefined : 'warning' };
}

function describeAuthorities({ secret, envoySecret }: UpstreamCertificate): Cell {
  if (secret === undefined) return '—';
  if (secret === 'inline') return 'in the cluster itself';
  if (!envoySecret || envoySecret.state === 'warming') return { text: `✗ ${secret} is not loaded`, tone: 'bad' };
  if (envoySecret.chain.length === 0)
    return envoySecret.file === undefined ? (envoySecret.unreadable ?? 'none') : `read from ${envoySecret.file}`;
  return envoySecret.chain.length === 1 ? (envoySecret.chain[0]?.subject ?? '') : count(envoySecret.chain.length, 'CA');
}

/** Of several, from the one that ends first to the one that lasts. */
function describeValidFor({ envoySecret }: UpstreamCertificate, now: Date): Cell {
  const ends = (envoySecret?.chain ?? []).toSorted((a, b) => compareText(a.notAfter, b.notAfter));
  const [first, last] = [ends[0], ends.at(-1)];
  if (!first || !last) return '—';
  if (first === last) return describeCertificateValidity(last, now);
  return `${daysLeft(first, now)} to ${daysLeft(last, now)} days`;
}
