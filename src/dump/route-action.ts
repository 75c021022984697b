// What a route does with a request: forward, redirect, answer. Source: envoy/config/route/v3/route_components.proto.

import {
  booleanIn,
  durationIn,
  enumIn,
  hasField,
  type JsonObject,
  numberIn,
  objectIn,
  objectsIn,
  textIn,
} from '#core/json.ts';
import { memoize } from '#core/memoize.ts';
import type { Unknown } from '#model/resource.ts';
import type {
  ClusterChoice,
  Cors,
  DirectResponse,
  ForwardAction,
  Mirror,
  RedirectAction,
  Retry,
  Rewrite,
  RouteAction,
  Upgrade,
  WeightedCluster,
} from '#model/route.ts';
import { readCors } from './cors.ts';
import { type OperationLevels, readOperations } from './header-operations.ts';
import { readFraction, unknownExtension } from './matchers.ts';
import { type FilterLevels, filtersOf, readFilterLevels } from './route-filters.ts';
import { withoutSecretTexts } from './secret-texts.ts';

/** Settings of the virtual host or route configuration, for routes without their own. */
export interface Inherited {
  readonly retry: Retry | undefined;
  readonly mirrors: readonly Mirror[];
  readonly cors: Cors | undefined;
  readonly filters: FilterLevels;
  readonly headers: OperationLevels;
}

export function readAction(route: JsonObject, inherited: Inherited): RouteAction {
  const forward = objectIn(route, 'route');
  if (forward) return readForward(route, forward, inherited);
  const redirect = objectIn(route, 'redirect');
  if (redirect) return readRedirect(redirect);
  const response = objectIn(route, 'direct_response');
  if (response) return readDirectResponse(response);
  const other = ['filter_action', 'non_forwarding_action'].find((name) => hasField(route, name));
  return { kind: 'unknown', type: other ?? 'no action' };
}

function readForward(route: JsonObject, action: JsonObject, inherited: Inherited): ForwardAction {
  return {
    kind: 'forward',
    to: readClusterChoice(action, inherited),
    rewrite: readRewrite(action, inherited),
    timeoutMs: durationIn(action, 'timeout'),
    idleTimeoutMs: durationIn(action, 'idle_timeout'),
    retry: readRetry(action) ?? inherited.retry,
    mirrors: readMirrors(action) ?? inherited.mirrors,
    cors: readCors(route) ?? readCors(action) ?? inherited.cors,
    hashPolicies: objectsIn(action, 'hash_policy').length,
    ...(enumIn(action, 'priority') === 'HIGH' ? { priority: 'HIGH' as const } : {}),
    clusterNotFoundCode: readNotFoundCode(action),
    ...(hasField(action, 'upgrade_configs') ? { upgrades: objectsIn(action, 'upgrade_configs').map(readUpgrade) } : {}),
  };
}

function readClusterChoice(action: JsonObject, inherited: Inherited): ClusterChoice {
  const cluster = textIn(action, 'cluster');
  if (cluster !== undefined) return { kind: 'cluster', cluster };
  const header = textIn(action, 'cluster_header');
  if (header !== undefined) return { kind: 'header', header: header.toLowerCase() };
  const weighted = objectIn(action, 'weighted_clusters');
  if (weighted) return readWeighted(weighted, action, inherited);
  const plugin = objectIn(action, 'inline_cluster_specifier_plugin');
  if (plugin) return unknownExtension(objectIn(plugin, 'extension') ?? plugin);
  return { kind: 'unknown', type: textIn(action, 'cluster_specifier_plugin') ?? 'no cluster' };
}

function readWeighted(weighted: JsonObject, action: JsonObject, inherited: Inherited): ClusterChoice {
  const needsHeaders = takesHostFromHeader(action);
  const clusters = objectsIn(weighted, 'clusters').map((choice) => readShare(choice, inherited, needsHeaders));
  const sum = clusters.reduce((total, { weight }) => total + weight, 0);
  const [randomHeader, runtimeKeyPrefix] = [textIn(weighted, 'header_name'), textIn(weighted, 'runtime_key_prefix')];
  return {
    kind: 'weighted',
    clusters,
    // Gone since Envoy 1.25; before, the weights have to add up to it.
    totalWeight: numberIn(weighted, 'total_weight') ?? sum,
    ...(randomHeader ? { randomHeader: randomHeader.toLowerCase() } : {}),
    ...(runtimeKeyPrefix ? { runtimeKeyPrefix } : {}),
  };
}

function readShare(choice: JsonObject, inherited: Inherited, needsHeaders: boolean): WeightedCluster {
  const header = textIn(choice, 'cluster_header');
  const host = textIn(choice, 'host_rewrite_literal');
  const headerOperations = needsHeaders ? readOperations(choice) : undefined;
  return {
    cluster: textIn(choice, 'name') || `header ${header ?? ''}`,
    weight: numberIn(choice, 'weight') ?? 0,
    ...(host ? { host } : {}),
    ...(header ? { header: header.toLowerCase() } : {}),
    ...(hasField(choice, 'typed_per_filter_config')
      ? { filters: filtersOf(readFilterLevels(choice, inherited.filters)) }
      : {}),
    ...(headerOperations ? { headerOperations } : {}),
  };
}

const takesHostFromHeader = (action: JsonObject): boolean => Boolean(textIn(action, 'host_rewrite_header'));

