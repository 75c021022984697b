// What is printed to be pasted into a shell. Names in it come from a cluster or a file, so anybody may have chosen
// them.

/**
 * One word of a POSIX shell, bash, zsh and fish, whatever is in `value`. PowerShell makes several of a word that begins
 * in quotes and goes on behind them: none of those is a flag, and text with quotes is in one pair where it can be. fish
 * reads a backslash inside of single quotes and PowerShell takes four more characters for them: backslashes stand
 * outside, such quotes in double ones; of `a,b` PowerShell makes two words, of `%self` fish its own number. Source:
 * POSIX.1-2024, Shell Command Language §2.2; fishshell.com/docs/current/language.html#quotes and #expand-process;
 * PowerShell's about_Quoting_Rules and about_Parsing.
 */
export function quoted(value: string): string {
  if (/^(?!=|@|%|.*,-)[\w@%+=:,./-]+$/.test(value)) return value;
  if (/^[\w@%+=:,./ '\u2018-\u201b-]+$/.test(value) && quotes.test(value)) return `"${value}"`;
  const words = value.split(/(\\|['\u2018-\u201b]+-*)/).filter((part) => part !== '');
  return words.map(quotedPart).join('') || "''";
}

function quotedPart(part: string): string {
  if (part === '\\') return '\\\\';
  return quotes.test(part) ? `"${part}"` : `'${part}'`;
}

/** What PowerShell takes for a single quote. */
const quotes = /['\u2018-\u201b]/;

/** A command that is printed to be pasted. Flags can be added to it; it is text only when it is printed. */
export interface Step {
  /** The program, its commands, flags and arguments, as they are. */
  readonly words: readonly string[];
  /** Arguments that begin with a dash: they stand behind `--`, and everything else before it. */
  readonly dashed: readonly string[];
  /** What its output goes through: `| grep x`, quoted already. */
  readonly pipe: string;
}

/** A command, or advice in words. */
export type NextStep = Step | string;

type FlagsByName = Readonly<Record<string, unknown>>;

/** One argument, several, or flags by their names; those without a value are left out. */
type Inserted = string | readonly string[] | FlagsByName;

/**
 * A command as a template: an inserted text is one word, or a part of the one that it touches, and never a flag. POSIX.1-2024,
 * Base Definitions §12.2, guideline 10; pflag and yargs keep to it.
 */
export function step(parts: TemplateStringsArray, ...values: readonly Inserted[]): Step {
  const [, last = '', pipe = ''] = /^(.*?)(?: (\| .*))?$/.exec(parts.at(-1) ?? '') ?? [];
  const made: Draft = { words: [], dashed: [] };
  for (const [index, literal] of [...parts.slice(0, -1), last].entries()) {
    made.words.push(...literal.split(' ').filter((word) => word !== ''));
    const value = values[index];
    if (value !== undefined) insert(made, value, /\S$/.test(literal));
  }
  return { ...made, pipe };
}

interface Draft {
  readonly words: string[];
  readonly dashed: string[];
}

function insert(made: Draft, value: Inserted, touches: boolean): void {
  if (typeof value === 'string') insertText(made, value, touches);
  else if (isList(value)) addArguments(made, ...value);
  else made.words.push(...flagWords(value));
}

function insertText(made: Draft, value: string, touches: boolean): void {
  const before = made.words.at(-1) ?? '';
  const isDashed = value.startsWith('-');
  if (touches) made.words.splice(-1, 1, before + value);
  else if (isDashed && before.startsWith('--')) made.words.splice(-1, 1, `${before}=${value}`);
  else if (isDashed && before.startsWith('-')) made.words.push(value);
  else addArguments(made, value);
}

const isList = (value: Inserted): value is readonly string[] => Array.isArray(value);

function addArguments(made: Draft, ...values: readonly string[]): void {
  for (const value of values) (value.startsWith('-') ? made.dashed : made.words).push(value);
}

/** Words of flags: for each of a list of values one; `true` is a flag without a value. */
export const flagWords = (flags: FlagsByName): string[] =>
  Object.entries(flags).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => {
      if (value === undefined || value === false) return [];
      if (value === true) return [`--${name}`];
      return `${value}`.startsWith('-') ? [`--${name}=${value}`] : [`--${name}`, `${value}`];
    }),
  );

/** As it is pasted; advice as it is. */
export function stepText(next: NextStep): string {
  if (typeof next === 'string') return next;
  const { words, dashed, pipe } = next;
  const all = [...words, ...(dashed.length > 0 ? ['--', ...dashed] : [])];
  return [...all.map(quoted), ...(pipe === '' ? [] : [pipe])].join(' ');
}
