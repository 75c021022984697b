// What the model of routes does not have: whether the headers that a VirtualService sets, adds and removes are those that
// Envoy has been told. Source: istio pilot/pkg/networking/core/route/route.go TranslateHeadersOperations.

import type { Headers, HttpRoute } from '#analysis/istio/virtual-service.ts';
import { memoizeByIdentity } from '#core/memoize.ts';
import { raw } from '#model/content.ts';
import type { Route, VirtualHost } from '#model/route.ts';
import type { TranslatedHost } from './route-configurations.ts';
import { hostsOf, type Translation } from './translate.ts';

/** Both have as many routes. Undefined where they are alike, or what Envoy has been told is not known. */
export function headerDifference({ routes }: TranslatedHost, served: VirtualHost): string | undefined {
  const index = routes.findIndex(({ of }, at) => {
    const content = served.routes[at]?.[raw];
    return content !== undefined && wantedBy(of).join('\n') !== foundIn(content).join('\n');
  });
  return index < 0 ? undefined : `route ${index + 1} is served with other operations on headers`;
}

/** Whether two routes of objects do the same to headers. */
export const haveSameHeaders = (a: HttpRoute, b: HttpRoute): boolean =>
  wantedBy(a).join('\n') === wantedBy(b).join('\n');

/** One text for all operations of a route: of the translation's routes those that are asked for, of others those that are served. */
export function headerOperations(translation: Translation): (route: Route) => string {
  const hosts = [...hostsOf(translation).values()];
  const asked = new Map(hosts.flatMap(({ routes }) => routes.map(({ route, of }) => [route, of] as const)));
  return memoizeByIdentity(
    (route) => route,
    (route) => {
      const of = asked.get(route);
      return (of ? wantedBy(of) : foundIn(route[raw] ?? {})).join('\n');
    },
  );
}

/** One for each operation, in one order. */
function wantedBy({ headers, route = [], redirect, directResponse }: HttpRoute): string[] {
  // A share of 0 counts only where it is alone.
  const shares = redirect || directResponse ? [] : route.filter(({ weight }) => route.length === 1 || weight);
  const all = [headers, ...shares.map((one) => one.headers)];
  return sorted(all.flatMap((one) => [...wantedOf('request', one), ...wantedOf('response', one)]));
}

function wantedOf(side: 'request' | 'response', headers: Headers | undefined): string[] {
  const { set = {}, add = {}, remove = [] } = headers?.[side] ?? {};
  return [
    ...[...Object.entries(set), ...Object.entries(add)].flatMap(([name, value]) =>
      // These become the host of a rewrite.
      side === 'request' && isAuthority(name) ? [] : [`${side} add ${name.toLowerCase()} ${value}`],
    ),
    ...remove.map((name) => `${side} remove ${name.toLowerCase()}`),
  ];
}

const isAuthority = (name: string): boolean => /^(:authority|host)$/i.test(name);

const lists: Readonly<Record<string, string>> = {
  request_headers_to_add: 'request add',
  response_headers_to_add: 'response add',
  request_headers_to_remove: 'request remove',
  response_headers_to_remove: 'response remove',
};

/** istiod adds it to every route of a port that has QUIC beside it. Source: route.go buildHTTP3AltSvcHeader. */
const ofIstiod = /^response add alt-svc h3=":\d+"; ma=86400$/;

/** Of the route and of its clusters' shares. */
function foundIn(content: object): string[] {
  const found: string[] = [];
  JSON.stringify(content, (key, value: unknown) => {
    const what = lists[key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
    if (what === undefined || !Array.isArray(value)) return value;
    found.push(...value.map((one) => `${what} ${textOf(one)}`));
    return undefined;
  });
  return sorted(found.filter((one) => !ofIstiod.test(one)));
}

function textOf(one: unknown): string {
  if (typeof one === 'string') return one.toLowerCase();
  const { key = '', value = '' } = ((one as { readonly header?: object }).header ?? {}) as {
    readonly key?: string;
    readonly value?: string;
  };
  return `${key.toLowerCase()} ${value}`;
}

const sorted = (texts: readonly string[]): string[] => [...new Set(texts)].sort();
