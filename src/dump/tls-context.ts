// The TLS contexts inside transport sockets, downstream and upstream, and the secrets they name. Keys are never read.
// Source: envoy/extensions/transport_sockets/tls/v3/{tls,common}.proto, quic/v3/quic_transport.proto.

import { type JsonObject, objectIn, objectsIn, textIn } from '#core/json.ts';

/** The context of a `transport_socket` that speaks TLS, also inside QUIC's; undefined for every other socket. */
export function readTlsContext(socket: JsonObject): JsonObject | undefined {
  const config = objectIn(socket, 'typed_config');
  const context = config && (objectIn(config, 'downstream_tls_context') ?? objectIn(config, 'upstream_tls_context') ?? config);
  return context && objectIn(context, 'common_tls_context') ? context : undefined;
}

/** SDS names of the certificates that this side presents. */
export const certificateNames = (common: JsonObject): string[] =>
  objectsIn(common, 'tls_certificate_sds_secret_configs').map(sdsName);

/** SDS name of the CA that the other side is checked with. */
export function caName(common: JsonObject): string | undefined {
  const combined = objectIn(common, 'combined_validation_context');
  const holders = combined ? [common, combined] : [common];
  const config = holders.map((holder) => objectIn(holder, 'validation_context_sds_secret_config')).find((found) => found);
  return config && sdsName(config);
}

const sdsName = (config: JsonObject): string => textIn(config, 'name') ?? '';
