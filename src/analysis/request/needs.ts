// What of a pod's configuration the way of one request depends on, a kind after the other: the listener names the routes
// and certificates, the route the clusters.

import type { PodConfiguration } from '#model/configuration.ts';
import type { Entry } from '#model/explanation.ts';
import type { Listener } from '#model/listener.ts';
import type { Request } from '#model/request.ts';
import { explainUpToRoute } from './explain.ts';
import { chooseFilterChain, connectionOf } from './filter-chain.ts';
import { overHttp3 } from './http3.ts';
import { reachedListeners, targetOf, transportOf } from './reached-listener.ts';
import { asksForRuntime } from './runtime-use.ts';
import { secretsOf } from './served-chain.ts';

export type Need =
  | { readonly what: 'proxy' }
  /** Where nothing listens on the port: all listeners, to say which ports there are. */
  | { readonly what: 'listeners'; readonly port: number; readonly transport: Listener['transport'] }
  | { readonly what: 'runtime'; readonly envoyVersion: string }
  | { readonly what: 'routes' | 'secrets'; readonly names: readonly string[] }
  | { readonly what: 'clusters'; readonly names: readonly string[]; readonly envoyVersion: string };

/** Undefined: nothing is missing. */
export function nextNeed(known: Partial<PodConfiguration>, request: Request, entry: Entry): Need | undefined {
  const { envoyVersion, listeners } = known;
  if (envoyVersion === undefined) return { what: 'proxy' };
  if (listeners === undefined) return { what: 'listeners', port: entry.listenerPort, transport: transportOf(request) };
  const { routes, secrets } = namesFor({ ...known, listeners }, request, entry);
  if (known.routeConfigurations === undefined && routes.length > 0) return { what: 'routes', names: routes };
  if (known.secrets === undefined && secrets.length > 0) return { what: 'secrets', names: secrets };
  if (!('runtime' in known) && asksForRuntime(completed(known))) return { what: 'runtime', envoyVersion };
  if (known.clusters !== undefined) return undefined;
  const { clusters } = explainUpToRoute(completed(known), request, entry);
  return clusters.length === 0 ? undefined : { what: 'clusters', names: clusters, envoyVersion };
}

/** What nothing depends on is empty. */
export const completed = (known: Partial<PodConfiguration>): PodConfiguration => ({
  envoyVersion: '',
  listeners: [],
  routeConfigurations: [],
  secrets: [],
  clusters: [],
  endpoints: [],
  ...known,
});

/** Of all listeners that the connection may reach, and of those that it may reach over HTTP/3. */
function namesFor(
  { listeners, podIp }: Pick<PodConfiguration, 'listeners' | 'podIp'>,
  request: Request,
  { listenerPort }: Entry,
): { readonly routes: readonly string[]; readonly secrets: readonly string[] } {
  const reached = [request, ...overHttp3(request)].flatMap((one) =>
    reachedListeners(listeners, targetOf(listenerPort, one, podIp)),
  );
  const chains = reached.flatMap((listener) => {
    const { chain, others } = chooseFilterChain(listener, connectionOf(listener, request, listenerPort, podIp));
    return [chain, ...others].flatMap((one) => one ?? []);
  });
  const routes = chains.flatMap(({ handler }) => (handler.kind === 'http' ? (handler.routeConfiguration ?? []) : []));
  return { routes: [...new Set(routes)], secrets: [...new Set(chains.flatMap(({ tls }) => secretsOf(tls)))] };
}
