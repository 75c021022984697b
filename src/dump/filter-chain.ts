// Filter chains of a listener → model. Source: envoy/config/listener/v3/listener_components.proto.

import {
  booleanIn,
  enumIn,
  type JsonObject,
  numberIn,
  numbersIn,
  objectIn,
  objectsIn,
  textIn,
  textsIn,
} from '#core/json.ts';
import { raw } from '#model/content.ts';
import type { DownstreamTls, FilterChain, FilterChainMatch, Handler } from '#model/listener.ts';
import { readConnectionPolicies } from './access-rules.ts';
import { typeOf } from './elements.ts';
import { readHandler } from './handler.ts';
import { unevaluatedIn, withUnevaluated } from './proto-coverage.ts';
import {
  caName,
  certificateNames,
  commonContext,
  pinsCertificates,
  readTlsContext,
  validationContext,
} from './tls-context.ts';

export function readFilterChain(chain: JsonObject): FilterChain {
  const filters = objectsIn(chain, 'filters');
  const socket = objectIn(chain, 'transport_socket');
  const context = socket && readTlsContext(socket);
  const handler = readHandler(filters);
  return {
    name: textIn(chain, 'name') || undefined,
    match: readMatch(objectIn(chain, 'filter_chain_match') ?? { ...chain, fields: {} }),
    tls: context && readTls(context),
    handler,
    networkFilters: filters.slice(0, -1).map(describeNetworkFilter),
    ...(handler.kind === 'tcp' ? policiesIn(filters) : {}),
    ...withUnevaluated(
      unevaluatedIn('FilterChain', chain),
      unevaluatedIn('FilterChainMatch', objectIn(chain, 'filter_chain_match')),
      ...unevaluatedOfHandler(handler, objectIn(filters.at(-1) ?? chain, 'typed_config')),
    ),
    [raw]: chain.fields,
  };
}

function unevaluatedOfHandler({ kind }: Handler, config: JsonObject | undefined): (readonly string[])[] {
  if (kind === 'http') return [unevaluatedIn('HttpConnectionManager', config)];
  if (kind !== 'tcp') return [];
  const weighted = config && objectIn(config, 'weighted_clusters');
  const shares = weighted ? objectsIn(weighted, 'clusters') : [];
  return [unevaluatedIn('TcpProxy', config), ...shares.map((share) => unevaluatedIn('TcpClusterWeight', share))];
}

/** Envoy goes by the type, and the name is free: where it does not tell the type, that stands behind it. */
function describeNetworkFilter(filter: JsonObject): string {
  const name = textIn(filter, 'name') ?? '';
  const [, type] = /\.filters\.network\.([\w.]+)\.v\d\w*\.\w+$/.exec(typeOf(objectIn(filter, 'typed_config'))) ?? [];
  return type === undefined || name.includes(type) ? name : `${name} (${type})`;
}

function policiesIn(filters: readonly JsonObject[]): Pick<FilterChain, 'policies'> {
  const configs = filters.flatMap((filter) => objectIn(filter, 'typed_config') ?? []);
  const policies = configs
    .filter((config) => typeOf(config).endsWith('.network.rbac.v3.RBAC'))
    .flatMap((config) => readConnectionPolicies(objectIn(config, 'rules')) ?? []);
  return policies.length === 0 ? {} : { policies };
}

function readMatch(match: JsonObject): FilterChainMatch {
  return {
    serverNames: textsIn(match, 'server_names').map((name) => name.toLowerCase()),
    transportProtocol: textIn(match, 'transport_protocol') || undefined,
    applicationProtocols: textsIn(match, 'application_protocols'),
    destinationPort: numberIn(match, 'destination_port'),
    destinationPrefixes: readPrefixes(match, 'prefix_ranges'),
    sourcePrefixes: readPrefixes(match, 'source_prefix_ranges'),
    directSourcePrefixes: readPrefixes(match, 'direct_source_prefix_ranges'),
    sourcePorts: numbersIn(match, 'source_ports'),
    sourceType: sourceTypes[enumIn(match, 'source_type') ?? ''] ?? 'any',
  };
}

const sourceTypes: Readonly<Record<string, FilterChainMatch['sourceType']>> = {
  SAME_IP_OR_LOOPBACK: 'same-ip-or-loopback',
  EXTERNAL: 'external',
};

const readPrefixes = (match: JsonObject, name: string): string[] =>
  objectsIn(match, name).map(
    (range) => `${textIn(range, 'address_prefix') ?? ''}/${numberIn(range, 'prefix_len') ?? 0}`,
  );

function readTls(context: JsonObject): DownstreamTls {
  const common = commonContext(context);
  const parameters = objectIn(common, 'tls_params');
  return {
    mode: readMode(context, common),
    certificates: certificateNames(common),
    clientCa: caName(common),
    alpn: textsIn(common, 'alpn_protocols'),
    minVersion: parameters && enumIn(parameters, 'tls_minimum_protocol_version'),
    maxVersion: parameters && enumIn(parameters, 'tls_maximum_protocol_version'),
  };
}

/**
 * Without something to check it by, Envoy does not ask for a client certificate. Source: envoy
 * source/common/tls/context_impl.cc.
 */
function readMode(context: JsonObject, common: JsonObject): DownstreamTls['mode'] {
  if (booleanIn(context, 'require_client_certificate')) return 'MUTUAL';
  const validation = validationContext(common);
  return caName(common) !== undefined || (validation && pinsCertificates(validation)) ? 'OPTIONAL_MUTUAL' : 'SIMPLE';
}
