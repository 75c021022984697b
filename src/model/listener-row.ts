// One line of `listeners`: a filter chain in its listener, or an update that Envoy rejected.

import { compareText } from '#core/compare.ts';
import { type FromEnvoy, isPlainlySameContent, keyOfContent, raw } from './content.ts';
import type { FilterChain, Handler, HttpFilter, Listener } from './listener.ts';
import type { Rejection, ResourceState } from './resource.ts';
import type { WeightedCluster } from './route.ts';

export interface ListenerRow extends FromEnvoy {
  readonly listener: string;
  /**
   * `rejected`: the row is an update that Envoy refused; the listener's other rows, where there are any, go on serving.
   */
  readonly state: ResourceState | 'rejected';
  readonly address: string;
  readonly port: number;
  /** Absent: TCP. */
  readonly transport?: 'UDP' | undefined;
  readonly ipv4Compat?: true | undefined;
  readonly additionalAddresses: readonly string[];
  readonly listenerFilters: readonly string[];
  /** The listener chooses its chain by a matcher tree, not by the matches of the chains. */
  readonly hasMatcherTree: boolean;
  readonly rejected: Rejection | undefined;
  /** Undefined for a rejected update and for a listener without chains. */
  readonly chain: ListedChain | undefined;
}

export interface ListedChain extends Omit<FilterChain, 'handler'> {
  /** Takes what no other chain matches. */
  readonly isDefault: boolean;
  readonly to: ChainTarget;
}

/** Where the connections of a chain go. */
export type ChainTarget =
  | { readonly kind: 'routes'; readonly routeConfiguration: string; readonly httpFilters: readonly HttpFilter[] }
  /** Routes that stand in the listener itself, by their paths. */
  | { readonly kind: 'inline-routes'; readonly paths: readonly string[]; readonly httpFilters: readonly HttpFilter[] }
  | { readonly kind: 'tcp'; readonly clusters: readonly WeightedCluster[] }
  | { readonly kind: 'unknown'; readonly type: string };

/** The lines of a pod's listeners, in no particular order. */
export function rowsOfListeners(listeners: readonly Listener[]): ListenerRow[] {
  return listeners.flatMap((listener) => {
    const { name, state, address, port, transport, ipv4Compat, additionalAddresses, rejected } = listener;
    const { listenerFilters, hasMatcherTree } = listener;
    const place = {
      listener: name,
      address,
      port,
      ...(transport === undefined ? {} : { transport }),
      ...(ipv4Compat === undefined ? {} : { ipv4Compat }),
      additionalAddresses,
      listenerFilters,
      hasMatcherTree,
      [raw]: listener[raw],
    };
    const chains = [
      ...listener.filterChains.map((chain) => listed(chain, false)),
      ...(listener.defaultFilterChain ? [listed(listener.defaultFilterChain, true)] : []),
    ];
    const isServing = chains.length > 0 || !rejected;
    const serving = isServing
      ? (chains.length > 0 ? chains : [undefined]).map(
          (chain): ListenerRow => ({ ...place, state, rejected: undefined, chain }),
        )
      : [];
    return rejected ? [...serving, { ...place, state: 'rejected' as const, rejected, chain: undefined }] : serving;
  });
}

const listed = ({ handler, ...chain }: FilterChain, isDefault: boolean): ListedChain => ({
  ...chain,
  isDefault,
  to: targetOf(handler),
});

function targetOf(handler: Handler): ChainTarget {
  if (handler.kind === 'unknown') return handler;
  if (handler.kind === 'tcp') return { kind: 'tcp', clusters: handler.clusters };
  const { routeConfiguration, inlineRoutes, httpFilters } = handler;
  if (routeConfiguration !== undefined) return { kind: 'routes', routeConfiguration, httpFilters };
  const routes = inlineRoutes?.virtualHosts.flatMap((host) => host.routes) ?? [];
  return {
    kind: 'inline-routes',
    paths: routes.flatMap(({ match }) => ('value' in match.path ? [match.path.value] : [])),
    httpFilters,
  };
}

const stateOrder: readonly ListenerRow['state'][] = ['active', 'static', 'warming', 'draining', 'rejected'];

/** By port, address and state; chains by their server names, the one that takes what is left last. */
export function compareListenerRows(a: ListenerRow, b: ListenerRow): number {
  return (
    a.port - b.port ||
    compareText(a.listener, b.listener) ||
    stateOrder.indexOf(a.state) - stateOrder.indexOf(b.state) ||
    Number(a.chain?.isDefault ?? false) - Number(b.chain?.isDefault ?? false) ||
    compareText(serverNames(a), serverNames(b)) ||
    compareText(JSON.stringify(a.chain?.match), JSON.stringify(b.chain?.match))
  );
}

const serverNames = ({ chain }: ListenerRow): string => chain?.match.serverNames.join(',') || '\uffff';

/** Listeners have a chain for each host. */
export const listenerRowName = (row: ListenerRow): string => `${row.listener}\n${serverNames(row)}`;

/** What is read of the same content is the same. */
export const isPlainlySameListener = (a: ListenerRow, b: ListenerRow): boolean =>
  a.listener === b.listener &&
  a.state === b.state &&
  a.chain?.isDefault === b.chain?.isDefault &&
  isPlainlySameContent('listener', a, b) &&
  isPlainlySameContent('filter chain', a.chain ?? {}, b.chain ?? {});

/** Equal for chains that do the same in the same place; when an update was rejected does not count, why does. */
export const listenerRowKey = ({ rejected, ...row }: ListenerRow): string =>
  JSON.stringify([
    { ...row, rejected: rejected?.details },
    keyOfContent('listener', row),
    keyOfContent('filter chain', row.chain ?? {}),
  ]);
