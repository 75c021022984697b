// What Envoy counts of one host of a cluster, in `/clusters?format=json`. Source: envoy/admin/v3/clusters.proto.

import { type JsonObject, numberIn, textIn } from '#core/json.ts';

/** Undefined: Envoy does not count that. 0 has no value. */
export function statIn(stats: readonly JsonObject[], name: string): number | undefined {
  const stat = stats.find((one) => textIn(one, 'name') === name);
  return stat && (numberIn(stat, 'value') ?? 0);
}
