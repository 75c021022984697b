// Listeners that Envoy would reject as a whole: two of their filter chains are for one server name. istiod compares the
// text of Gateways' hosts, and looks at what is passed through apart from them. Source: istio
// pilot/pkg/model/gateway.go CheckDuplicates; Envoy's source/common/listener_manager/filter_chain_manager_impl.cc.

import { type GatewayServer, plainHost } from '#analysis/istio/gateway-merge.ts';
import { describeObject, type ObjectRef } from '#model/resource.ts';
import { routeConfigurationOf } from './route-configurations.ts';
import { hostsOfChain, serverNamesOf, type TranslatedStream } from './streams.ts';

/** By `listenerOf`: why. */
export type RejectedListeners = ReadonlyMap<string, string>;

interface Claim {
  readonly by: ObjectRef;
  readonly server: GatewayServer;
  readonly name: string;
}

export function rejectedListeners(
  servers: readonly GatewayServer[],
  streams: readonly TranslatedStream[],
): RejectedListeners {
  const chains = new Map(
    servers.flatMap((server) => {
      const name = routeConfigurationOf(server);
      return name === undefined ? [] : [[name, server] as const];
    }),
  );
  const claims: Claim[] = [
    ...[...chains.values()].flatMap((server) =>
      hostsOfChain(server.isTls ? serverNamesOf(server.hosts.map(plainHost)) : []).map((name) => ({
        by: server.gateway,
        server,
        name,
      })),
    ),
    ...streams.flatMap(({ server, serverNames, from }) =>
      hostsOfChain(serverNames).map((name) => ({ by: from, server, name })),
    ),
  ];
  const places = Map.groupBy(claims, ({ server, name }) => `${listenerOf(server)} ${name}`);
  return new Map(
    [...places.values()].flatMap(([first, second]) =>
      first && second ? [[listenerOf(first.server), why(first, second)]] : [],
    ),
  );
}

export const listenerOf = ({ listenerPort, bind }: Pick<GatewayServer, 'listenerPort' | 'bind'>): string =>
  `${bind === '' ? '0.0.0.0' : bind}_${listenerPort}`;

const why = (first: Claim, second: Claim): string =>
  `Envoy rejects listener ${listenerOf(first.server)}: ${describeObject(first.by)} and ${describeObject(second.by)} make a filter chain for ${first.name === '*' ? 'any server name' : first.name} each`;
