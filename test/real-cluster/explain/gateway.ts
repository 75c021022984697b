// The gateway under test: what it is configured with, as one dump of it says, and when it has got what was applied.

import { readClusters } from '#dump/clusters.ts';
import { readEndpoints } from '#dump/endpoints.ts';
import { readListeners } from '#dump/listeners.ts';
import { readRoutes } from '#dump/routes.ts';
import { readRuntime } from '#dump/runtime.ts';
import { readSecrets } from '#dump/secrets.ts';
import { readServerInfo } from '#dump/server-info.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import { admin, dumped, type Gateway, until } from '../truth/cluster.ts';

export function configurationOfGateway(gateway: Gateway): PodConfiguration {
  const whole: unknown = JSON.parse(admin(gateway, 'config_dump'));
  return {
    envoyVersion: readServerInfo(JSON.parse(admin(gateway, 'server_info'))).envoyVersion,
    listeners: readListeners(whole),
    routeConfigurations: readRoutes(whole),
    clusters: readClusters(whole),
    secrets: readSecrets(whole),
    endpoints: readEndpoints(JSON.parse(admin(gateway, 'clusters?format=json'))),
    runtime: readRuntime(whole),
    podIp: gateway.address,
  };
}

/** Until `mark` is in its routes, and nothing changes any more. */
export async function settled(gateway: Gateway, mark: string): Promise<void> {
  const state = (): string =>
    JSON.stringify(
      ['dynamic_route_configs', 'dynamic_listeners', 'dynamic_active_clusters'].map((kind) => dumped(gateway, kind)),
    );
  let before = '';
  await until(
    `the gateway serves ${mark}, and nothing else comes`,
    async () => {
      const now = state();
      const isSettled = now.includes(mark) && now === before;
      before = now;
      if (!isSettled) await new Promise((resolve) => setTimeout(resolve, 1_500));
      return isSettled;
    },
    180_000,
  );
}
