// What is printed to be pasted into a shell. Names in it come from a cluster or a file, so anybody may have chosen
// them.

/**
 * One word of a POSIX shell, whatever is in `value`. Source: POSIX.1-2024, Shell Command Language §2.2.2 (single
 * quotes).
 */
export const quoted = (value: string): string =>
  /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;

/**
 * A command as a template: an inserted value becomes one word, an inserted list a word for each element. An empty list
 * leaves no blank behind.
 */
export function step(parts: TemplateStringsArray, ...values: readonly (string | readonly string[])[]): string {
  return parts.reduce((line, text, index) => {
    const words = [values[index - 1] ?? []].flat().map(quoted);
    return words.length === 0 ? line.trimEnd() + text : line + words.join(' ') + text;
  });
}
