// Writes what follows from other files: src/version.gen.ts, src/commands/{all,one}.gen.ts, the list of checks,
// imports.gen.json and the page's script (git-ignored) and, when run by itself, the tables and the output in README.md
// and docs/ (committed; `check` holds them against `generatedTexts`).

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildSync } from 'esbuild';
import type { Check } from '#analysis/check/check.ts';
import type { Command } from '#command/command.ts';
import { exitCodeMeaning } from '#core/exit-code.ts';
import { rowsOf } from './bench/report.ts';
import { checksPage } from './checks-page.ts';
import { type Run, runs } from './compatibility.ts';
import { documents, generatedDocuments, readDocument } from './docs.ts';
import { biomeImports } from './import-table.ts';

const root = join(import.meta.dirname, '..');

export function writeSources(): void {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  write('src/version.gen.ts', `${written}export const version = '${version}';\n`);
  const commands = namesOfModules(readdirSync(join(root, 'src/commands')));
  write(
    'src/commands/all.gen.ts',
    listOf(commands, { type: 'Command', from: '#command/command.ts', name: 'commands' }),
  );
  write('src/commands/one.gen.ts', loadersOfCommands(commands));
  const checks = namesOfModules(readdirSync(join(root, 'src/analysis/checks')));
  write(
    'src/analysis/checks/all.gen.ts',
    listOf(checks, { type: 'Check', from: '#analysis/check/check.ts', name: 'checks' }),
  );
  write('src/render/page/report-page.gen.json', pageAssets());
  write('imports.gen.json', `${JSON.stringify(biomeImports(), null, 2)}\n`);
}

/** Script and style of the page of `report`, which has both inside: src/page for browsers, in JSON. */
function pageAssets(): string {
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: ['src/page/main.ts', 'src/page/page.css'],
    outdir: 'dist',
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    platform: 'browser',
    // Browsers of 2024.
    target: ['chrome126', 'firefox128', 'safari18'],
    charset: 'ascii',
    legalComments: 'none',
  });
  const textOf = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text.trim() ?? '';
  return `${JSON.stringify({ script: textOf('.js'), style: textOf('.css') })}\n`;
}

/** README.md and docs/ with their tables and output as they should be, by their names. Needs the sources written. */
export async function generatedTexts(): Promise<Readonly<Record<string, string>>> {
  const { commands } = (await import('#commands/all.gen.ts')) as { commands: readonly Command[] };
  const texts = Object.fromEntries(documents().map((file) => [file, readDocument(file)]));
  const { checks } = (await import('#analysis/checks/all.gen.ts')) as { checks: readonly Check[] };
  const readme = readmeWith(readDocument('README.md'), commands, rowsOf(readDocument('docs/bench.md'), shownCosts));
  return generatedDocuments({
    ...texts,
    'README.md': readme,
    'docs/checks.md': checksPage(checks),
    'docs/compatibility.md': withTable(readDocument('docs/compatibility.md'), 'runs', runTable(runs())),
  });
}

/** `costs` are rows of docs/bench.md. */
export function readmeWith(text: string, commands: readonly Command[], costs: Rows): string {
  const tables = { commands: commandTable(commands), 'exit codes': exitCodeTable(), cost: costTable(costs) };
  return Object.entries(tables).reduce((readme, [name, body]) => withTable(readme, name, body), text);
}

const written = '// Written by scripts/gen.ts.\n\n';

/** The file of a command, or of a check, is named as that. */
const namesOfModules = (files: readonly string[]): readonly string[] =>
  files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.gen.ts'))
    .map((file) => basename(file, '.ts'))
    .sort();

/** A module that has what each of these exports, in a list. */
function listOf(
  names: readonly string[],
  list: { readonly type: string; readonly from: string; readonly name: string },
): string {
  return [
    `${written}import type { ${list.type} } from '${list.from}';`,
    ...names.map((name) => `import ${identifier(name)} from './${name}.ts';`),
    '',
    `export const ${list.name}: readonly ${list.type}[] = [`,
    ...names.map((name) => `  ${identifier(name)},`),
    '];\n',
  ].join('\n');
}

function loadersOfCommands(names: readonly string[]): string {
  return [
    `${written}import type { Command } from '#command/command.ts';`,
    '',
    '/** Each command alone, by its name: the others need not be loaded to run it. */',
    'export const loaders: Readonly<Record<string, () => Promise<Command>>> = {',
    ...names.map((name) => `  '${name}': async () => (await import('./${name}.ts')).default,`),
    '};\n',
  ].join('\n');
}

const identifier = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

function commandTable(commands: readonly Command[]): string {
  const rows = commands.map(({ name, aliases = [], summary }) => [
    [name, ...aliases].map((word) => `\`${word}\``).join(', '),
    summary,
  ]);
  return table(['command', 'answers'], rows);
}

function exitCodeTable(): string {
  return table(['exit code', 'means'], Object.entries(exitCodeMeaning));
}

type Rows = readonly (readonly string[])[];

/** What a reader of README wants to know first; all rows are in docs/bench.md. */
const shownCosts = [
  '`--version`',
  '`routes` of one pod',
  '`routes` of three pods',
  '`endpoints --whole-mesh` of one pod',
  '`explain` on three pods, `all -o json` of one',
  '`check` of three pods, `all -o json` of one',
];

function costTable(costs: Rows): string {
  const rows = costs.map((row) => [row[0], row[1], row[3], row.at(-1)].map((cell = '') => cell));
  return table(['ours ÷ theirs', 'wall time', 'CPU', 'its limit'], rows);
}

/** Under the table, what failed. */
function runTable(all: readonly Run[]): string {
  const rows = all.map(({ istio, envoy, kubernetes, passed, failed, date, commit, parts }) => [
    istio,
    envoy,
    kubernetes,
    `${passed} of ${passed + failed}${parts === undefined ? '' : ` (${parts.join(', ')})`}`,
    `${date}, ${commit}`,
  ]);
  const failing = all.flatMap(({ istio, failing: names }) =>
    [...Map.groupBy(names, (name) => name.split(':')[0])].map(
      ([file, of]) => `- Istio ${istio} failed: ${of.length === 1 ? of[0] : `${of.length} of ${file}`}`,
    ),
  );
  return [
    table(['Istio', 'Envoy', 'Kubernetes', 'tests passed', 'run'], rows),
    ...(failing.length > 0 ? ['', ...failing] : []),
  ].join('\n');
}

function table(head: readonly string[], rows: Rows): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function withTable(readme: string, name: string, body: string): string {
  const start = `<!-- generated: ${name} -->\n`;
  const from = readme.indexOf(start) + start.length;
  const to = readme.indexOf('<!-- end -->', from);
  if (from < start.length || to < 0) throw new Error(`README.md has no ${start.trim()} … <!-- end -->`);
  return `${readme.slice(0, from)}${body}\n${readme.slice(to)}`;
}

/** Leaves a file alone that is right already: what depends on it is not stale then. */
function write(path: string, text: string): void {
  const file = join(root, path);
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

if (import.meta.main) {
  writeSources();
  for (const [file, text] of Object.entries(await generatedTexts())) write(file, text);
}
