// How `explain` looks: the way of the request as a tree, from the Service to the endpoints; once for pods that agree.

import type { Answer, Style, View } from '#core/command.ts';
import type { Endpoint } from '#model/cluster.ts';
import type { Entry, ExplainedChain, Explanation, NearMiss, Outcome } from '#model/explanation.ts';
import { describeObject } from '#model/resource.ts';
import type { Route } from '#model/route.ts';
import type { Shared } from '#model/shared.ts';
import { describeMatch } from './describe-match.ts';
import { describeMismatches } from './describe-mismatch.ts';
import { describeSpan } from './describe-time.ts';
import { describeUpstreamTls } from './describe-tls.ts';
import { padText, printable, textWidth } from './text.ts';
import { paint } from './tone.ts';

type Item = Shared<Explanation>;

export const explainView: View<Item> = {
  kind: 'Explanation',
  table: (items, answer, style) => items.map((item) => renderOne(item, items.length, answer, style)).join('\n'),
  name: ({ value }) => value.outcomes.map(nameOfOutcome).join(','),
  json: ({ value, pods }) => ({ ...value, pods }),
};

function nameOfOutcome(outcome: Outcome): string {
  if ('cluster' in outcome) return `cluster/${outcome.cluster}`;
  return outcome.kind === 'unknown' ? 'unknown' : `${outcome.kind}/${('code' in outcome && outcome.code) || 'closed'}`;
}

function renderOne({ value, pods }: Item, groups: number, answer: Answer<Item>, style: Style): string {
  const asked = answer.pods.length;
  const agree = groups === 1 ? `${pods.length}/${asked} pods agree` : `on ${pods.length}/${asked} pods: ${pods.join(', ')}`;
  const lines = [
    `${describeEntry(value.entry)}   ${paint(agree, groups === 1 ? 'faint' : 'warning', style.color)}`,
    ...listenerLines(value, style),
    ...value.caveats.map((caveat) => `${paint('!', 'warning', style.color)} ${caveat}`),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function describeEntry(entry: Entry): string {
  const to = entry.port === entry.listenerPort ? String(entry.port) : `${entry.port} → ${entry.listenerPort}`;
  if (entry.service === undefined) return `port       ${to} (${entry.by})`;
  return `service    ${entry.service}:${to}${entry.by === 'node port' ? ' (node port)' : ''}`;
}

function listenerLines(value: Explanation, style: Style): string[] {
  if (value.listener === undefined) return outcomeLines(value.outcomes, '', style);
  const chain = value.chain ? [`└ chain    ${describeChain(value.chain, style)}`] : [];
  const below = value.virtualHost ? virtualHostLines(value, style) : outcomeLines(value.outcomes, value.chain ? '  ' : '', style);
  return [`listener   ${value.listener}`, ...chain, ...below];
}

function describeChain(chain: ExplainedChain, style: Style): string {
  const name = chain.isDefault ? 'default chain' : chain.serverName === undefined ? 'any server name' : `SNI ${chain.serverName}`;
  const tls = chain.tls === undefined ? 'no TLS ended here' : `TLS ${chain.tls.mode}`;
  return [name, tls, ...chain.certificates.map((certificate) => describeServed(certificate, style))].join(' · ');
}

function describeServed({ secret, isLoaded, notAfter, coversHost }: ExplainedChain['certificates'][number], style: Style): string {
  if (!isLoaded) return `${secret}, ${paint('not loaded', 'bad', style.color)}`;
  if (notAfter === undefined) return `${secret}, cannot be read from outside`;
  const ms = Date.parse(notAfter) - style.now.getTime();
  const validity = ms < 0 ? paint(`expired ${describeSpan(-ms)} ago`, 'bad', style.color) : `${describeSpan(ms)} left`;
  return `${secret}, ${validity}${coversHost ? '' : `, ${paint('does not cover the host', 'bad', style.color)}`}`;
}

function virtualHostLines(value: Explanation, style: Style): string[] {
  const head = `  └ vhost  ${value.virtualHost?.domain}   (route configuration ${value.routeConfiguration})`;
  const { shown, hidden } = nearest(value.misses, style.wide);
  const rows = [...shown.map(missRow), ...value.outcomes.flatMap(({ route }) => (route ? [hitRow(route)] : []))];
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => textWidth(row[column] ?? ''))));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => padText(cell, widths[column] ?? 0))
      .join('   ')
      .trimEnd();
  const missed = shown.map((miss) => `    ├ ${line(missRow(miss))}`);
  const more = hidden > 0 ? [`    ├ … ${hidden} more routes before it do not match (-o wide shows all)`] : [];
  return [head, ...more, ...missed, ...outcomeGroups(value.outcomes, line, style)];
}

/** One route may have several outcomes (weights); it is printed once. */
function outcomeGroups(outcomes: readonly Outcome[], line: (row: readonly string[]) => string, style: Style): string[] {
  const groups = Map.groupBy(outcomes, ({ route }) => route);
  return [...groups].flatMap(([route, of]) => {
    if (route === undefined) return outcomeLines(of, '    ', style);
    return [`    └ ${line(hitRow(route))}`, ...outcomeLines(of, '      ', style)];
  });
}

const hitRow = (route: Route): readonly string[] => [`✓ ${route.position}`, printable(describeMatch(route.match)), '', describeOrigin(route)];

