// Keys of what pods are compared by: equal contents have equal keys.

/**
 * `label`: contents that are equal have the same one. `identity`: the object that the content was read from; undefined for
 * a model that was made by hand. `exact`: its key in every run.
 */
export type KeyOf = (label: string, identity: object | undefined, exact: () => string) => string;

export const exactKeys: KeyOf = (_label, _identity, exact) => exact();

/**
 * Keys of this run alone. Most of what pods serve is one object (envoy/common-parts.ts): that it is the same is known without
 * its exact key, which takes several times as long.
 */
export function keysOfRun(): KeyOf {
  const firsts = new Map<string, { readonly identity: object; readonly exact: () => string }>();
  return (label, identity, exact) => {
    if (identity === undefined) return exact();
    const first = firsts.get(label);
    if (first === undefined) firsts.set(label, { identity, exact });
    if (first === undefined || first.identity === identity) return label;
    const own = exact();
    return own === first.exact() ? label : `${label}\n${own}`;
  };
}