function readRewrite(action: JsonObject, { headers: { operations } }: Inherited): Rewrite {
  const policy = objectIn(action, 'path_rewrite_policy');
  const config = policy && objectIn(policy, 'typed_config');
  const hostFromPath = readSubstitution(action, 'host_rewrite_path_regex');
  return {
    prefix: safeTextIn(action, 'prefix_rewrite'),
    regex: readSubstitution(action, 'regex_rewrite'),
    template: config && textIn(config, 'path_template_rewrite'),
    host: textIn(action, 'host_rewrite_literal') || undefined,
    autoHost: booleanIn(action, 'auto_host_rewrite') ?? false,
    hostFromHeader: textIn(action, 'host_rewrite_header')?.toLowerCase() || undefined,
    ...(hostFromPath ? { hostFromPath } : {}),
    ...readFormats(action),
    ...(takesHostFromHeader(action) && operations.length > 0 ? { headerOperations: operations } : {}),
  };
}

/** Of a route's action; a redirect has none for the host. */
function readFormats(action: JsonObject): Pick<Rewrite, 'pathFormat' | 'hostFormat'> {
  const [pathFormat, hostFormat] = [safeTextIn(action, 'path_rewrite'), safeTextIn(action, 'host_rewrite')];
  return {
    ...(pathFormat ? { pathFormat } : {}),
    ...(hostFormat ? { hostFormat } : {}),
  };
}

function readSubstitution(action: JsonObject, name: string): Rewrite['regex'] {
  const rewrite = objectIn(action, name);
  if (!rewrite) return undefined;
  const pattern = objectIn(rewrite, 'pattern');
  return {
    pattern: (pattern && textIn(pattern, 'regex')) ?? '',
    substitution: safeTextIn(rewrite, 'substitution') ?? '',
  };
}

const safeTextIn = (action: JsonObject, name: string): string | undefined =>
  withoutSecretTexts(textIn(action, name) ?? '') || undefined;

/** Of a route's action or a virtual host. */
export function readRetry(holder: JsonObject): Retry | undefined {
  const policy = objectIn(holder, 'retry_policy');
  if (!policy) return undefined;
  return {
    on: conditionsOf(textIn(policy, 'retry_on') ?? ''),
    attempts: numberIn(policy, 'num_retries') ?? 1,
    perTryTimeoutMs: durationIn(policy, 'per_try_timeout'),
  };
}

/** Almost all routes have the same ones. */
const conditionsOf = memoize((on): readonly string[] =>
  on
    .split(',')
    .map((condition) => condition.trim())
    .filter((condition) => condition !== ''),
);

/** Of a route's action, a virtual host or a route configuration; the nearest that has any decides alone. */
export function readMirrors(holder: JsonObject): readonly Mirror[] | undefined {
  const policies = objectsIn(holder, 'request_mirror_policies');
  return policies.length === 0 ? undefined : policies.map(readMirror);
}

function readMirror(policy: JsonObject): Mirror {
  const runtime = objectIn(policy, 'runtime_fraction');
  const fraction = runtime && readFraction(runtime);
  return {
    cluster: textIn(policy, 'cluster') || `header ${textIn(policy, 'cluster_header') ?? ''}`,
    percent: fraction ? (100 * fraction.numerator) / fraction.denominator : 100,
  };
}

const notFoundCodes: Readonly<Record<string, number>> = {
  SERVICE_UNAVAILABLE: 503,
  NOT_FOUND: 404,
  INTERNAL_SERVER_ERROR: 500,
};

const readNotFoundCode = (action: JsonObject): number =>
  notFoundCodes[enumIn(action, 'cluster_not_found_response_code') ?? 'SERVICE_UNAVAILABLE'] ?? 503;

/** Of a route's action or a connection manager. */
export const readUpgrade = (config: JsonObject): Upgrade => ({
  type: (textIn(config, 'upgrade_type') ?? '').toLowerCase(),
  isAllowed: booleanIn(config, 'enabled') ?? true,
});

const redirectCodes: Readonly<Record<string, number>> = {
  MOVED_PERMANENTLY: 301,
  FOUND: 302,
  SEE_OTHER: 303,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
};

function readRedirect(redirect: JsonObject): RedirectAction | Unknown {
  const name = enumIn(redirect, 'response_code') ?? 'MOVED_PERMANENTLY';
  const code = redirectCodes[name];
  if (code === undefined) return { kind: 'unknown', type: `redirect ${name}` };
  return {
    kind: 'redirect',
    code,
    scheme: textIn(redirect, 'scheme_redirect') || (booleanIn(redirect, 'https_redirect') ? 'https' : undefined),
    host: safeTextIn(redirect, 'host_redirect'),
    port: numberIn(redirect, 'port_redirect') || undefined,
    path: safeTextIn(redirect, 'path_redirect'),
    prefix: safeTextIn(redirect, 'prefix_rewrite'),
    regex: readSubstitution(redirect, 'regex_rewrite'),
    ...readFormats(redirect),
    stripQuery: booleanIn(redirect, 'strip_query') ?? false,
  };
}

function readDirectResponse(response: JsonObject): DirectResponse {
  const body = objectIn(response, 'body');
  const bytes = body && textIn(body, 'inline_bytes');
  const text =
    bytes === undefined ? body && textIn(body, 'inline_string') : Buffer.from(bytes, 'base64').toString('utf8');
  return {
    kind: 'direct-response',
    code: numberIn(response, 'status') ?? 0,
    body: text && withoutSecretTexts(text),
  };
}
