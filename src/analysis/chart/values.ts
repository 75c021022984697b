// Values of a chart, merged as helm merges them. Source: helm pkg/cli/values/options.go mergeMaps,
// pkg/chartutil/coalesce.go.

export type Values = Readonly<Record<string, unknown>>;

export const isMap = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `files`: in the order of the command line. */
export const mergedValues = (defaults: Values, files: readonly Values[]): Values =>
  overDefaults(
    defaults,
    files.reduce((all, one) => combined(all, one, merge), {}),
  );

type Combine = (first: Values, second: Values) => Values;

const merge: Combine = (first, second) => combined(first, second, merge);

/** Null takes a default away, and stays where there is none. */
const overDefaults: Combine = (defaults, values) => {
  const taken = Object.keys(defaults).filter((key) => values[key] === null);
  const all = Object.entries(combined(defaults, values, overDefaults));
  return Object.fromEntries(all.filter(([key]) => !taken.includes(key)));
};

/** Two maps become one; of everything else the second counts. */
function combined(first: Values, second: Values, ofMaps: Combine): Values {
  const over = Object.entries(second).map(([key, value]) => {
    const other = Object.hasOwn(first, key) ? first[key] : undefined;
    return [key, isMap(other) && isMap(value) ? ofMaps(other, value) : value] as const;
  });
  return { ...first, ...Object.fromEntries(over) };
}

/** Go's templates take these for false, and any other text for true, `"false"` too. */
export const isTrue = (value: unknown): boolean => {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isMap(value) || Object.keys(value).length > 0;
};
