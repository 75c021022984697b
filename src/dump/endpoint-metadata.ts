// What EDS says of endpoints for the choice of their transport: `config_dump?include_eds&resource=dynamic_endpoint_configs`.
// Source: envoy/config/endpoint/v3/endpoint_components.proto LbEndpoint; envoy
// source/common/upstream/transport_socket_match_impl.cc: the metadata under `envoy.transport_socket_match`.

import { type JsonObject, objectIn, objectsIn, textIn } from '#core/json.ts';
import type { EndpointMetadata } from '#model/configuration.ts';
import { describeAddress } from './address.ts';
import { dumpElements } from './elements.ts';

/**
 * Only values that are text. An endpoint without metadata is in the result with an empty list. Throws `bad-answer`
 * where it is no dump.
 */
export function readEndpointMetadata(json: unknown): EndpointMetadata {
  const assignments = dumpElements(json, 'Endpoints').flatMap(
    ({ element }) => objectIn(element, 'endpoint_config') ?? [],
  );
  return new Map(assignments.map((one) => [textIn(one, 'cluster_name') ?? '', metadataByAddress(one)]));
}

function metadataByAddress(assignment: JsonObject): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const endpoints = objectsIn(assignment, 'endpoints').flatMap((locality) => objectsIn(locality, 'lb_endpoints'));
  return new Map(endpoints.map((one) => [addressOf(one), metadataOf(one)]));
}

function addressOf(endpoint: JsonObject): string {
  const host = objectIn(endpoint, 'endpoint');
  const address = host && objectIn(host, 'address');
  return address ? describeAddress(address) : '';
}

function metadataOf(endpoint: JsonObject): Readonly<Record<string, string>> {
  const metadata = objectIn(endpoint, 'metadata');
  const filters = metadata && objectIn(metadata, 'filter_metadata');
  const { fields = {} } = (filters && objectIn(filters, 'envoy.transport_socket_match')) ?? {};
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}
