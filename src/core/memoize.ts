// What is read of things that come again and again: values in long logs, certificates and routes of many pods.

/** A slice of a block keeps the whole block in memory; this does not. */
export const detached = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

/** The same function, which knows what it said of as many different texts. */
export function remembering<T>(read: (text: string) => T, most = 10_000): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined || known.has(text)) return before as T;
    if (known.size >= most) return read(text);
    const own = detached(text);
    const said = read(own);
    known.set(own, said);
    return said;
  };
}

/** The same function, which reads once what has the same content: `contentOf` names the object that decides. */
export function readingOnce<V, T>(contentOf: (value: V) => object, read: (value: V) => T): (value: V) => T {
  const known = new WeakMap<object, { readonly said: T }>();
  return (value) => {
    const content = contentOf(value);
    const before = known.get(content);
    if (before !== undefined) return before.said;
    const said = read(value);
    known.set(content, { said });
    return said;
  };
}
