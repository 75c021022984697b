// The TLS contexts inside transport sockets, downstream and upstream, and the secrets they name. Keys are never read.
// Source: envoy/extensions/transport_sockets/tls/v3/{tls,common}.proto, quic/v3/quic_transport.proto.

import { hasField, type JsonObject, objectIn, objectsIn, textIn } from '#core/json.ts';
import { typeOf } from './elements.ts';

/** The context of a `transport_socket` that speaks TLS, also inside QUIC's; undefined for every other socket. */
export function readTlsContext(socket: JsonObject): JsonObject | undefined {
  const config = objectIn(socket, 'typed_config');
  if (!config) return undefined;
  const type = typeOf(config);
  const isTls = type.endsWith('.UpstreamTlsContext') || type.endsWith('.DownstreamTlsContext');
  return isTls ? config : (objectIn(config, 'downstream_tls_context') ?? objectIn(config, 'upstream_tls_context'));
}

/** What is common to both directions; a context without it is one whose fields have all their defaults. */
export const commonContext = (context: JsonObject): JsonObject =>
  objectIn(context, 'common_tls_context') ?? { ...context, fields: {} };

/** SDS names of the certificates that this side presents; `inline` for those that stand in the context itself. */
export function certificateNames(common: JsonObject): string[] {
  const named = objectsIn(common, 'tls_certificate_sds_secret_configs').map(sdsName);
  return hasField(common, 'tls_certificates') ? [...named, 'inline'] : named;
}

/** What the other side's certificate is checked by, without what comes from SDS; undefined: nothing. */
export function validationContext(common: JsonObject): JsonObject | undefined {
  const combined = objectIn(common, 'combined_validation_context');
  return combined ? objectIn(combined, 'default_validation_context') : objectIn(common, 'validation_context');
}

/**
 * SDS name of the CA that the other side is checked with; `inline` for one that is in the context, a file, or the
 * system's.
 */
export function caName(common: JsonObject): string | undefined {
  const combined = objectIn(common, 'combined_validation_context');
  const config = objectIn(combined ?? common, 'validation_context_sds_secret_config');
  if (config) return sdsName(config);
  const context = validationContext(common);
  return context && (hasField(context, 'trusted_ca') || hasField(context, 'system_root_certs')) ? 'inline' : undefined;
}

/** Certificates are checked without a CA. */
export const pinsCertificates = (validation: JsonObject): boolean =>
  hasField(validation, 'verify_certificate_spki') ||
  hasField(validation, 'verify_certificate_hash') ||
  hasField(validation, 'custom_validator_config');

const sdsName = (config: JsonObject): string => textIn(config, 'name') ?? '';
