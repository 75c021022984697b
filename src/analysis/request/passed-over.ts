// Routes for a request that no route of its virtual host takes, in virtual hosts that Envoy passes over: it takes the one
// of the most specific domain, and never goes on to the next. Source: envoy source/common/router/config_impl.cc
// RouteMatcher::route.

import { showObject } from '#analysis/istio/show-object.ts';
import type { Reason } from '#model/reason.ts';
import type { Request } from '#model/request.ts';
import { describeObject } from '#model/resource.ts';
import type { RouteConfiguration } from '#model/route.ts';
import type { Runtime } from '#model/runtime.ts';
import { chooseRoute } from './route-choice.ts';
import type { EnvoyBehaviour } from './route-match.ts';
import { type FoundHost, virtualHostsFor } from './virtual-host.ts';

/** Empty where conditions that nobody can judge from outside decide. */
export function passedOver(
  routes: RouteConfiguration,
  request: Request,
  behaviour: EnvoyBehaviour,
  runtime: Runtime | undefined,
): Reason[] {
  const [taken, ...others] = virtualHostsFor(routes, request.authority);
  if (!taken) return [];
  return others
    .filter(({ virtualHost }) => virtualHost !== taken.virtualHost)
    .flatMap(({ virtualHost, domain }) => {
      const [first] = chooseRoute(virtualHost, request, behaviour, runtime).candidates;
      return first && first.unsure.length === 0 ? [reasonOf(first.route.from, domain, taken)] : [];
    });
}

function reasonOf(from: Reason['objects'][number] | undefined, domain: string, taken: FoundHost): Reason {
  const who = from ? describeObject(from) : 'another virtual host';
  return {
    code: 'virtual-host-passed-over',
    objects: from ? [from] : [],
    text: `${who} has a route for it under ${domain}, which is not asked: of the domains for this host Envoy takes the most specific one alone, ${taken.domain}. Add such a route for ${taken.domain}`,
    next: from ? [showObject(from)] : [],
  };
}
