// How `routes` looks: a line for each route, in the order in which Envoy tries them. No two different routes look
// alike: where host, port, match and action are not enough to tell them apart, their route configuration and place are
// shown as well.

import type { Answer, Style, View } from '#command/command.ts';
import { hostOfDomain } from '#core/host.ts';
import type { OnPods } from '#model/merge-pods.ts';
import { describeOrigin, type Route, type RouteRow } from '#model/route.ts';
import { envoyRoutes } from '#render/format/envoy.ts';
import { renderLaidOnPods } from '#render/format/pods-table.ts';
import { type Column, type Laid, layOut, rowsAlike } from '#render/format/table.ts';
import { describeMs, describeRetry, describeRowAction } from '#render/words/describe-action.ts';
import { describeMatch } from '#render/words/describe-match.ts';
import { askedPods, describePods } from '#render/words/describe-pods.ts';

type Item = OnPods<RouteRow>;

export const routesView: View<Item> = {
  kind: 'RouteList',
  table: (items, answer, style) => renderLaidOnPods(columnsFor(items, answer, style), items, style),
  name: ({ value }) => `route/${value.routeConfiguration}/${value.virtualHost}/${value.route?.position ?? 'none'}`,
  json: ({ value, pods }) => ({ ...value, pods }),
  envoy: envoyRoutes,
};

const host: Column<Item> = {
  title: 'HOSTS',
  cell: ({ value }) => mainDomains(value.domains).join(', '),
  narrow: 'wrap',
  minimum: 16,
};
const allHosts: Column<Item> = { title: 'HOSTS', cell: ({ value }) => value.domains.join(', ') };
const port: Column<Item> = {
  title: 'PORT',
  cell: ({ value }) => describePort(value.routeConfiguration),
  narrow: 'wrap',
  minimum: 5,
};
const match: Column<Item> = {
  title: 'MATCH',
  cell: ({ value }) => (value.route ? describeMatch(value.route.match) : 'everything'),
  narrow: 'wrap',
  minimum: 12,
};
const action: Column<Item> = {
  title: 'ACTION',
  cell: ({ value }) => describeRowAction(value),
  narrow: 'wrap',
  minimum: 14,
};
const from: Column<Item> = {
  title: 'VIRTUAL SERVICE',
  cell: ({ value }) => describeRowOrigin(value),
  narrow: 'wrap',
  minimum: 9,
};
const place: Column<Item> = { title: '#', cell: ({ value }) => String(value.route?.position ?? '—') };
const configuration: Column<Item> = {
  title: 'ROUTE CONFIGURATION',
  cell: ({ value }) => value.routeConfiguration || '—',
  narrow: 'wrap',
  minimum: 19,
};

const wideOnly: readonly Column<Item>[] = [
  { title: 'NAME', cell: ({ value }) => value.route?.name || '—' },
  { title: 'VIRTUAL HOST', cell: ({ value }) => value.virtualHost },
  {
    title: 'TIMEOUT',
    cell: ({ value }) =>
      forward(value.route, ({ timeoutMs }) => (timeoutMs === undefined ? '15s' : describeMs(timeoutMs))),
  },
  { title: 'RETRIES', cell: ({ value }) => forward(value.route, ({ retry }) => describeRetry(retry)) },
];

/** Only where there is something: fields of Envoy's that this tool does not evaluate. */
const notEvaluated: Column<Item> = {
  title: 'NOT EVALUATED',
  cell: ({ value }) => value.route?.unevaluated?.join(', ') ?? '—',
};

function columnsFor(items: readonly Item[], answer: Answer<Item>, style: Style): readonly Laid[] {
  const asked = askedPods(answer);
  const pods: Column<Item> = {
    title: 'PODS',
    cell: (item) => describePods(item.pods, asked),
    narrow: 'wrap',
    minimum: 9,
  };
  const opaque = items.some(({ value }) => value.route?.unevaluated) ? [notEvaluated] : [];
  const lay = (column: Column<Item>): Laid => layOut(column, items);
  if (style.wide)
    return [allHosts, port, place, match, action, from, configuration, ...wideOnly, ...opaque, pods].map(lay);
  const shown = [host, port, match, action, from].map(lay);
  if (rowsAlike(shown).length === 0) return [...shown, lay(pods)];
  return [...shown.slice(0, 2), lay(place), ...shown.slice(2), lay(configuration), lay(pods)];
}

/** Without `host:443` where `host` itself is there: istiod before 1.11 writes both for each host. */
function mainDomains(domains: readonly string[]): readonly string[] {
  const all = new Set(domains.map((domain) => domain.toLowerCase()));
  return domains.filter((domain) => {
    const host = hostOfDomain(domain);
    return host === domain.toLowerCase() || !all.has(host);
  });
}

/** `https 443` of `https.443.https.svc1-main.svc1`; the name itself where it is not one of istiod's for gateways. */
function describePort(routeConfiguration: string): string {
  const [, scheme, number] = /^(https?)\.(\d+)(?:\.|$)/.exec(routeConfiguration) ?? [];
  return scheme ? `${scheme} ${number}` : routeConfiguration || '—';
}

/** Of the usual kind, VirtualService, the column says it. */
const describeRowOrigin = ({ route }: RouteRow): string =>
  (route && describeOrigin(route).replace(/^VirtualService /, '')) || '—';

function forward(
  route: Route | undefined,
  describe: (action: Route['action'] & { kind: 'forward' }) => string,
): string {
  return route?.action.kind === 'forward' ? describe(route.action) : '—';
}
