// How `explain` looks: the way of the request as a tree, from the Service to the endpoints; once for pods that agree.

import type { Answer, Style, View } from '#command/command.ts';
import { compareText } from '#core/compare.ts';
import { describeSpan } from '#core/duration.ts';
import { count } from '#core/phrase.ts';
import { stepText } from '#core/shell.ts';
import type { Endpoint } from '#model/cluster.ts';
import type {
  Entry,
  ExplainedChain,
  ExplainedEndpoint,
  Explanation,
  ExplanationItem,
  LosingRoute,
  NearMiss,
  Outcome,
} from '#model/explanation.ts';
import type { OnPods } from '#model/merge-pods.ts';
import type { Reason } from '#model/reason.ts';
import { describeObject } from '#model/resource.ts';
import { describeOrigin, type Route } from '#model/route.ts';
import { cleanText, withoutMarks } from '#render/format/terminal.ts';
import { padText, textWidth, wrapText } from '#render/format/text.ts';
import { paint } from '#render/format/tone.ts';
import { describeLimits, shortBody } from '#render/words/describe-action.ts';
import { describeMatch } from '#render/words/describe-match.ts';
import { describeMismatches } from '#render/words/describe-mismatch.ts';
import { describeUpstreamTls } from '#render/words/describe-tls.ts';
import { sentLines } from './explain-sent.ts';

type Item = OnPods<ExplanationItem>;

export const explainView: View<Item> = {
  kind: 'Explanation',
  table: (items, answer, style) =>
    [partingLines(answer, style), ...items.map((item) => renderOne(item, items.length, answer, style))]
      .filter((lines) => lines.length > 0)
      .flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])),
  name: ({ value }) => value.outcomes.map(nameOfOutcome).join(','),
  json: ({ value, pods }) => ({ ...value, pods }),
};

/** Above the ways, so that nobody has to compare two trees. */
function partingLines({ extra, items }: Answer<Item>, style: Style): string[] {
  const parting = extra?.['parting'];
  if (typeof parting !== 'string') return [];
  return [paint(`the pods do not agree: ${items.length} ways, which part at the ${parting}`, 'warning', style.color)];
}

function nameOfOutcome(outcome: Outcome): string {
  if ('cluster' in outcome) return `cluster/${outcome.cluster}`;
  return outcome.kind === 'unknown' ? 'unknown' : `${outcome.kind}/${('code' in outcome && outcome.code) || 'closed'}`;
}

function renderOne({ value, pods }: Item, groups: number, answer: Answer<Item>, style: Style): string[] {
  const agree = paint(describePods(pods, groups, answer.pods.length), groups === 1 ? 'faint' : 'warning', style.color);
  const entry = describeEntry(value.entry);
  const head =
    textWidth(withoutMarks(`${entry}   ${agree}`)) <= style.columns
      ? [`${entry}   ${agree}`]
      : [entry, `           ${agree}`];
  const caveats = value.caveats.flatMap((caveat) => noteLines(caveat, '', 'warning', style));
  const lines = [
    ...head,
    ...listenerLines(value, style),
    ...caveats,
    ...sentLines(value.sent ?? [], answer.extra?.['request'], style),
  ];
  return lines.map((line) => line.trimEnd());
}

function describePods(pods: readonly string[], groups: number, asked: number): string {
  if (groups > 1) return `on ${pods.length}/${asked} pods: ${pods.join(', ')}`;
  return pods.length === asked ? `${asked}/${asked} pods agree` : `${pods.length}/${asked} pods answered, and agree`;
}

function describeEntry(entry: Entry): string {
  const to = entry.port === entry.listenerPort ? String(entry.port) : `${entry.port} → ${entry.listenerPort}`;
  if (entry.service === undefined) return `port       ${to} (${entry.by})`;
  return `service    ${entry.service}:${to}${entry.by === 'node port' ? ' (node port)' : ''}`;
}

