// How Envoy speaks to the endpoints of a cluster. Source: envoy/config/cluster/v3/cluster.proto,
// envoy/extensions/transport_sockets/tls/v3/{tls,common}.proto, envoy/config/core/v3/protocol.proto
// UpstreamHttpProtocolOptions.

import { booleanIn, enumIn, type JsonObject, objectIn, objectsIn, textIn } from '#core/json.ts';
import type { TransportChoice, UpstreamTls } from '#model/cluster.ts';
import { describeStringMatch } from '#model/match.ts';
import { typeOf } from './elements.ts';
import { readStringMatch, unknownExtension } from './matchers.ts';
import {
  caName,
  certificateNames,
  commonContext,
  pinsCertificates,
  readTlsContext,
  validationContext,
} from './tls-context.ts';

export function readUpstreamTls(cluster: JsonObject): UpstreamTls {
  const autoSni = readAutoSni(cluster);
  const own = readSocket(objectIn(cluster, 'transport_socket'), autoSni);
  const matches = objectsIn(cluster, 'transport_socket_matches');
  if (matches.length === 0) return own;
  const choices = matches.map((match) => ({
    name: textIn(match, 'name') ?? '',
    tls: readSocket(objectIn(match, 'transport_socket'), autoSni),
    ...readMatch(match),
  }));
  // Endpoints that match none of them get the cluster's own; an empty match is met by every endpoint.
  return {
    mode: 'per-endpoint',
    choices: matches.some(takesEvery) ? choices : [...choices, { name: 'others', tls: own, match: {} }],
  };
}

function readMatch(match: JsonObject): Pick<TransportChoice, 'match'> {
  const fields = objectIn(match, 'match')?.fields ?? {};
  const isText = Object.values(fields).every((value) => typeof value === 'string');
  return isText ? { match: fields as Readonly<Record<string, string>> } : {};
}

function takesEvery(match: JsonObject): boolean {
  const wanted = objectIn(match, 'match');
  return wanted === undefined || Object.keys(wanted.fields).length === 0;
}

/** In the cluster itself up to Istio 1.9 (Envoy 1.17), in the protocol options since. */
function readAutoSni(cluster: JsonObject): boolean {
  const extensions = objectIn(cluster, 'typed_extension_protocol_options');
  const protocols = extensions && objectIn(extensions, 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions');
  return hasAutoSni(cluster) || (protocols !== undefined && hasAutoSni(protocols));
}

function hasAutoSni(holder: JsonObject): boolean {
  const options = objectIn(holder, 'upstream_http_protocol_options');
  return options !== undefined && booleanIn(options, 'auto_sni') === true;
}

function readSocket(socket: JsonObject | undefined, autoSni: boolean): UpstreamTls {
  const config = socket && objectIn(socket, 'typed_config');
  // Sockets that add something (the PROXY protocol, metadata for a waypoint) hold the one they add it to.
  const inner = config && objectIn(config, 'transport_socket');
  if (inner) return readSocket(inner, autoSni);
  const context = socket && readTlsContext(socket);
  if (context) return readContext(context, autoSni);
  const isPlain =
    !socket || typeOf(config).endsWith('.RawBuffer') || (!config && /raw_buffer$/.test(textIn(socket, 'name') ?? ''));
  return isPlain ? { mode: 'none' } : { mode: 'unknown', type: unknownExtension(socket).type };
}

function readContext(context: JsonObject, autoSni: boolean): UpstreamTls {
  const common = commonContext(context);
  const validation = validationContext(common);
  const ca = caName(common);
  const enforcesRsaKeyUsage = booleanIn(context, 'enforce_rsa_key_usage');
  const acceptsUntrusted =
    validation !== undefined && enumIn(validation, 'trust_chain_verification') === 'ACCEPT_UNTRUSTED';
  return {
    mode: readMode(certificateNames(common)),
    sni: textIn(context, 'sni') || undefined,
    autoSni,
    subjectAltNames: validation ? readAlternativeNames(validation) : [],
    ca,
    isVerified: (validation !== undefined && pinsCertificates(validation)) || (ca !== undefined && !acceptsUntrusted),
    ...(enforcesRsaKeyUsage === undefined ? {} : { enforcesRsaKeyUsage }),
  };
}

/**
 * `default` is the name of a gateway's own workload certificate. Source: istio pkg/security/security.go
 * WorkloadKeyCertResourceName.
 */
function readMode(certificates: readonly string[]): 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL' {
  if (certificates.includes('default')) return 'ISTIO_MUTUAL';
  return certificates.length === 0 ? 'SIMPLE' : 'MUTUAL';
}

/** `match_subject_alt_names` is Envoy's older name; Istio 1.31 writes it still. */
function readAlternativeNames(validation: JsonObject): string[] {
  const typed = objectsIn(validation, 'match_typed_subject_alt_names').flatMap(
    (name) => objectIn(name, 'matcher') ?? [],
  );
  const matchers = [...typed, ...objectsIn(validation, 'match_subject_alt_names')];
  return matchers.map((matcher) => describeStringMatch(readStringMatch(matcher)));
}
