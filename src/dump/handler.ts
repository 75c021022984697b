// The network filter that ends a filter chain: the HTTP connection manager, the TCP proxy, or another one by its name.
// Source: envoy/extensions/filters/network/{http_connection_manager,tcp_proxy}/v3.

import {
  booleanIn,
  enumIn,
  field,
  hasField,
  type JsonObject,
  numberIn,
  objectIn,
  objectsIn,
  textIn,
  textsIn,
} from '#core/json.ts';
import { memoizeByText } from '#core/memoize.ts';
import type { AccessPolicies } from '#model/access-rule.ts';
import { type Handler, type HttpFilter, type HttpHandler, upgrades } from '#model/listener.ts';
import type { WeightedCluster } from '#model/route.ts';
import { readCustomPolicies, readPolicies } from './access-rules.ts';
import { typeOf } from './elements.ts';
import { doesSomething, lastPart, limitStage, settingsOf, typeOfSettings } from './filter-settings.ts';
import { unknownExtension } from './matchers.ts';
import { withoutNamedSecrets } from './redaction.ts';
import { readUpgrade } from './route-action.ts';
import { readFault } from './route-filters.ts';
import { readRouteConfiguration } from './routes.ts';

/** The last of a chain's network filters takes the connection; those before it only look at it. */
export function readHandler(filters: readonly JsonObject[]): Handler {
  const last = filters.at(-1);
  const config = last && objectIn(last, 'typed_config');
  const type = lastPart(typeOf(config));
  if (config && type === 'HttpConnectionManager') return readConnectionManager(config);
  if (config && type === 'TcpProxy')
    return { kind: 'tcp', clusters: readTcpClusters(config), accessLogs: readAccessLogs(config) };
  return last ? unknownExtension(last) : { kind: 'unknown', type: 'no filter' };
}

function readConnectionManager(manager: JsonObject): HttpHandler {
  const rds = objectIn(manager, 'rds');
  const inline = objectIn(manager, 'route_config');
  return {
    kind: 'http',
    routeConfiguration: rds && textIn(rds, 'route_config_name'),
    inlineRoutes: inline && {
      ...readRouteConfiguration(inline),
      state: 'static',
      lastUpdated: undefined,
      rejected: undefined,
    },
    ...readHttpFilters(manager),
    normalizePath: booleanIn(manager, 'normalize_path') ?? false,
    mergeSlashes: booleanIn(manager, 'merge_slashes') ?? false,
    escapedSlashes: enumIn(manager, 'path_with_escaped_slashes_action'),
    stripHostPort: readStripHostPort(manager),
    stripTrailingHostDot: booleanIn(manager, 'strip_trailing_host_dot') ?? false,
    useRemoteAddress: booleanIn(manager, 'use_remote_address') ?? false,
    ...readHeaderRules(manager),
    accessLogs: readAccessLogs(manager),
    [upgrades]: objectsIn(manager, 'upgrade_configs').map((config) => ({
      ...readUpgrade(config),
      ...(hasField(config, 'filters') ? { filters: readFilters(config, 'filters') } : {}),
    })),
  };
}

/** Only what is set, and is not Envoy's default. */
function readHeaderRules(manager: JsonObject): Pick<HttpHandler, 'headerRules'> {
  const common = objectIn(manager, 'common_http_protocol_options');
  const scheme = objectIn(manager, 'scheme_header_transformation');
  const underscores = common && enumIn(common, 'headers_with_underscores_action');
  const rules = {
    trustedHops: numberIn(manager, 'xff_num_trusted_hops') || undefined,
    skipsXffAppend: booleanIn(manager, 'skip_xff_append') || undefined,
    appendsXForwardedPort: booleanIn(manager, 'append_x_forwarded_port') || undefined,
    scheme: (scheme && textIn(scheme, 'scheme_to_overwrite')) || undefined,
    generatesRequestId: booleanIn(manager, 'generate_request_id') === false ? false : undefined,
    preservesRequestId: booleanIn(manager, 'preserve_external_request_id') || undefined,
    underscores: underscores === 'REJECT_REQUEST' || underscores === 'DROP_HEADER' ? underscores : undefined,
    clientCertificateHeader: enumIn(manager, 'forward_client_cert_details'),
    setsUserAgent: booleanIn(manager, 'add_user_agent') || undefined,
    via: textIn(manager, 'via') || undefined,
  };
  const set = Object.entries(rules).filter(([, value]) => value !== undefined);
  return set.length === 0 ? {} : { headerRules: Object.fromEntries(set) };
}

