// Which hosts a secret serves, from the listeners that name it: the secrets of a dump do not tell.
// Source: envoy/admin/v3/config_dump.proto, envoy/config/listener/v3/listener_components.proto.

import { type JsonObject, objectIn, objectsIn, textsIn } from '#core/json.ts';
import { dumpElements } from './elements.ts';
import { caName, certificateNames, commonContext, readTlsContext } from './tls-context.ts';

/**
 * SDS name → server names of the filter chains that use it as certificate or CA, `*` for a chain without server names.
 * Draining listeners take no new connections and do not count. Throws ToolError `bad-answer` with the path of what
 * cannot be read.
 */
export function readSecretUse(json: unknown): Map<string, readonly string[]> {
  const uses = dumpElements(json, 'Listeners')
    .flatMap(({ element }) => listenersOf(element))
    .flatMap(filterChainsOf)
    .flatMap(usesOf);
  const bySecret = Map.groupBy(uses, ({ secret }) => secret);
  return new Map(
    [...bySecret].map(([secret, hosts]) => [secret, [...new Set(hosts.map(({ host }) => host))]] as const),
  );
}

/** A rejected listener that never was active stands in `error_state` alone, and serves nothing. */
function listenersOf(element: JsonObject): JsonObject[] {
  const states = [objectIn(element, 'active_state'), objectIn(element, 'warming_state'), element];
  return states.flatMap((state) => (state && objectIn(state, 'listener')) ?? []);
}

const filterChainsOf = (listener: JsonObject): JsonObject[] =>
  objectsIn(listener, 'filter_chains').concat(objectIn(listener, 'default_filter_chain') ?? []);

function usesOf(chain: JsonObject): { readonly secret: string; readonly host: string }[] {
  const socket = objectIn(chain, 'transport_socket');
  const context = socket && readTlsContext(socket);
  if (!context) return [];
  const common = commonContext(context);
  const match = objectIn(chain, 'filter_chain_match');
  const names = match ? textsIn(match, 'server_names') : [];
  const hosts = names.length === 0 ? ['*'] : names;
  return certificateNames(common)
    .concat(caName(common) ?? [])
    .flatMap((secret) => hosts.map((host) => ({ secret, host })));
}
