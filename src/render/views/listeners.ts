// How `listeners` looks: a line for each filter chain, and one for each update that Envoy rejected.

import type { Answer, Style, View } from '#command/command.ts';
import type { DownstreamTls } from '#model/listener.ts';
import type { ChainTarget, ListedChain, ListenerRow } from '#model/listener-row.ts';
import type { OnPods } from '#model/merge-pods.ts';
import { envoyListeners } from '#render/format/envoy.ts';
import { renderOnPods } from '#render/format/pods-table.ts';
import { type Cell, type Column, textOf } from '#render/format/table.ts';
import { describeClusters } from '#render/words/describe-action.ts';
import { describeChainMatch } from '#render/words/describe-elements.ts';
import { type Asked, askedPods, describePods } from '#render/words/describe-pods.ts';
import { describeRejection } from '#render/words/describe-state.ts';

type Item = OnPods<ListenerRow>;

export const listenersView: View<Item> = {
  kind: 'ListenerList',
  table: (items, answer, style) => renderOnPods(columnsFor(items, answer, style), items, style),
  name: ({ value }) => `listener/${value.listener}/${describeName(value)}`,
  json: ({ value, pods }) => ({ ...value, pods }),
  envoy: envoyListeners,
};

/** Nothing in the row of a rejected update: what Envoy says reaches over these columns. */
const ofRow =
  (describe: (row: ListenerRow) => string): Column<Item>['cell'] =>
  ({ value }) =>
    value.rejected ? '' : describe(value) || '—';

const ofChain = (describe: (chain: ListedChain) => string): Column<Item>['cell'] =>
  ofRow(({ chain }) => (chain ? describe(chain) : ''));

const address: Column<Item> = {
  title: 'ADDRESS',
  cell: ({ value }) => describeAddress(value),
  narrow: 'wrap',
  minimum: 9,
};
const tls: Column<Item> = { title: 'TLS', cell: ofChain(describeTls), narrow: 'wrap', minimum: 6 };
const certificate: Column<Item> = {
  title: 'CERTIFICATE',
  cell: ofChain((chain) => chain.tls?.certificates.join(', ') ?? ''),
  narrow: 'wrap',
  minimum: 11,
};
const to: Column<Item> = {
  title: 'TO',
  cell: ofChain((chain) => describeTarget(chain.to)),
  narrow: 'wrap',
  minimum: 9,
};

const wideOnly: readonly Column<Item>[] = [
  { title: 'LISTENER', cell: ofRow(({ listener }) => listener) },
  { title: 'CHAIN', cell: ofChain((chain) => chain.name ?? '') },
  { title: 'ALPN', cell: ofChain((chain) => chain.tls?.alpn.join(', ') ?? '') },
  {
    title: 'TLS VERSIONS',
    cell: ofChain((chain) => [chain.tls?.minVersion, chain.tls?.maxVersion].filter(Boolean).join(' to ')),
  },
  { title: 'CLIENT CA', cell: ofChain((chain) => chain.tls?.clientCa ?? '') },
  { title: 'LISTENER FILTERS', cell: ofRow(({ listenerFilters }) => listenerFilters.join(', ')) },
  { title: 'NETWORK FILTERS', cell: ofChain((chain) => chain.networkFilters.join(', ')) },
  { title: 'HTTP FILTERS', cell: ofChain((chain) => describeHttpFilters(chain.to)) },
];

/** Only where there is something: fields of Envoy's that this tool does not evaluate. */
const notEvaluated: Column<Item> = {
  title: 'NOT EVALUATED',
  cell: ofChain((chain) => chain.unevaluated?.join(', ') ?? ''),
};

function columnsFor(items: readonly Item[], answer: Answer<Item>, style: Style): readonly Column<Item>[] {
  const asked = askedPods(answer);
  const match: Column<Item> = {
    title: 'MATCH',
    cell: (item) => describeRow(item, asked, style.now),
    narrow: 'wrap',
    minimum: 9,
  };
  const state: Column<Item> = { title: 'STATE', cell: ({ value }) => describeState(value), narrow: 'wrap', minimum: 9 };
  const pods: Column<Item> = {
    title: 'PODS',
    cell: (item) => (item.value.rejected ? '' : describePods(item.pods, asked)),
    narrow: 'wrap',
    minimum: 9,
  };
  const shown = [address, match, tls, certificate, to];
  const opaque = items.some(({ value }) => value.chain?.unevaluated) ? [notEvaluated] : [];
  if (style.wide) return [...shown, ...wideOnly, ...opaque, state, pods];
  return items.some(({ value }) => value.state === 'warming' || value.state === 'draining')
    ? [...shown, state, pods]
    : [...shown, pods];
}

function describeRow({ value, pods }: Item, asked: Asked, now: Date): Cell {
  if (!value.rejected) return describeMatch(value);
  return {
    text: `✗ ${describeRejection(value.rejected, now)} · pods ${textOf(describePods(pods, asked))}`,
    tone: 'bad',
    spans: true,
  };
}

function describeAddress(row: ListenerRow): string {
  const addresses = [describeMainAddress(row), ...row.additionalAddresses].join(', ');
  return `${addresses}${row.ipv4Compat ? ' (IPv4 too)' : ''}${row.transport === undefined ? '' : ' UDP (HTTP/3)'}`;
}

/** Pipes and what was rejected before Envoy knew its address have no port. */
function describeMainAddress({ address: host, port, listener }: ListenerRow): string {
  if (port === 0) return host || listener || '—';
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function describeMatch({ chain, hasMatcherTree }: ListenerRow): string {
  if (!chain) return '—';
  const own = chain.isDefault ? 'everything else' : describeChainMatch(chain.match);
  return hasMatcherTree ? `${own} (not used: a matcher tree chooses)` : own;
}

const tlsModes: Readonly<Record<DownstreamTls['mode'], string>> = {
  SIMPLE: 'SIMPLE',
  MUTUAL: 'MUTUAL, client certificate required',
  OPTIONAL_MUTUAL: 'OPTIONAL_MUTUAL, client certificate optional',
};

/** A chain that asks for a server name and ends no TLS hands the connection on as it is. */
function describeTls({ tls: ended, match: { serverNames, transportProtocol } }: ListedChain): string {
  if (ended) return tlsModes[ended.mode];
  return serverNames.length > 0 || transportProtocol === 'tls' ? 'PASSTHROUGH' : 'none';
}

function describeTarget(target: ChainTarget): string {
  switch (target.kind) {
    case 'routes':
      return `routes ${target.routeConfiguration}`;
    case 'inline-routes':
      return `inline routes ${target.paths.join(', ')}`.trimEnd();
    case 'tcp':
      return `TCP to ${describeClusters(target.clusters)}`;
    case 'unknown':
      return `unknown filter ${target.type}`;
  }
}

function describeHttpFilters(target: ChainTarget): string {
  if (!('httpFilters' in target)) return '';
  return target.httpFilters.map(({ name, disabled }) => (disabled ? `${name} (disabled)` : name)).join(', ');
}

function describeState({ state, rejected }: ListenerRow): Cell {
  if (rejected) return '';
  if (state === 'warming') return { text: 'warming, does not listen yet', tone: 'warning' };
  if (state === 'draining') return { text: 'draining, takes no new connections', tone: 'warning' };
  return state;
}

function describeName({ chain, state }: ListenerRow): string {
  if (state === 'rejected') return 'rejected';
  return chain?.match.serverNames.join(',') || (chain?.isDefault ? 'default' : '*');
}