function readStripHostPort(manager: JsonObject): HttpHandler['stripHostPort'] {
  if (booleanIn(manager, 'strip_any_host_port')) return 'any';
  return booleanIn(manager, 'strip_matching_host_port') ? 'matching' : undefined;
}

/** Almost all chains have the same ones. */
const readHttpFilters = memoizeByText(textOf('http_filters'), (manager) => readFilters(manager, 'http_filters'));

function readFilters(holder: JsonObject, name: string): Pick<HttpHandler, 'httpFilters' | 'faults'> {
  const filters = objectsIn(holder, name);
  return {
    httpFilters: filters.map((filter, index, all) => readHttpFilter(filter, all.slice(0, index))),
    ...readFaults(filters),
  };
}

function readHttpFilter(filter: JsonObject, before: readonly JsonObject[]): HttpFilter {
  const discovery = objectIn(filter, 'config_discovery');
  const config = objectIn(filter, 'typed_config') ?? (discovery && objectIn(discovery, 'default_config'));
  const [url = ''] = discovery ? textsIn(discovery, 'type_urls') : [];
  const stage = config && limitStage(config);
  const type = typeOfSettings(config) || lastPart(url) || undefined;
  const policies = config && readAccess(type, config, before);
  return {
    name: textIn(filter, 'name') ?? '',
    type,
    disabled: booleanIn(filter, 'disabled') ?? false,
    // A configuration that comes by ECDS is not in the listener.
    isConfigured: discovery !== undefined || (config !== undefined && doesSomething(config)),
    ...(stage === undefined ? {} : { limitStage: stage }),
    ...(policies ? { policies } : {}),
  };
}

/** `before`: the filters in front of it. */
function readAccess(
  type: string | undefined,
  config: JsonObject,
  before: readonly JsonObject[],
): AccessPolicies | undefined {
  const settings = settingsOf(config) ?? config;
  if (type === 'RBAC') return readPolicies(objectIn(settings, 'rules'));
  const evaluated = before.flatMap((filter) => objectIn(filter, 'typed_config') ?? []);
  return type === 'ExtAuthz' ? readCustomPolicies(settings, evaluated) : undefined;
}

/** Of filters that are configured at this place. */
function readFaults(filters: readonly JsonObject[]): Pick<HttpHandler, 'faults'> {
  const faults = filters.flatMap((filter) => {
    const config = objectIn(filter, 'typed_config');
    const isFault = config !== undefined && lastPart(typeOf(config)) === 'HTTPFault' && doesSomething(config);
    return isFault ? [readFault(config, textIn(filter, 'name'))] : [];
  });
  return faults.length === 0 ? {} : { faults };
}

function readTcpClusters(proxy: JsonObject): WeightedCluster[] {
  const cluster = textIn(proxy, 'cluster');
  if (cluster !== undefined) return [{ cluster, weight: 1 }];
  const weighted = objectIn(proxy, 'weighted_clusters');
  return weighted
    ? objectsIn(weighted, 'clusters').map((one) => ({
        cluster: textIn(one, 'name') ?? '',
        weight: numberIn(one, 'weight') ?? 0,
      }))
    : [];
}

/** Without credentials: a collector's headers may hold its password. Almost all chains have the same ones. */
const readAccessLogs = memoizeByText(textOf('access_log'), (holder): readonly unknown[] =>
  objectsIn(holder, 'access_log').map(({ fields }) => withoutNamedSecrets(fields)),
);

/** Nothing where the field is absent. */
function textOf(name: string): (holder: JsonObject) => string {
  return ({ fields }) => JSON.stringify(field(fields, name)) ?? '';
}
