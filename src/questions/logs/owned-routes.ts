// The routes that tell whose a request is.

import type { ownedBy } from '#accesslog/owner.ts';
import { routeFilter } from '#analysis/select/routes.ts';
import { ToolError } from '#core/error.ts';
import { hasAnswered } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';
import { type RouteConfiguration, rowsOfRoutes } from '#model/route.ts';
import { fetchRoutes } from '#questions/pod-configuration.ts';

/** Of one pod: the routes of all are the same but for a moment. */
export async function routesOfOnePod(source: Source): Promise<readonly RouteConfiguration[]> {
  const { pods } = await source.gateway();
  const one = pods.find(({ isReady }) => isReady) ?? pods[0];
  const [outcome] = await source.everyPod(fetchRoutes, ({ name }) => name === one?.name);
  if (outcome && hasAnswered(outcome)) return outcome.ok;
  throw outcome?.failed ?? new ToolError('not-ready', 'cannot read the routes: the gateway has no pod');
}

export function ownerOf(wanted: string, configurations: readonly RouteConfiguration[]): Parameters<typeof ownedBy>[0] {
  const [namespace = '', name] = wanted.split('/');
  const domains = rowsOfRoutes(configurations)
    .filter(routeFilter({ for: wanted }))
    .flatMap((row) => row.domains);
  return { namespace, name, domains: domains.filter((domain) => domain !== '*') };
}
