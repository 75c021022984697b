// The text of docs/bench.md: a section for each part of the bench, and the rows of it that README shows.

/**
 * The parts that did not run keep what their last run wrote. Sections begin with `## `; those that are new come last.
 */
export function withSections(text: string, sections: readonly string[]): string {
  const [head = '', ...before] = text.split(/^(?=## )/m);
  const titleOf = (section: string): string => section.slice(0, section.indexOf('\n'));
  const written = new Map([...before, ...sections].map((section) => [titleOf(section), `${section.trim()}\n`]));
  return [`${head.trim()}\n`, ...written.values()].join('\n');
}

/** The rows of tables that begin with one of `names`, in that order. Throws where there is none of a name. */
export function rowsOf(text: string, names: readonly string[]): readonly (readonly string[])[] {
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.slice(2, -2).split(' | '));
  return names.map((name) => {
    const row = rows.find(([first]) => first === name);
    if (row === undefined) throw new Error(`docs/bench.md has no row ${name}: npm run bench`);
    return row;
  });
}