function listenerLines(value: Explanation, style: Style): string[] {
  if (value.listener === undefined) return outcomeLines(value.outcomes, '', style);
  const chain = value.chain
    ? branch('└ chain    ', '             ', describeChain(value.chain, value, style), style)
    : [];
  const below = value.virtualHost
    ? virtualHostLines(value, style)
    : outcomeLines(value.outcomes, value.chain ? '  ' : '', style);
  return [`listener   ${value.listener}`, ...chain, ...below];
}

/** Parts after each other, as many as fit in a line. */
function branch(first: string, next: string, parts: readonly string[], style: Style): string[] {
  const lines: string[] = [];
  let line = first;
  for (const piece of parts.flatMap((part) => pieces(part, style.columns - textWidth(next)))) {
    const isFirst = line === first || line === next;
    const longer = isFirst ? line + piece : `${line} · ${piece}`;
    const fits = isFirst || textWidth(withoutMarks(longer)) <= style.columns;
    if (!fits) lines.push(line);
    line = fits ? longer : next + piece;
  }
  return [...lines, line];
}

/** What is too long for a line of its own breaks between words; colours would break with it. */
const pieces = (part: string, width: number): string[] =>
  part === withoutMarks(part) ? wrapText(part, Math.max(20, width)) : [part];

function describeChain(chain: ExplainedChain, { gateway }: Explanation, style: Style): string[] {
  const name = chain.isDefault
    ? 'default chain'
    : chain.serverName === undefined
      ? 'any server name'
      : `SNI ${chain.serverName}`;
  const tls = chain.tls === undefined ? 'no TLS ended here' : `TLS ${chain.tls.mode}`;
  const of = gateway === undefined ? [] : [describeObject(gateway)];
  return [name, tls, ...chain.certificates.map((certificate) => describeServed(certificate, style)), ...of];
}

function describeServed(
  { secret, isLoaded, notAfter, coversHost, doubt }: ExplainedChain['certificates'][number],
  style: Style,
): string {
  if (!isLoaded) return `${secret}, ${paint('not loaded', 'bad', style.color)}`;
  if (doubt !== undefined)
    return `${secret}, ${paint('may not be what clients get', 'warning', style.color)} (${doubt}): certs tells`;
  if (notAfter === undefined) return `${secret}, cannot be read from outside`;
  const ms = Date.parse(notAfter) - style.now.getTime();
  const validity = ms < 0 ? paint(`expired ${describeSpan(-ms)} ago`, 'bad', style.color) : `${describeSpan(ms)} left`;
  return `${secret}, ${validity}${coversHost ? '' : `, ${paint('does not cover the host', 'bad', style.color)}`}`;
}

function virtualHostLines(value: Explanation, style: Style): string[] {
  const head = branch(
    '  └ vhost  ',
    '           ',
    [value.virtualHost?.domain ?? '', `route configuration ${value.routeConfiguration}`],
    style,
  );
  const { shown, hidden } = nearest(value.misses, style.wide);
  const rows = [
    ...shown.map(missRow),
    ...value.outcomes.flatMap((outcome) => (outcome.route ? [hitRow(outcome.route, outcome)] : [])),
  ];
  const layOut = layOutRows(rows, style);
  const missed = shown.flatMap((miss) => layOut('    ├ ', '    │      ', missRow(miss)));
  const more =
    hidden > 0
      ? [
          `    ├ … ${count(hidden, 'more route')} before it ${hidden === 1 ? 'does' : 'do'} not match (-o wide shows all)`,
        ]
      : [];
  return [...head, ...more, ...missed, ...outcomeGroups(value.outcomes, layOut, style), ...loserLines(value, style)];
}

const mostLosers = 3;

/** Under the route that is taken: those that somebody may have meant. */
function loserLines({ losers, outcomes }: Explanation, style: Style): string[] {
  const winner = outcomes.find(({ route }) => route !== undefined)?.route;
  if (!winner) return [];
  const lines = losers
    .slice(0, mostLosers)
    .flatMap((loser) => noteLines(describeLoser(loser, winner), '    ', 'warning', style));
  const hidden = losers.length - mostLosers;
  return hidden > 0 ? [...lines, `    … ${count(hidden, 'more route')} behind it would match`] : lines;
}

