// Which folder of src may import what: the table of src/README.md, as Biome's rules. `gen` writes them to
// imports.gen.json, which biome.json extends.

interface Layer {
  /** Other folders of src. */
  readonly folders: readonly string[];
  /** Packages and modules of Node that not everybody may import. */
  readonly may?: readonly string[];
}

const sockets = ['node:dgram', 'node:http', 'node:http2', 'node:https', 'node:net', 'node:tls'];
const machine = ['node:child_process', 'node:fs', 'node:fs/**', 'node:os'];
const clients = ['@kubernetes/**', 'ws', 'yargs'];

const core = ['core'];
const model = ['core', 'model'];

const folders: Readonly<Record<string, Layer>> = {
  core: { folders: [] },
  cluster: { folders: core, may: [...sockets, ...machine, '@kubernetes/**', 'ws'] },
  envoy: { folders: core },
  istiod: { folders: model },
  dump: { folders: model, may: ['node:net'] }, // isIP
  model: { folders: core },
  source: { folders: [...model, 'cluster', 'envoy', 'istiod', 'dump'], may: machine },
  accesslog: { folders: model },
  analysis: { folders: model },
  demo: { folders: [...model, 'dump'], may: [...sockets, ...machine, 'ws'] },
  render: { folders: model },
  completion: { folders: ['core', 'cluster'], may: machine },
  logs: { folders: [...model, 'envoy', 'dump', 'source', 'accesslog', 'analysis', 'render'], may: machine },
};

const layers: Readonly<Record<string, Layer & { readonly own?: readonly string[] }>> = {
  ...Object.fromEntries(Object.entries(folders).map(([name, layer]) => [`${name}/**/*.ts`, layer])),
  // One file for each check, on top of the rest of the folder.
  'analysis/checks/**/*.ts': { folders: [...model, 'analysis'] },
  'commands/**/*.ts': { folders: Object.keys(folders), may: machine, own: [] },
  'main.ts': { folders: ['core', 'completion', 'commands', 'source'], own: ['./cli.ts', './version.gen.ts'] },
  'cli.ts': { folders: ['core', 'render'], may: ['yargs'], own: [] },
};

/** Biome's configuration. A folder's own files are `./x.ts`, all of them where `own` does not say which. */
export function biomeImports(): unknown {
  return { overrides: Object.entries(layers).map(([files, layer]) => override(`src/${files}`, patterns(layer))) };
}

const patterns = ({ folders: allowed, may = [], own }: Layer & { readonly own?: readonly string[] }): string[] => [
  ...['#*', '#*/**', '../**', './../**'],
  ...allowed.map((folder) => `!#${folder}/**`),
  ...(own === undefined ? [] : ['./**', ...own.map((file) => `!${file}`)]),
  ...[...sockets, ...machine, ...clients].filter((name) => !may.includes(name)),
];

const override = (files: string, group: readonly string[]): unknown => ({
  includes: [files],
  linter: {
    rules: {
      style: {
        noRestrictedImports: {
          level: 'error',
          options: { patterns: [{ group, message: 'the import table of src/README.md forbids it' }] },
        },
      },
    },
  },
});
