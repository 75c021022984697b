// `/stats?format=json` → numbers by name. Source: envoy source/server/admin/stats_render.cc.

import { field, objectsIn, rootObject, textIn } from '#core/json.ts';

/** Counters and gauges; what is text, and histograms, which have no single value, are left out. */
export function readStats(json: unknown): ReadonlyMap<string, number> {
  return new Map(
    objectsIn(rootObject(json, 'stats'), 'stats').flatMap((stat) => {
      const [name, value] = [textIn(stat, 'name'), field(stat.fields, 'value')];
      return name === undefined || typeof value !== 'number' ? [] : [[name, value] as const];
    }),
  );
}