function describeLoser({ route, repair }: LosingRoute, winner: Route): string {
  const what = `route ${route.position} (${cleanText(describeMatch(route.match))}${route.from ? `, ${describeOrigin(route)}` : ''})`;
  const fact = `${what} matches too and loses: route ${winner.position} comes first`;
  const before = `before its route ${cleanText(describeMatch(winner.match))}`;
  switch (repair) {
    case 'move-into-winner':
      return `${fact}. To repair it, put it into ${describeOrigin(winner)}, ${before}: of several VirtualServices for one host the oldest comes first`;
    case 'move-before-winner':
      return `${fact}. To repair it, put it ${before} in the same ${winner.from?.kind}`;
    case 'remove-one':
      return `${fact} with the same match. To repair it, take one of the two out`;
    case undefined:
      return fact;
  }
}

/** A sentence under a branch, after a mark. */
function noteLines(text: string, indent: string, tone: 'bad' | 'warning', style: Style): string[] {
  const lines = wrapText(text, style.columns - indent.length - 2);
  return lines.map((line, index) => `${indent}${index === 0 ? paint('!', tone, style.color) : ' '} ${line}`);
}

type LayOut = (first: string, next: string, row: readonly string[]) => string[];

/** In columns where every row fits; else each with as many lines as it takes. */
function layOutRows(rows: readonly (readonly string[])[], style: Style): LayOut {
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => textWidth(row[column] ?? ''))));
  const inColumns = (row: readonly string[]): string =>
    row
      .flatMap((cell, column) => (widths[column] === 0 ? [] : [padText(cell, widths[column] ?? 0)]))
      .join('   ')
      .trimEnd();
  const fits = rows.every((row) => textWidth(inColumns(row)) + 6 <= style.columns);
  if (fits) return (first, _, row) => [first + inColumns(row)];
  return (first, next, [number = '', match = '', ...more]) =>
    branch(first, next, [`${number}  ${match}`, ...more.filter((cell) => cell !== '')], style);
}

/** One route may have several outcomes (weights); it is printed once. */
function outcomeGroups(outcomes: readonly Outcome[], layOut: LayOut, style: Style): string[] {
  const groups = Map.groupBy(outcomes, ({ route }) => route);
  return [...groups].flatMap(([route, of]) => {
    if (route === undefined) return outcomeLines(of, '    ', style);
    return [...layOut('    └ ', '           ', hitRow(route, of[0])), ...outcomeLines(of, '      ', style)];
  });
}

/** A route that is taken, or that may be. */
function hitRow(route: Route, { onlyIf }: Pick<Outcome, 'onlyIf'> = {}): readonly string[] {
  const [symbol, condition] =
    onlyIf === undefined ? ['✓', ''] : ['?', `only if ${onlyIf.join(', ')} ${onlyIf.length === 1 ? 'holds' : 'hold'}`];
  return [`${symbol} ${route.position}`, cleanText(describeMatch(route.match)), condition, describeOrigin(route)];
}

const missRow = ({ route, mismatches }: NearMiss): readonly string[] => [
  `✗ ${route.position}`,
  cleanText(describeMatch(route.match)),
  describeMismatches(mismatches),
  describeOrigin(route),
];

const mostMisses = 6;

/** The misses with the fewest failed conditions, in Envoy's order. */
function nearest(misses: readonly NearMiss[], all: boolean): { shown: readonly NearMiss[]; hidden: number } {
  if (all || misses.length <= mostMisses) return { shown: misses, hidden: 0 };
  const near = new Set(
    [...misses]
      .sort((a, b) => a.mismatches.length - b.mismatches.length || b.route.position - a.route.position)
      .slice(0, mostMisses),
  );
  return { shown: misses.filter((miss) => near.has(miss)), hidden: misses.length - mostMisses };
}

