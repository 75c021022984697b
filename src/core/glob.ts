// Shell-style patterns for names of pods, nodes, hosts and objects: `*` any text, `?` one character; the whole name has
// to match.

export const isGlob = (pattern: string): boolean => /[*?]/.test(pattern);

export function globMatcher(pattern: string): (name: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 'su');
  return (name) => expression.test(name);
}
