// What every text begins with that a regular expression of RE2 matches as a whole.

/** A character by itself, or one that a backslash takes the meaning from. */
const literal = /^(?:([\w/~%=&@,:;<>"'!# -])|\\([^\w\s]))/;
const quantifier = /^[*?+{]/;

/** Empty where it is not known: of alternatives, and behind flags. */
export function regexBeginning(pattern: string): string {
  let rest = pattern.replace(/^\^/, '');
  if (hasAlternatives(rest)) return '';
  let beginning = '';
  for (;;) {
    const [found, plain, escaped] = literal.exec(rest) ?? [];
    if (found === undefined) return beginning;
    rest = rest.slice(found.length);
    // It may be left out, or stand there more than once.
    if (quantifier.test(rest)) return beginning;
    beginning += plain ?? escaped;
  }
}

/** Outside of groups. What a class holds is skipped, with `]` in the first place of it. */
function hasAlternatives(pattern: string): boolean {
  let depth = 0;
  for (const [part] of pattern.matchAll(/\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|[()|]/gs)) {
    if (part === '(') depth++;
    else if (part === ')') depth--;
    else if (part === '|' && depth <= 0) return true;
  }
  return false;
}
