// What is printed to be pasted into a shell. Names in it come from a cluster or a file, so anybody may have chosen
// them.

/**
 * One word of a POSIX shell, bash, zsh and fish, whatever is in `value`. PowerShell makes several of a word that begins
 * in quotes and goes on behind them: none of those is a flag, and text with quotes is in one pair where it can be. fish
 * reads a backslash inside of single quotes and PowerShell takes four more characters for them: backslashes stand
 * outside, such quotes in double ones; of `a,b` PowerShell makes two words. Source: POSIX.1-2024, Shell Command Language §2.2;
 * fishshell.com/docs/current/language.html#quotes; PowerShell's about_Quoting_Rules and about_Parsing.
 */
export function quoted(value: string): string {
  if (/^(?!=|@|.*,-)[\w@%+=:,./-]+$/.test(value)) return value;
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

/**
 * A command as a template: an inserted value becomes one word, an inserted list a word for each element. An empty list
 * leaves no blank behind.
 */
export function step(parts: TemplateStringsArray, ...values: readonly (string | readonly string[])[]): string {
  return parts.reduce((line, text, index) => {
    const value = values[index - 1] ?? [];
    if (typeof value === 'string') return withValue(line, value) + text;
    return value.length === 0 ? line.trimEnd() + text : line + value.map(quoted).join(' ') + text;
  });
}

/**
 * A value that begins with a dash would be a flag, such as --server of kubectl: it is bound to the flag before it, or
 * stands behind the end of flags. Source: POSIX.1-2024, Base Definitions §12.2, guideline 10; pflag and yargs keep to it.
 */
function withValue(line: string, value: string): string {
  if (!value.startsWith('-')) return line + quoted(value);
  const [flag = ''] = /(?<= )-[\w-]+ $/.exec(line) ?? [];
  if (flag.startsWith('--')) return `${line.trimEnd()}=${quoted(value)}`;
  return flag === '' ? `${line}-- ${quoted(value)}` : line + quoted(value);
}