function outcomeLines(outcomes: readonly Outcome[], indent: string, style: Style): string[] {
  return outcomes.flatMap((outcome) => {
    const [first = '', ...more] = describeOutcome(outcome);
    const tone =
      outcome.kind === 'fail' || outcome.kind === 'abort' ? 'bad' : outcome.kind === 'unknown' ? 'warning' : undefined;
    const lines = branch(`${indent}└ `, `${indent}    `, [`${shareOf(outcome)}${first}`, ...more], style);
    return [...lines.map((line) => indentedPaint(line, tone, style)), ...details(outcome, `${indent}  `, style)];
  });
}

const shareOf = ({ share }: Outcome): string => (share < 1 ? `${Math.round(share * 1000) / 10}% ` : '');

/** Colours what stands behind the branches of the tree. */
function indentedPaint(line: string, tone: 'bad' | 'warning' | undefined, style: Style): string {
  const [, tree = '', text = ''] = /^([ └]*)(.*)$/s.exec(line) ?? [];
  return tree + paint(text, tone, style.color);
}

function describeOutcome(outcome: Outcome): string[] {
  switch (outcome.kind) {
    case 'forward':
      return [
        outcome.cluster,
        describeTransport(outcome),
        ...(outcome.destinationRule === undefined ? [] : [describeObject(outcome.destinationRule)]),
      ];
    case 'tcp':
      return [outcome.cluster, 'TCP, passed through'];
    case 'redirect':
      return [`${actOf(outcome)} redirect to ${outcome.location ?? 'a location that cannot be told from outside'}`];
    case 'respond':
      return [`${actOf(outcome)} direct response${outcome.body ? ` ${JSON.stringify(shortBody(outcome.body))}` : ''}`];
    case 'abort':
      return [`${actOf(outcome)} by the fault filter (flag FI)`];
    case 'preflight':
      return [`${actOf(outcome)} by the CORS filter: a preflight is answered here`];
    case 'fail':
      return [
        `✗ ${outcome.code === undefined ? '' : `${codeOf(outcome)}: `}${outcome.why}${outcome.flag ? ` (flag ${outcome.flag})` : ''}`,
      ];
    case 'unknown':
      return [`? ${outcome.why}`];
  }
}

/** What is chosen by the endpoint is said in one word for all where it is one. */
function describeTransport({ tls, endpoints }: Extract<Outcome, { kind: 'forward' }>): string {
  const [transport, ...others] = new Set(endpoints.map((endpoint) => endpoint.transport));
  const isOne = tls.mode === 'per-endpoint' && transport !== undefined && others.length === 0;
  return isOne ? transport : describeUpstreamTls(tls);
}

interface Answered {
  readonly code?: number | undefined;
  readonly grpcStatus?: number;
}

const codeOf = ({ code, grpcStatus }: Answered): string =>
  grpcStatus === undefined ? String(code) : `${code} with grpc-status ${grpcStatus}`;

/** Before what the answer does. */
const actOf = (answer: Answered): string => `${codeOf(answer)}${answer.grpcStatus === undefined ? '' : ','}`;

function details(outcome: Outcome, indent: string, style: Style): string[] {
  const reasons = (outcome.reasons ?? []).flatMap((reason) => reasonLines(reason, indent, style));
  if (outcome.kind === 'fail')
    return [...reasons, ...(outcome.nearest.length === 0 ? [] : nearestLines(outcome, indent, style))];
  if (outcome.kind !== 'forward' && outcome.kind !== 'tcp') return reasons;
  return [
    ...reasons,
    ...limitsLine(outcome, indent),
    ...rewriteLine(outcome, indent),
    ...panicLine(outcome, indent, style),
    ...endpointLines(outcome, indent, style),
  ];
}

/** The commands stay whole, to be pasted. */
const reasonLines = ({ text, next }: Reason, indent: string, style: Style): string[] => [
  ...noteLines(text, indent, 'bad', style),
  ...next.map((one) => `${indent}  ${paint(stepText(one), 'faint', style.color)}`),
];

const limitsLine = ({ route }: Outcome, indent: string): string[] =>
  route?.action.kind === 'forward' ? [indent + describeLimits(route.action)] : [];

function nearestLines(
  { at, nearest: names }: Extract<Outcome, { kind: 'fail' }>,
  indent: string,
  style: Style,
): string[] {
  return wrapText(`${nearestTitle(at)}: ${names.join(', ')}`, style.columns - indent.length).map(
    (line) => indent + line,
  );
}