const missRow = ({ route, mismatches }: NearMiss): readonly string[] => [
  `✗ ${route.position}`,
  printable(describeMatch(route.match)),
  describeMismatches(mismatches),
  describeOrigin(route),
];

const describeOrigin = (route: Route): string => (route.from === undefined ? '' : describeObject(route.from));

const mostMisses = 6;

/** The misses with the fewest failed conditions, in Envoy's order. */
function nearest(misses: readonly NearMiss[], all: boolean): { shown: readonly NearMiss[]; hidden: number } {
  if (all || misses.length <= mostMisses) return { shown: misses, hidden: 0 };
  const near = new Set([...misses].sort((a, b) => a.mismatches.length - b.mismatches.length || b.route.position - a.route.position).slice(0, mostMisses));
  return { shown: misses.filter((miss) => near.has(miss)), hidden: misses.length - mostMisses };
}

function outcomeLines(outcomes: readonly Outcome[], indent: string, style: Style): string[] {
  return outcomes.flatMap((outcome) => {
    const share = outcome.share < 1 ? `${Math.round(outcome.share * 1000) / 10}% ` : '';
    return [`${indent}└ ${share}${describeOutcome(outcome, style)}`, ...details(outcome, `${indent}  `, style)];
  });
}

function describeOutcome(outcome: Outcome, style: Style): string {
  switch (outcome.kind) {
    case 'forward': {
      const rule = outcome.destinationRule === undefined ? '' : `   ${describeObject(outcome.destinationRule)}`;
      return `${outcome.cluster}   ${describeUpstreamTls(outcome.tls)}${rule}`;
    }
    case 'tcp':
      return `${outcome.cluster}   TCP, passed through`;
    case 'redirect':
      return `${codeOf(outcome)} redirect to ${outcome.location ?? 'a location that cannot be told from outside'}`;
    case 'respond':
      return `${codeOf(outcome)} direct response${outcome.body ? ` ${JSON.stringify(outcome.body)}` : ''}`;
    case 'abort':
      return paint(`${codeOf(outcome)} by the fault filter (flag FI)`, 'bad', style.color);
    case 'preflight':
      return `${outcome.code} by the CORS filter: a preflight is answered here`;
    case 'fail':
      return paint(
        `✗ ${outcome.code === undefined ? '' : `${codeOf(outcome)}: `}${outcome.why}${outcome.flag ? ` (flag ${outcome.flag})` : ''}`,
        'bad',
        style.color,
      );
    case 'unknown':
      return paint(`? ${outcome.why}`, 'warning', style.color);
  }
}

const codeOf = ({ code, grpcStatus }: { readonly code?: number | undefined; readonly grpcStatus?: number }): string =>
  grpcStatus === undefined ? String(code) : `${code} with grpc-status ${grpcStatus},`;

function details(outcome: Outcome, indent: string, style: Style): string[] {
  if (outcome.kind === 'fail') return outcome.nearest.length === 0 ? [] : [`${indent}${nearestTitle(outcome.at)}: ${outcome.nearest.join(', ')}`];
  if (outcome.kind !== 'forward' && outcome.kind !== 'tcp') return [];
  return [...rewriteLine(outcome, indent), ...panicLine(outcome, indent, style), ...endpointLines(outcome.endpoints, indent, style)];
}

const nearestTitle = (at: Extract<Outcome, { kind: 'fail' }>['at']): string =>
  at === 'listener' ? 'ports that do' : at === 'endpoint' ? 'endpoints' : 'nearest hosts that exist';

function rewriteLine(outcome: Outcome, indent: string): string[] {
  if (outcome.kind !== 'forward' || outcome.route?.action.kind !== 'forward') return [];
  const { prefix, regex, template, host, autoHost } = outcome.route.action.rewrite;
  const isRewritten = [prefix, regex, template, host].some((one) => one !== undefined) || autoHost;
  return isRewritten ? [`${indent}rewritten to ${outcome.host ?? '(host not known)'}${outcome.path ?? ' (path not known)'}`] : [];
}

function panicLine(outcome: Outcome, indent: string, style: Style): string[] {
  const isInPanic = outcome.kind === 'forward' && outcome.isInPanic;
  return isInPanic ? [`${indent}${paint('too few healthy endpoints: Envoy balances over all of them', 'bad', style.color)}`] : [];
}

const mostEndpoints = 10;

/** Unhealthy ones first: they are what one looks for. */
function endpointLines(endpoints: readonly Endpoint[], indent: string, style: Style): string[] {
  const order = [...endpoints].sort((a, b) => Number(a.health === 'HEALTHY') - Number(b.health === 'HEALTHY') || a.address.localeCompare(b.address));
  const shown = style.wide ? order : order.slice(0, mostEndpoints);
  const width = Math.max(0, ...shown.map(({ address }) => address.length));
  const lines = shown.map((endpoint, index) => {
    const branch = index === shown.length - 1 && shown.length === order.length ? '└' : '├';
    const health = paint(endpoint.health, endpoint.health === 'HEALTHY' ? undefined : 'bad', style.color);
    return `${indent}${branch} ${endpoint.address.padEnd(width)}   ${[health, ...endpoint.reasons].join('   ')}`;
  });
  return shown.length < order.length ? [...lines, `${indent}└ … ${order.length - shown.length} more (-o wide shows all)`] : lines;
}
