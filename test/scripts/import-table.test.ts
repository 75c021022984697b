// The import table of src/README.md, against what Biome says of a file in each folder that imports everything.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeSources } from '../../scripts/gen.ts';
import { rooms } from '../../scripts/import-table.ts';

interface Row {
  /** `main.ts`, `core`. */
  readonly layer: string;
  readonly isPure: boolean;
  readonly mayImport: readonly string[];
}

const root = join(import.meta.dirname, '../..');
const rows = readTable(readFileSync(join(root, 'src/README.md'), 'utf8'));
const folders = rows.map(({ layer }) => layer).filter((layer) => !layer.endsWith('.ts'));
const files = rows.map(({ layer }) => (layer.endsWith('.ts') ? `src/${layer}` : `src/${layer}/case.ts`));

/** Every room of a folder, with the imports of each room of it. */
const everyRoom = Object.entries(rooms).flatMap(([folder, all]) =>
  Object.entries(all).map(([room, neighbours]) => ({
    file: `src/${folder}/${room}/case.ts`,
    imports: Object.keys(all).map((one) => `#${folder}/${one}/other.ts`),
    allowed: neighbours.map((one) => `#${folder}/${one}/other.ts`),
  })),
);

function readTable(readme: string): Row[] {
  const cells = [...readme.matchAll(/^\| `([a-z]+(?:\.ts|))\/?` \| (.*) \| (.*) \|$/gm)].map(
    ([, layer = '', does = '', imports = '']) => ({
      layer,
      does,
      imports,
    }),
  );
  const above = cells.map(({ layer }) => layer).filter((layer) => !layer.endsWith('.ts') && layer !== 'commands');
  return cells.map(({ layer, does, imports }) => ({
    layer,
    isPure: does.endsWith('; pure'),
    mayImport: imports.startsWith('all of the above')
      ? above
      : cells.map((cell) => cell.layer).filter((name) => new RegExp(`\\b${name}(?=[\`,; ]|$)`).test(imports)),
  }));
}

/** Every import that some row allows, and those that none does. */
const specifiers = [
  ...folders.map((folder) => `#${folder}/other.ts`),
  '#main.ts',
  '#cli.ts',
  './cli.ts',
  './argv.ts',
  '../other.ts',
  './../other.ts',
  '@kubernetes/client-node',
  'ws',
  'yargs',
  'node:https',
  'node:fs',
  'node:child_process',
];

function mayImport({ layer, isPure, mayImport: allowed }: Row, specifier: string): boolean {
  const folder = /^#(\w+)\//.exec(specifier)?.[1];
  if (folder !== undefined) return allowed.includes(folder);
  if (specifier === './cli.ts') return !['cli.ts', 'argv.ts', 'commands'].includes(layer);
  if (specifier === './argv.ts') return !['main.ts', 'argv.ts', 'commands'].includes(layer);
  if (specifier === 'yargs') return layer === 'argv.ts';
  if (specifier === '@kubernetes/client-node') return layer === 'cluster';
  if (specifier === 'ws' || specifier === 'node:https') return ['cluster', 'apiserver'].includes(layer);
  if (specifier.startsWith('node:'))
    return (
      !isPure &&
      !['main.ts', 'cli.ts', 'argv.ts', 'core', 'model', 'envoy', 'istiod', 'apiserver', 'demo'].includes(layer)
    );
  return false;
}

/** `src/core/case.ts:3` of each import that Biome refuses. */
function refusedImports(): Set<string> {
  mkdirSync(join(root, 'dist'), { recursive: true });
  const directory = mkdtempSync(join(root, 'dist/imports-'));
  try {
    writeSources();
    for (const file of ['biome.json', 'imports.gen.json']) copyFileSync(join(root, file), join(directory, file));
    for (const file of files) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), specifiers.map((specifier) => `import '${specifier}';\n`).join(''));
    }
    for (const { file, imports } of everyRoom) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), imports.map((specifier) => `import '${specifier}';\n`).join(''));
    }
    const biome = join(root, 'node_modules/.bin/biome');
    const { stdout } = spawnSync(
      biome,
      ['lint', '--only=style/noRestrictedImports', '--reporter=github', '--max-diagnostics=none', 'src'],
      {
        cwd: directory,
        encoding: 'utf8',
      },
    );
    const places = stdout.matchAll(/title=lint\/style\/noRestrictedImports,file=([^,]*),line=(\d+)/g);
    return new Set([...places].map(([, file = '', line]) => `${file.slice(file.indexOf('src/'))}:${line}`));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const refused = refusedImports();

test('the table names every folder', () => {
  assert.ok(rows.length >= 14);
  assert.ok(rows.every(({ layer, mayImport: allowed }) => layer === 'core' || allowed.length > 0));
});

for (const [index, row] of rows.entries()) {
  test(row.layer, () => {
    const isRefused = (line: number): boolean => refused.has(`${files[index]}:${line}`);
    assert.equal(
      specifiers.filter((_, i) => !isRefused(i + 1)),
      specifiers.filter((specifier) => mayImport(row, specifier)),
    );
  });
}

for (const { file, imports, allowed } of everyRoom) {
  test(`${file} imports of its folder's rooms only those that it may`, () =>
    assert.equal(
      imports.filter((_, index) => !refused.has(`${file}:${index + 1}`)),
      imports.filter((specifier) => allowed.includes(specifier)),
    ));
}

test('a folder that has rooms has no file beside them, but where the rooms are below it', () => {
  for (const folder of ['analysis', 'cluster', 'render'])
    assert.equal(readdirSync(join(root, 'src', folder)).sort(), Object.keys(rooms[folder] ?? {}).sort());
});

test.run();
