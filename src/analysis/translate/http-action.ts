// What istiod makes of a VirtualService's route besides its match. Source: istio
// pilot/pkg/networking/core/route/route.go applyHTTPRouteDestination, ApplyRedirect, ApplyDirectResponse;
// pilot/pkg/networking/core/route/retry/retry.go ConvertPolicy.

import type {
  Destination,
  Headers,
  HttpDestination,
  HttpDirectResponse,
  HttpRedirect,
  HttpRetry,
  HttpRoute,
  Percent,
} from '#analysis/istio/virtual-service.ts';
import { goDuration } from '#core/go-duration.ts';
import type {
  ClusterChoice,
  DirectResponse,
  ForwardAction,
  Mirror,
  RedirectAction,
  Retry,
  Rewrite,
  RouteAction,
  WeightedCluster,
} from '#model/route.ts';
import { clusterOf, type Services } from './destinations.ts';
import { translateCors } from './http-filters.ts';

/** Where routes are made for. */
export interface RoutePlace {
  /** The port of the Gateway's server. */
  readonly port: number;
  readonly isTls: boolean;
  readonly services: Services;
  /** For routes that say nothing of retries; the mesh's configuration has it. */
  readonly defaultRetry: Retry | undefined;
  /** What reading routes does to a text: an object's and Envoy's are compared. */
  withoutSecrets(text: string): string;
}

export interface TranslatedAction {
  readonly action: RouteAction;
  /** What istiod may do otherwise, and why. */
  readonly unsure: readonly string[];
}

export function translateAction(http: HttpRoute, place: RoutePlace): TranslatedAction {
  if (http.redirect) return { action: translateRedirect(http.redirect, place), unsure: [] };
  if (http.directResponse) return { action: translateDirectResponse(http.directResponse, place), unsure: [] };
  return translateForward(http, place);
}

function translateForward(http: HttpRoute, place: RoutePlace): TranslatedAction {
  const unsure: string[] = [];
  const clusterFor = (destination: Destination): string => {
    const found = clusterOf(destination, place.services, place.port);
    if (found.unsure !== undefined) unsure.push(found.unsure);
    return found.cluster;
  };
  const action: ForwardAction = {
    kind: 'forward',
    to: translateDestinations(http.route ?? [], clusterFor),
    rewrite: translateRewrite(http, place),
    timeoutMs: http.timeout === undefined ? 0 : goDuration(http.timeout),
    idleTimeoutMs: undefined,
    retry: http.retries ? translateRetry(http.retries) : place.defaultRetry,
    mirrors: translateMirrors(http, clusterFor),
    cors: http.corsPolicy && translateCors(http.corsPolicy),
    hashPolicies: 0,
    clusterNotFoundCode: 503,
  };
  return { action, unsure };
}

type ClusterFor = (destination: Destination) => string;

/** A weight of 0 counts only beside others. */
function translateDestinations(destinations: readonly HttpDestination[], clusterFor: ClusterFor): ClusterChoice {
  const [only] = destinations;
  if (only && destinations.length === 1) return { kind: 'cluster', cluster: clusterFor(only.destination) };
  const clusters = destinations.flatMap((one) => (one.weight ? [translateShare(one, one.weight, clusterFor)] : []));
  return { kind: 'weighted', clusters, totalWeight: clusters.reduce((sum, { weight }) => sum + weight, 0) };
}

function translateShare(
  { destination, headers }: HttpDestination,
  weight: number,
  clusterFor: ClusterFor,
): WeightedCluster {
  const host = authorityIn(headers);
  return { cluster: clusterFor(destination), weight, ...(host ? { host } : {}) };
}

/** The rewrite's own, else the header that the route sets, else the one of the only destination. */
function translateRewrite({ rewrite = {}, headers, route = [] }: HttpRoute, place: RoutePlace): Rewrite {
  const { uri, authority, uriRegexRewrite: regex } = rewrite;
  const ofDestination = route.length === 1 ? authorityIn(route[0]?.headers) : '';
  return {
    prefix: regex ? undefined : place.withoutSecrets(uri ?? '') || undefined,
    regex: regex && { pattern: regex.match ?? '', substitution: place.withoutSecrets(regex.rewrite ?? '') },
    template: undefined,
    host: authority || authorityIn(headers) || ofDestination || undefined,
    autoHost: false,
    hostFromHeader: undefined,
  };
}

