// Which route of a virtual host a request takes: the first that matches, with the near misses before it.
// Source: envoy source/common/router/config_impl.cc VirtualHostImpl::getRouteFromEntries.

import type { NearMiss } from '#model/explanation.ts';
import type { Mismatch } from '#model/mismatch.ts';
import type { Request } from '#model/request.ts';
import type { Route, VirtualHost } from '#model/route.ts';
import { fractionInForce, type Runtime } from '#model/runtime.ts';
import { allNumbers, numbersLeft, type RandomNumbers, withTaken } from './random-numbers.ts';
import { type EnvoyBehaviour, mismatchesOf } from './route-match.ts';

export interface Candidate {
  readonly route: Route;
  /** Of the requests like this one, the share that takes this route: 1, or less because of runtime fractions. */
  readonly share: number;
  /** Conditions that nobody can judge from outside; where there are any, the next candidate is possible too. */
  readonly unsure: readonly Mismatch[];
}

export interface RouteChoice {
  /** In Envoy's order; empty: no route matches, 404. More than one where chance or unknown conditions decide. */
  readonly candidates: readonly Candidate[];
  /** Routes before the last candidate (or all, where there is none) that do not match. */
  readonly misses: readonly NearMiss[];
}

/**
 * One random number per request is compared with every fraction in turn, so of two routes with 50 % the second never gets
 * what the first left.
 */
export function chooseRoute(
  virtualHost: VirtualHost,
  request: Request,
  behaviour: EnvoyBehaviour,
  runtime?: Runtime,
): RouteChoice {
  const candidates: Candidate[] = [];
  const misses: NearMiss[] = [];
  let taken: RandomNumbers = new Map();
  for (const route of virtualHost.routes) {
    const mismatches = mismatchesOf(route.match, request, behaviour);
    const unsure = mismatches.filter(({ condition }) => condition === 'unsure');
    if (mismatches.length > unsure.length) {
      misses.push({ route, mismatches });
      continue;
    }
    const after = withTaken(taken, fractionOf(route, runtime));
    const share = (numbersLeft(taken) - numbersLeft(after)) / allNumbers;
    if (share > 0) candidates.push({ route, share, unsure });
    else misses.push({ route, mismatches: [] });
    if (unsure.length === 0) taken = after;
    if (numbersLeft(taken) === 0) break;
  }
  return { candidates, misses };
}

const every = { numerator: 1, denominator: 1 };

const fractionOf = ({ match: { fraction } }: Route, runtime: Runtime | undefined): typeof every =>
  fraction === undefined ? every : fractionInForce(fraction, runtime);
