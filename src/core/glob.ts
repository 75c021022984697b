// Shell-style patterns for names of pods, nodes, hosts and objects: `*` any text, `?` one character; the whole name has
// to match. Not a regular expression: names also come from clients (the paths of an access log), and `.*a.*a.*b` needs
// time that grows with a power of the name's length.

/** A name, or what counts how it is read. */
type Text = Pick<string, 'length' | 'charCodeAt'>;

const star = '*'.charCodeAt(0);
const anyOne = '?'.charCodeAt(0);

export const isGlob = (pattern: string): boolean => /[*?]/.test(pattern);

/** At most pattern × name comparisons, whatever stands in them. */
export const globMatcher =
  (pattern: string): ((name: Text) => boolean) =>
  (name) =>
    matches(pattern, name);

/**
 * A star first takes nothing. Where the rest does not fit, the last star takes one character more; the stars before it
 * never have to, because what stands between two stars is best found as early as it can be.
 */
function matches(pattern: string, name: Text): boolean {
  let [at, from] = [0, 0];
  let [lastStar, taken] = [-1, 0];
  while (from < name.length) {
    const wanted = at < pattern.length ? pattern.charCodeAt(at) : undefined;
    if (wanted === star) {
      [lastStar, taken] = [at, from];
      at++;
    } else if (wanted === anyOne || wanted === name.charCodeAt(from)) {
      from += wanted === anyOne ? widthAt(name, from) : 1;
      at++;
    } else if (lastStar !== -1) {
      taken += widthAt(name, taken);
      [at, from] = [lastStar + 1, taken];
    } else {
      return false;
    }
  }
  while (pattern.charCodeAt(at) === star) at++;
  return at === pattern.length;
}

/** Characters beyond the basic plane are two of JavaScript's. */
function widthAt(name: Text, at: number): number {
  const isHigh = (name.charCodeAt(at) & 0xfc00) === 0xd800;
  return isHigh && at + 1 < name.length && (name.charCodeAt(at + 1) & 0xfc00) === 0xdc00 ? 2 : 1;
}
