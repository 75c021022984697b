// Routes that a request would take as well, if another one did not come first.

import type { LosingRoute } from '#model/explanation.ts';
import type { Request } from '#model/request.ts';
import type { Route, VirtualHost } from '#model/route.ts';
import type { RouteChoice } from './route-choice.ts';
import { type EnvoyBehaviour, mismatchesOf } from './route-match.ts';
import { takesAllOf } from './takes-all.ts';

/**
 * A route that is meant for the rest, as a catch-all at the end is, loses nothing. Empty where chance or unknown
 * conditions decide.
 */
export function losingRoutes(
  { routes }: VirtualHost,
  { candidates }: RouteChoice,
  request: Request,
  behaviour: EnvoyBehaviour,
): LosingRoute[] {
  const [taken, ...others] = candidates;
  if (!taken || others.length > 0 || taken.unsure.length > 0 || taken.share < 1) return [];
  const winner = taken.route;
  return routes
    .filter(({ position }) => position > winner.position)
    .filter((route) => isMeant(route, winner) && mismatchesOf(route.match, request, behaviour).length === 0)
    .map((route) => ({ route, repair: repairOf(route, winner) }));
}

const isMeant = (route: Route, winner: Route): boolean =>
  takesAllOf(winner.match, route.match) || (!takesAllOf(route.match, winner.match) && !isOfOne(route, winner));

const isOfOne = (a: Route, b: Route): boolean => JSON.stringify(a.from) === JSON.stringify(b.from);

/** Of the routes of several VirtualServices istiod puts those of the oldest first, whatever they match. */
function repairOf(route: Route, winner: Route): LosingRoute['repair'] {
  if (!route.from || !winner.from) return undefined;
  if (takesAllOf(route.match, winner.match)) return 'remove-one';
  return isOfOne(route, winner) ? 'move-before-winner' : 'move-into-winner';
}
