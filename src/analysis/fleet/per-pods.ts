// Findings that many pods share are one, with the pods in it.

/** One for every key, with the pods that have it, in their order. */
export function perPods<T>(
  pairs: readonly (readonly [key: string, pod: string])[],
  describe: (key: string, pods: readonly string[]) => T,
): T[] {
  return [...Map.groupBy(pairs, ([key]) => key)].map(([key, group]) =>
    describe(key, [...new Set(group.map(([, pod]) => pod))]),
  );
}

/** `a, b`, or `14 pods`. */
export const podList = (pods: readonly string[]): string => (pods.length > 3 ? `${pods.length} pods` : pods.join(', '));

/** With its verb: `who(pods, 'is', 'are')`. */
export const who = (pods: readonly string[], one: string, many: string): string =>
  `${podList(pods)} ${pods.length === 1 ? one : many}`;
