// Results of readers, kept for input that comes again: values in long logs, certificates and routes of many pods.

/** A slice of a block keeps the whole block in memory; a slice of a text that is put together for it does not. */
export const copied = (text: string): string => ` ${text}`.slice(1);

/** Caches the results of `read` for up to `most` texts. */
export function memoize<T>(read: (text: string) => T, most = 10_000): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined || known.has(text)) return before as T;
    if (known.size >= most) return read(text);
    const key = copied(text);
    const result = read(key);
    known.set(key, result);
    return result;
  };
}

/** Texts with the same end are held against each other: more of them are not kept. */
const mostAlike = 20;

/**
 * As `memoize`, of texts of kilobytes that are no slices of longer ones, such as JSON.parse makes them. They are found
 * by `endOf`, a part in which they nearly always differ: to hash all of a certificate takes as long as to read it.
 */
export function memoizeLong<T>(endOf: (text: string) => string, read: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly text: string; readonly result: T }[]>();
  return (text) => {
    const end = endOf(text);
    const alike = known.get(end);
    const before = alike?.find((one) => one.text === text);
    if (before !== undefined) return before.result;
    const result = read(text);
    if (alike === undefined && known.size < 10_000) known.set(end, [{ text, result }]);
    else if (alike !== undefined && alike.length < mostAlike) alike.push({ text, result });
    return result;
  };
}

/** Caches the results of `read` by the object that `identityOf` names, for as long as that object is in memory. */
export function memoizeByIdentity<V, T>(identityOf: (value: V) => object, read: (value: V) => T): (value: V) => T {
  const known = new WeakMap<object, { readonly result: T }>();
  return (value) => {
    const identity = identityOf(value);
    const before = known.get(identity);
    if (before !== undefined) return before.result;
    const result = read(value);
    known.set(identity, { result });
    return result;
  };
}

/** Caches the results of `read` for what has the same text by `textOf`, up to `most` of them. */
export function memoizeByText<V, T>(
  textOf: (value: V) => string,
  read: (value: V) => T,
  most = 1_000,
): (value: V) => T {
  const known = new Map<string, { readonly result: T }>();
  return (value) => {
    const text = textOf(value);
    const before = known.get(text);
    if (before !== undefined) return before.result;
    const result = read(value);
    if (known.size < most) known.set(text, { result });
    return result;
  };
}
