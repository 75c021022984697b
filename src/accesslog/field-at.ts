// Values of JSON objects by a dotted name, whether the dots are levels or part of the keys: `{"url": {"path": …}}` and
// `{"url.path": …}` are the same to Elasticsearch, and log pipelines write both.

export type Fields = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Undefined where nothing is there. */
export function fieldAt(object: Fields, name: string): unknown {
  if (Object.hasOwn(object, name)) return object[name];
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const inner = object[name.slice(0, dot)];
    const value = isObject(inner) ? fieldAt(inner, name.slice(dot + 1)) : undefined;
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The first of the names that has a text; a list of one text counts as that text. */
export function textAt(object: Fields, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = fieldAt(object, name);
    const one = Array.isArray(value) && value.length === 1 ? value[0] : value;
    if (typeof one === 'string' && one !== '') return one;
  }
  return undefined;
}
