// `name_regex` of config_dump: the whole name, in RE2.

/** An expression that matches exactly these names; RE2's special characters are escaped. */
export function regexOfNames(names: readonly string[]): string {
  return [...new Set(names)].map((name) => name.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')).join('|');
}