/** Source: route.go TranslateHeadersOperations: `set` goes before `add`. */
function authorityIn(headers: Headers | undefined): string {
  const { set = {}, add = {} } = headers?.request ?? {};
  const named = (operations: Readonly<Record<string, string>>): string =>
    Object.entries(operations).find(([name]) => /^(:authority|host)$/i.test(name))?.[1] ?? '';
  return named(set) || named(add);
}

/** Undefined: no retries. */
function translateRetry({ attempts = 0, retryOn, perTryTimeout }: HttpRetry): Retry | undefined {
  if (attempts <= 0) return undefined;
  return {
    on: retryOn ? retryConditions(retryOn) : usualRetry.on,
    attempts,
    perTryTimeoutMs: perTryTimeout === undefined ? undefined : goDuration(perTryTimeout),
  };
}

/** Istio's own default, where the mesh's configuration has no other. Source: retry.go. */
export const usualRetry: Retry = {
  on: ['connect-failure', 'refused-stream', 'unavailable', 'cancelled', 'retriable-status-codes'],
  attempts: 2,
  perTryTimeoutMs: undefined,
};

/** Status codes stand in a field of their own, and need a condition that lets them count. */
function retryConditions(retryOn: string): string[] {
  const parts = retryOn
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const conditions = parts.filter((part) => !isStatusCode(part));
  const hasCodes = conditions.length < parts.length;
  return hasCodes && !conditions.join(',').includes('retriable-status-codes')
    ? [...conditions, 'retriable-status-codes']
    : conditions;
}

/** Those that Go's net/http has a name for. */
const isStatusCode = (part: string): boolean =>
  /^(10[0-3]|20[0-8]|226|30[0-578]|40\d|41[0-8]|42[1-689]|431|451|50[0-8]|51[01])$/.test(part);

function translateMirrors(
  { mirror, mirrorPercentage, mirrorPercent, mirrors = [] }: HttpRoute,
  clusterFor: ClusterFor,
): Mirror[] {
  const old = mirrorPercentage ? percentOf(mirrorPercentage) : (mirrorPercent ?? 100);
  const all = [
    { destination: mirror, percent: old },
    ...mirrors.map(({ destination, percentage }) => ({
      destination,
      percent: percentage ? percentOf(percentage) : 100,
    })),
  ];
  return all.flatMap(({ destination, percent }) =>
    destination && percent > 0 ? [{ cluster: clusterFor(destination), percent }] : [],
  );
}

/** Istio counts in parts of a million. */
const percentOf = ({ value = 0 }: Percent): number => (100 * Math.trunc(value * 10_000)) / 1_000_000;

const redirectCodes = [301, 302, 303, 307, 308];

/** Envoy leaves out the usual port of a scheme by itself; istiod does not tell it one. */
function translateRedirect(redirect: HttpRedirect, place: RoutePlace): RouteAction {
  const { scheme, port, derivePort, redirectCode } = redirect;
  const [uri, authority, prefixRewrite] = [redirect.uri, redirect.authority, redirect.prefixRewrite].map((text) =>
    place.withoutSecrets(text ?? ''),
  );
  const code = redirectCode || 301;
  if (!redirectCodes.includes(code)) return { kind: 'unknown', type: 'no action' };
  const wanted = derivePort === 'FROM_REQUEST_PORT' ? place.port : (port ?? 0);
  const usual = (scheme || (place.isTls ? 'https' : 'http')) === 'https' ? 443 : 80;
  const action: RedirectAction = {
    kind: 'redirect',
    code,
    scheme: scheme || undefined,
    host: authority || undefined,
    port: wanted === usual ? undefined : wanted || undefined,
    path: prefixRewrite ? undefined : uri || undefined,
    prefix: prefixRewrite || undefined,
    regex: undefined,
    stripQuery: false,
  };
  return action;
}

function translateDirectResponse({ status, body }: HttpDirectResponse, place: RoutePlace): DirectResponse {
  const text = body?.bytes === undefined ? body?.string : Buffer.from(body.bytes, 'base64').toString('utf8');
  return { kind: 'direct-response', code: status, body: text && place.withoutSecrets(text) };
}
