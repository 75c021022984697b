// The routes that tell whose a request is.

import type { ownedBy } from '#accesslog/owner.ts';
import { routeFilter } from '#analysis/select/routes.ts';
import { ToolError } from '#core/error.ts';
import { hasAnswered, readiestPod } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';
import { type RouteConfiguration, rowsOfRoutes } from '#model/route.ts';
import { fetchRoutes } from '#questions/pod-configuration.ts';

/** Of one pod: the routes of all are the same but for a moment. */
export async function routesOfOnePod(source: Source): Promise<readonly RouteConfiguration[]> {
  const pod = readiestPod(await source.gateway());
  if (!pod) throw new ToolError('not-ready', 'cannot read the routes: the gateway has no pod');
  const outcome = await source.onePod(pod, fetchRoutes);
  if (hasAnswered(outcome)) return outcome.ok;
  throw outcome.failed;
}

export function ownerOf(wanted: string, configurations: readonly RouteConfiguration[]): Parameters<typeof ownedBy>[0] {
  const [namespace = '', name] = wanted.split('/');
  const domains = rowsOfRoutes(configurations)
    .filter(routeFilter({ for: wanted }))
    .flatMap((row) => row.domains);
  return { namespace, name, domains: domains.filter((domain) => domain !== '*') };
}