const nearestTitle = (at: Extract<Outcome, { kind: 'fail' }>['at']): string =>
  at === 'listener' ? 'ports that do' : at === 'endpoint' ? 'endpoints' : 'nearest hosts that exist';

function rewriteLine(outcome: Outcome, indent: string): string[] {
  if (outcome.kind !== 'forward' || outcome.route?.action.kind !== 'forward') return [];
  const { rewrite, to } = outcome.route.action;
  const { prefix, regex, template, host, autoHost, hostFromHeader, hostFromPath, pathFormat, hostFormat } = rewrite;
  const ofShare = to.kind === 'weighted' && to.clusters.some((share) => share.host !== undefined);
  const isRewritten =
    [prefix, regex, template, host, hostFromHeader, hostFromPath, pathFormat, hostFormat].some(
      (one) => one !== undefined,
    ) ||
    autoHost ||
    ofShare;
  return isRewritten
    ? [`${indent}rewritten to ${outcome.host ?? '(host not known)'}${outcome.path ?? ' (path not known)'}`]
    : [];
}

function panicLine(outcome: Outcome, indent: string, style: Style): string[] {
  const isInPanic = outcome.kind === 'forward' && outcome.isInPanic;
  return isInPanic
    ? [`${indent}${paint('too few healthy endpoints: Envoy balances over all of them', 'bad', style.color)}`]
    : [];
}

const mostEndpoints = 10;

/** Unhealthy ones first: they are what one looks for. */
function endpointLines(outcome: Extract<Outcome, { kind: 'forward' | 'tcp' }>, indent: string, style: Style): string[] {
  const { endpoints } = outcome;
  const order = [...endpoints].sort(
    (a, b) => Number(a.health === 'HEALTHY') - Number(b.health === 'HEALTHY') || compareText(a.address, b.address),
  );
  const shown = style.wide ? order : order.slice(0, mostEndpoints);
  const width = Math.max(0, ...shown.map(({ address }) => address.length));
  const healthWidth = Math.max(0, ...shown.map(({ health }) => health.length));
  const lines = shown.map((endpoint, index) => {
    const tree = index === shown.length - 1 && shown.length === order.length ? '└' : '├';
    const health = paint(
      endpoint.health.padEnd(healthWidth),
      endpoint.health === 'HEALTHY' ? undefined : 'bad',
      style.color,
    );
    return `${indent}${tree} ${endpoint.address.padEnd(width)}   ${[health, ...wordOf(endpoint), ...behind(endpoint, style), ...standbyOf(endpoint, outcome), ...endpoint.reasons].join('   ')}`;
  });
  return shown.length < order.length
    ? [...lines, `${indent}└ … ${order.length - shown.length} more (-o wide shows all)`]
    : lines;
}

const wordOf = ({ transport }: ExplainedEndpoint): string[] => (transport === undefined ? [] : [transport]);

/** The pod where it has a name, and its node; an address that no EndpointSlice lists any more is marked so. */
function behind({ backend }: ExplainedEndpoint, style: Style): string[] {
  if (backend === undefined) return [];
  if (!backend.isListed) return [paint('in no EndpointSlice', 'warning', style.color)];
  const notReady = backend.isReady === false ? [paint('pod not ready', 'warning', style.color)] : [];
  return [
    ...(backend.pod === undefined ? [] : [backend.pod]),
    ...(backend.node === undefined ? [] : [backend.node]),
    ...notReady,
  ];
}

/** Where endpoints stand by for others (locality failover), who gets how much. */
function standbyOf({ priority, health }: Endpoint, outcome: Outcome): string[] {
  if (health === 'UNHEALTHY' || health === 'DRAINING') return [];
  const priorities = outcome.kind === 'forward' ? outcome.priorities : [];
  const load = priorities.find((one) => one.priority === priority);
  return load === undefined || priorities.length < 2 ? [] : [`priority ${priority}, ${load.percent}% of requests`];
}
