// How `certs --upstream` looks: for each pod of the services that hosts lead to, whether the gateway would take its
// certificate.

import type { Answer, Style, View } from '#command/command.ts';
import type { OnPods } from '#model/merge-pods.ts';
import type { UpstreamCheck } from '#model/upstream-check.ts';
import { type Cell, type Column, renderTable } from '#render/format/table.ts';
import { describeCluster } from '#render/words/describe-cluster.ts';
import { askedPods, describePods } from '#render/words/describe-pods.ts';
import { describeUpstreamTls } from '#render/words/describe-tls.ts';
import { certificateForJson, describeCertificateValidity } from '#render/words/describe-validity.ts';

type Item = OnPods<UpstreamCheck>;

export const upstreamChecksView: View<Item> = {
  kind: 'UpstreamCheckList',
  table: (items, answer, style) => renderTable(columnsFor(answer, style), items, style),
  name: ({ value: { cluster, pod } }) => (pod ? `pod/${pod.namespace}/${pod.name}` : `cluster/${cluster}`),
  json: ({ value: { envoySecret: _, chain, ...rest }, pods }, now) => ({
    ...rest,
    chain: chain.map((certificate) => certificateForJson(certificate, now)),
    pods,
  }),
};

function columnsFor(answer: Answer<Item>, style: Style): readonly Column<Item>[] {
  const asked = askedPods(answer);
  const columns: readonly Column<Item>[] = [
    { title: 'SERVICE', cell: ({ value }) => describeCluster(value.cluster), narrow: 'wrap', minimum: 14 },
    {
      title: 'POD',
      cell: ({ value: { pod } }) => (pod ? `${pod.namespace}/${pod.name}:${pod.port}` : '—'),
      narrow: 'wrap',
      minimum: 14,
    },
    { title: 'WOULD PASS', cell: ({ value }) => describeOutcome(value), narrow: 'wrap', minimum: 14 },
    { title: 'THE GATEWAY CHECKS', cell: ({ value }) => describeUpstreamTls(value.tls), narrow: 'wrap', minimum: 14 },
    {
      title: 'VALID FOR',
      cell: ({ value }) => (value.chain[0] ? describeCertificateValidity(value.chain[0], style.now) : '—'),
      narrow: 'wrap',
      minimum: 9,
    },
  ];
  const wide: readonly Column<Item>[] = [
    { title: 'SUBJECT', cell: ({ value }) => value.chain[0]?.subject ?? '—' },
    {
      title: 'SANS',
      cell: ({ value }) =>
        [...(value.chain[0]?.dnsNames ?? []), ...(value.chain[0]?.otherNames ?? [])].join(', ') || '—',
    },
    { title: 'ISSUER', cell: ({ value }) => value.chain[0]?.issuer ?? '—' },
    { title: 'HOSTS', cell: ({ value }) => value.hosts.join(', ') || '—' },
  ];
  const gateways: Column<Item> = {
    title: 'PODS',
    cell: (item) => describePods(item.pods, asked),
    narrow: 'wrap',
    minimum: 9,
  };
  return style.wide ? [...columns, ...wide, gateways] : [...columns, gateways];
}

function describeOutcome({ outcome, why }: UpstreamCheck): Cell {
  if (outcome === 'passes') return why === undefined ? 'yes' : `yes, ${why}`;
  return outcome === 'fails' ? { text: `✗ no: ${why}`, tone: 'bad' } : { text: `? ${why}`, tone: 'warning' };
}
