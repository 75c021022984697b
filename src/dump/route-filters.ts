// What a route configuration, virtual host, route and share of a route tell the filters that may answer before the
// route does: faults, CORS preflights, and which filters act at all. Source: envoy/extensions/filters/http/{fault,cors}/v3;
// envoy source/common/router/per_filter_config.cc; in Envoy 1.17 the CORS policy is a field of the route.

import {
  booleanIn,
  durationIn,
  entriesIn,
  enumIn,
  hasField,
  type JsonObject,
  numberIn,
  objectIn,
  objectsIn,
  textIn,
  textsIn,
} from '#core/json.ts';
import { memoizeByIdentity } from '#core/memoize.ts';
import type { Fault, Preflight, RouteFilters } from '#model/route.ts';
import { typeOf } from './elements.ts';
import { doesSomething, hasLimits, limitStages, settingsOf, typeOfSettings } from './filter-settings.ts';
import { readFraction, readHeaderMatch, readPercent, readStringMatch } from './matchers.ts';

/** Of one level and those above it. */
export interface FilterLevels {
  /** By the name of the filter, the nearest first. */
  readonly faults: ReadonlyMap<string, Fault>;
  /** Policies of the CORS filter, the most specific first. */
  readonly cors: readonly Policy[];
  /** The same as fields of the route and virtual host, which count where the filter has no configuration of its own. */
  readonly corsFields: readonly JsonObject[];
  readonly switches: ReadonlyMap<string, 'disabled' | 'configured'>;
  readonly limits: Limits;
}

/** For filters that ask a rate limit service: what virtual host and route let them ask. */
interface Limits {
  readonly host: readonly number[];
  /** Undefined where the route has no list of its own. */
  readonly route: readonly number[] | undefined;
  readonly includesHost: boolean;
  /** By the name of the filter: what the nearest level tells it. */
  readonly told: ReadonlyMap<string, JsonObject>;
}

interface Policy {
  readonly filter: string;
  readonly policy: JsonObject;
}

export const noFilters: FilterLevels = {
  faults: new Map(),
  cors: [],
  corsFields: [],
  switches: new Map(),
  limits: { host: [], route: undefined, includesHost: false, told: new Map() },
};

/**
 * The nearest that says something of a fault decides alone, for each filter by its name; of CORS policies each field of
 * its own.
 */
export function readFilterLevels(holder: JsonObject, above: FilterLevels): FilterLevels {
  const own = entriesIn(holder, 'typed_per_filter_config').map(readSetting);
  const action = objectIn(holder, 'route');
  const field = objectIn(holder, 'cors') ?? (action && objectIn(action, 'cors'));
  const limits = readLimits(holder, action, own, above.limits);
  if (own.length === 0 && field === undefined && limits === above.limits) return above;
  const faults = own.flatMap(({ type, filter, config }) =>
    type === 'HTTPFault' && config ? [[filter, readFault(config, filter)] as const] : [],
  );
  const cors = own.filter(({ type, config }) => type === 'CorsPolicy' && config !== undefined);
  return {
    faults: new Map([...faults, ...[...above.faults].filter(([filter]) => faults.every(([name]) => name !== filter))]),
    cors: [...cors.flatMap(({ filter, config }) => (config ? [{ filter, policy: config }] : [])), ...above.cors],
    corsFields: field ? [field, ...above.corsFields] : above.corsFields,
    switches: new Map([
      ...above.switches,
      ...own.map(
        ({ filter, isDisabled }) => [filter, isDisabled ? ('disabled' as const) : ('configured' as const)] as const,
      ),
    ]),
    limits,
  };
}

function readLimits(
  holder: JsonObject,
  action: JsonObject | undefined,
  own: readonly Setting[],
  above: Limits,
): Limits {
  const host = hasField(holder, 'rate_limits') ? limitStages(holder) : above.host;
  const route = action && hasField(action, 'rate_limits') ? limitStages(action) : above.route;
  const includesHost = (action && booleanIn(action, 'include_vh_rate_limits')) ?? above.includesHost;
  const told = own.flatMap(({ type, filter, config, isDisabled }) =>
    type === 'RateLimitPerRoute' && !isDisabled ? [[filter, config ?? { ...holder, fields: {} }] as const] : [],
  );
  const isAsAbove =
    told.length === 0 && host === above.host && route === above.route && includesHost === above.includesHost;
  return isAsAbove ? above : { host, route, includesHost, told: new Map([...above.told, ...told]) };
}

