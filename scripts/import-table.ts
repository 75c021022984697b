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
  command: { folders: core },
  files: { folders: core, may: ['node:net', ...machine] },
  cluster: { folders: [...core, 'files'], may: [...sockets, ...machine, '@kubernetes/**', 'ws'] },
  envoy: { folders: core },
  istiod: { folders: model },
  dump: { folders: [...model, 'dump/x509'], may: ['node:net'] }, // isIP
  model: { folders: core },
  source: { folders: [...model, 'files', 'cluster', 'envoy', 'istiod', 'dump'], may: machine },
  accesslog: { folders: model },
  analysis: { folders: model },
  apiserver: { folders: [...model, 'dump'], may: [...sockets, 'ws'] },
  demo: { folders: [...model, 'dump', 'apiserver'] },
  render: { folders: [...model, 'command'] },
  // Run by browsers, not by Node.
  page: { folders: model },
  completion: { folders: ['core', 'command', 'cluster'], may: machine },
  questions: {
    // Questions of one subject are in a folder of their own, and ask those beside it.
    folders: [...model, 'files', 'envoy', 'istiod', 'dump', 'source', 'accesslog', 'analysis', 'questions'],
    may: machine,
  },
};

/** Rooms of a folder, each by what it may import of its neighbours. Where a folder has rooms, all of its files are in one. */
export const rooms: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  dump: { x509: [] },
  cluster: { access: [], find: ['access'], stream: ['access', 'find'], local: [] },
  analysis: {
    istio: [],
    request: ['istio'],
    certificates: ['istio', 'request'],
    fleet: ['istio', 'request'],
    select: ['request'],
    translate: ['istio'],
    chart: ['istio'],
    check: ['istio', 'request', 'certificates', 'fleet', 'select'],
    // One file for each check.
    checks: ['istio', 'request', 'certificates', 'fleet', 'select', 'check'],
  },
  render: { format: [], words: ['format'], views: ['format', 'words'], page: ['format'] },
};

const layers: Readonly<Record<string, Layer & { readonly own?: readonly string[] }>> = {
  ...Object.fromEntries(Object.entries(folders).map(([name, layer]) => [`${name}/**/*.ts`, layer])),
  ...Object.fromEntries(Object.entries(rooms).flatMap(([folder, all]) => roomsOf(folder, all))),
  // It opens ports on this machine.
  'questions/forward/**/*.ts': {
    folders: [...(folders['questions']?.folders ?? []), 'cluster/local'],
    may: machine,
  },
  'commands/**/*.ts': { folders: Object.keys(folders), may: machine, own: [] },
  'main.ts': {
    folders: ['core', 'files', 'command', 'completion', 'commands', 'source'],
    own: ['./cli.ts', './version.gen.ts'],
  },
  'cli.ts': { folders: ['core', 'command', 'render'], own: ['./argv.ts'] },
  'argv.ts': { folders: ['core', 'command'], may: ['yargs'], own: [] },
};

function roomsOf(folder: string, all: Readonly<Record<string, readonly string[]>>): (readonly [string, Layer])[] {
  const { folders: others = [], may } = folders[folder] ?? {};
  return Object.entries(all).map(([room, neighbours]) => [
    `${folder}/${room}/**/*.ts`,
    {
      folders: [...others.filter((one) => one !== `${folder}/${room}`), ...neighbours.map((one) => `${folder}/${one}`)],
      ...(may === undefined ? {} : { may }),
    },
  ]);
}

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
