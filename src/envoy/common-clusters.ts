// Clusters of many pods. Their text differs from pod to pod in the order of their metadata, and mostly in nothing else.

import { field, isSameJson, parseJson } from '#core/json.ts';

/** As many as the largest mesh has, and not more where a process watches it for days. */
const mostClusters = 20_000;

/** The answers of many pods to one request. */
export class CommonClusters {
  readonly #known = new Map<string, unknown>();

  /**
   * As `parseJson`; nobody may change what it returns. An equal cluster of an earlier answer stands in the place of a
   * later one: what was read of it need not be read again.
   */
  parse(body: Buffer, what: string): unknown {
    const json = parseJson(body, what);
    const elements = field(json, 'configs');
    if (Array.isArray(elements)) for (const element of elements) this.#share(element);
    return json;
  }

  #share(element: unknown): void {
    const cluster = field(element, 'cluster');
    const name = field(cluster, 'name');
    if (typeof name !== 'string') return;
    const before = this.#known.get(name);
    if (before === undefined && this.#known.size < mostClusters) this.#known.set(name, cluster);
    if (isSameJson(before, cluster)) (element as { cluster: unknown }).cluster = before;
  }
}