/**
 * At which stages a filter asks. Source: envoy source/extensions/filters/http/ratelimit/ratelimit.cc
 * populateRateLimitDescriptors, initializeVirtualHostRateLimitOption.
 */
function stagesFor({ host, route, includesHost }: Limits, told: JsonObject | undefined): number[] {
  const option = includesHost ? 'INCLUDE' : ((told && enumIn(told, 'vh_rate_limits')) ?? 'OVERRIDE');
  const takesHost = option === 'INCLUDE' || (option === 'OVERRIDE' && route === undefined);
  return [...new Set([...(route ?? []), ...(takesHost ? host : [])])].sort((a, b) => a - b);
}

/** Only what is set. */
function limitsOf(limits: Limits): Pick<RouteFilters, 'limitStages' | 'limitStagesOf'> {
  const stages = stagesFor(limits, undefined);
  const told = [...limits.told].map(([filter, config]) => {
    const own = hasField(config, 'rate_limits') ? hasLimits(config) : undefined;
    return [filter, own ?? stagesFor(limits, config)] as const;
  });
  return {
    ...(stages.length > 0 ? { limitStages: stages } : {}),
    ...(told.length > 0 ? { limitStagesOf: Object.fromEntries(told) } : {}),
  };
}

/** What is set of it. Most routes have what their virtual host has. */
export const filtersOf = memoizeByIdentity((levels: FilterLevels): object => levels, setIn);

function setIn({ faults, cors, corsFields, switches, limits }: FilterLevels): RouteFilters {
  const [fault, ...otherFaults] = faults.values();
  const [preflight, ...otherPreflights] = readPreflights(cors, corsFields);
  const named = new Set([
    ...faults.keys(),
    ...[preflight, ...otherPreflights].map((one) => one && (one.filter ?? corsFilter)),
  ]);
  const those = (state: 'disabled' | 'configured'): string[] =>
    [...switches].flatMap(([name, is]) => (is === state && (state === 'disabled' || !named.has(name)) ? [name] : []));
  const [disabledFilters, configuredFilters] = [those('disabled'), those('configured')];
  return {
    ...(fault ? { fault } : {}),
    ...(preflight ? { preflight } : {}),
    ...(otherFaults.length > 0 ? { otherFaults } : {}),
    ...(otherPreflights.length > 0 ? { otherPreflights } : {}),
    ...(disabledFilters.length > 0 ? { disabledFilters: disabledFilters.toSorted() } : {}),
    ...(configuredFilters.length > 0 ? { configuredFilters: configuredFilters.toSorted() } : {}),
    ...limitsOf(limits),
  };
}

const faultFilter = 'envoy.filters.http.fault';
const corsFilter = 'envoy.filters.http.cors';

interface Setting {
  readonly filter: string;
  readonly type: string;
  readonly config: JsonObject | undefined;
  readonly isDisabled: boolean;
}

/** FilterConfig puts a level around the filter's own configuration. */
function readSetting([filter, any]: readonly [string, JsonObject]): Setting {
  const isWrapped = typeOf(any) === 'envoy.config.route.v3.FilterConfig';
  const inner = isWrapped ? objectIn(any, 'config') : any;
  const type = typeOfSettings(inner) || typeByName[filter] || '';
  const isDisabled =
    (inner !== undefined && isIdle(type, inner)) || (isWrapped && (booleanIn(any, 'disabled') ?? false));
  const config = isDisabled ? undefined : inner && settingsOf(inner);
  return { filter, type, config: config && hasContent(config) ? config : undefined, isDisabled };
}

/**
 * One that cannot act is as good as switched off. `disabled` is the way of filters older than FilterConfig: ext_authz,
 * ext_proc, Lua, Buffer, JWT; RBAC is without rules then.
 */
function isIdle(type: string, config: JsonObject): boolean {
  if (type === 'LocalRateLimit') return !doesSomething(config);
  const settings = settingsOf(config);
  if (type === 'RBACPerRoute') {
    const rules = settings && objectIn(settings, 'rbac');
    return !rules || !(hasField(rules, 'rules') || hasField(rules, 'matcher'));
  }
  return /PerRoute(?:Config)?$/.test(type) && settings !== undefined && booleanIn(settings, 'disabled') === true;
}

/** Dumps of istioctl have no types inside an Any whose type they do not know. */
const typeByName: Readonly<Record<string, string>> = { [faultFilter]: 'HTTPFault', [corsFilter]: 'CorsPolicy' };

/** A FilterConfig with an empty configuration only switches the filter on. */
const hasContent = (config: JsonObject): boolean => Object.keys(config.fields).length > 0;

export function readFault(fault: JsonObject, filter = faultFilter): Fault {
  const abort = objectIn(fault, 'abort');
  const delay = objectIn(fault, 'delay');
  const downstreamNodes = textsIn(fault, 'downstream_nodes');
  const upstreamCluster = textIn(fault, 'upstream_cluster');
  return {
    abort: abort && readAbort(abort),
    delay: delay && {
      ms: durationIn(delay, 'fixed_delay') ?? 0,
      share: readShare(delay),
      ...(hasField(delay, 'header_delay') ? { byHeader: denominatorOf(delay) } : {}),
    },
    headers: objectsIn(fault, 'headers').map(readHeaderMatch),
    ...(filter === faultFilter ? {} : { filter }),
    ...(upstreamCluster ? { upstreamCluster } : {}),
    ...(downstreamNodes.length > 0 ? { downstreamNodes } : {}),
  };
}

function readAbort(abort: JsonObject): NonNullable<Fault['abort']> {
  const share = readShare(abort);
  if (hasField(abort, 'header_abort')) return { code: 0, share, byHeader: denominatorOf(abort) };
  const grpcStatus = numberIn(abort, 'grpc_status');
  if (grpcStatus !== undefined) return { code: 200, share, grpcStatus };
  return { code: numberIn(abort, 'http_status') ?? 200, share };
}

const percentOf = (holder: JsonObject): ReturnType<typeof readPercent> => {
  const percent = objectIn(holder, 'percentage');
  return percent ? readPercent(percent) : { numerator: 0, denominator: 100 };
};

const denominatorOf = (holder: JsonObject): number => percentOf(holder).denominator;

function readShare(holder: JsonObject): number {
  const { numerator, denominator } = percentOf(holder);
  return Math.min(1, numerator / denominator);
}

/** Of each filter by its name; where none has a configuration, the fields count. */
function readPreflights(cors: readonly Policy[], fields: readonly JsonObject[]): Preflight[] {
  const byFilter = Map.groupBy(cors, ({ filter }) => filter);
  const own = [...byFilter].flatMap(
    ([filter, policies]) =>
      readPreflight(
        filter,
        policies.map(({ policy }) => policy),
      ) ?? [],
  );
  return own.length > 0 ? own : [readPreflight(corsFilter, fields)].flatMap((one) => one ?? []);
}

/** Source: envoy source/extensions/filters/http/cors/cors_filter.cc initializeCorsPolicies, allowOrigins, enabled. */
function readPreflight(filter: string, policies: readonly JsonObject[]): Preflight | undefined {
  const [first] = policies;
  if (!first) return undefined;
  const origins = policies
    .map((policy) => objectsIn(policy, 'allow_origin_string_match'))
    .find((list) => list.length > 0);
  const forwards = policies.map((policy) => booleanIn(policy, 'forward_not_matching_preflights'));
  const enabled = readEnabled(first);
  return {
    origins: (origins ?? []).map(readStringMatch),
    forwardsOthers: forwards.find((one) => one !== undefined) ?? true,
    ...(enabled ? { enabled } : {}),
    ...(filter === corsFilter ? {} : { filter }),
  };
}

/** Undefined where nothing can switch it off: Istio writes 100 % and no runtime key. */
function readEnabled(policy: JsonObject): Preflight['enabled'] {
  const field = objectIn(policy, 'filter_enabled');
  const fraction = field && readFraction(field);
  const isAlways = fraction && fraction.numerator >= fraction.denominator && fraction.runtimeKey === undefined;
  return isAlways ? undefined : fraction;
}
