// src/main.ts and all it imports as one CommonJS file, dist/main.cjs, whose parts run when they are first imported: the
// dynamic imports of src stay lazy. One file, because the binary runs it as a script with V8's code cache
// (binary/boot.cjs).

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { asScript, type Chunk } from './bundle/script.ts';
import { writeSources } from './gen.ts';

const root = join(import.meta.dirname, '..');

const dist = join(root, 'dist');

export const bundleFile = bundleIn(dist);

function bundleIn(directory: string): string {
  return join(directory, 'main.cjs');
}

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
  /** Files that the bundle reads, beside it. */
  readonly recordings: readonly string[];
  /** Directories of the packages that the bundle has code of. */
  readonly packages: readonly string[];
  /** What the script is made of; the names of chunks are the last parts of their paths. */
  readonly chunks: readonly Chunk[];
  readonly metafile: Metafile;
}

export interface BundleOptions {
  /** Where the bundle is written; dist, where it is not given. */
  readonly directory?: string;
  /**
   * Whether variables, functions and classes have the names that they have in src, for profiles and tests. Shorter ones, which V8 has
   * fewer of to read, save a twentieth of the start; a user sees none of them.
   */
  readonly names?: boolean;
}

export async function bundle({ directory = dist, names = false }: BundleOptions = {}): Promise<Bundle> {
  const recordings: string[] = [];
  const packages = new Set<string>();
  writeSources();
  mkdirSync(directory, { recursive: true });
  const { metafile, outputFiles } = await build({
    ...shared,
    minifyIdentifiers: !names,
    write: false,
    entryPoints: [join(root, 'src/main.ts')],
    outdir: directory,
    splitting: true,
    format: 'esm',
    define: { 'import.meta': 'virtualMeta' },
    plugins: [clientNode(packages), lightYargs, lateBuiltins, keepBeside(directory, recordings)],
  });
  addPackages(packages, metafile);
  const file = bundleIn(directory);
  const text = `"use strict";${virtualMeta}\n${asScript(outputFiles)}module.exports=use("main.js");if(require.main===module)${startWithNode(process.versions.node)}\n`;
  put(file, text);
  return { file, bytes: text.length, recordings, packages: [...packages].sort(), chunks: outputFiles, metafile };
}

/** What a package takes for its own address. yargs would look for a package.json from there upwards, and obey it. */
const virtualMeta =
  "const virtualMeta={url:process.platform==='win32'?'file:///C:/-/node_modules/main.mjs':'file:///-/node_modules/main.mjs'};";

/** Of the bundle as a file of its own: an older Node lacks functions in the middle of commands. The binary has its Node inside. */
function startWithNode(version: string): string {
  const [major] = version.split('.');
  const refusal = `error: needs Node ${major} or newer, this is ' + process.versions.node + '\\n  npm start runs it with the Node that it is built for\\n`;
  return `if (parseInt(process.versions.node) >= ${major}) module.exports.main(); else { process.stderr.write('${refusal}'); process.exitCode = 2; }`;
}

/** Whole at every moment: another test may run what is there, and a half of it is a program that does nothing and ends with 0. */
function put(file: string, contents: string | Uint8Array): void {
  const part = `${file}.${process.pid}.part`;
  writeFileSync(part, contents);
  renameSync(part, file);
}

const shared = {
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  platform: 'node',
  target: `node${process.versions.node}`,
  external: ['bufferutil', 'utf-8-validate'], // ws goes without
  logLevel: 'warning',
  legalComments: 'none',
  // Blanks are a quarter of the bundle, longer syntax 3 %.
  minifyWhitespace: true,
  minifySyntax: true,
} satisfies BuildOptions;

/** What esbuild left out weighs nothing. */
function addPackages(packages: Set<string>, { outputs }: Metafile): void {
  for (const { inputs } of Object.values(outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const directory = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
      if (directory !== undefined && bytesInOutput > 0) packages.add(join(root, directory));
    }
  }
}

/**
 * Of client-node only KubeConfig, without what it would make HTTP requests with: its whole index costs 80 ms of each
 * start.
 */
const clientNode = (packages: Set<string>): Plugin => ({
  name: 'client-node',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^@kubernetes\/client-node$/ }, () => ({ path: 'client-node', namespace: 'client-node' }));
    // Bundled by itself: esbuild leaves nothing out of what a dynamic import can reach.
    onLoad({ filter: /.*/, namespace: 'client-node' }, async () => {
      const { outputFiles, metafile } = await build({
        ...shared,
        stdin: { contents: "export { KubeConfig } from '@kubernetes/client-node/dist/config.js';", resolveDir: root },
        format: 'esm',
        write: false,
        plugins: [withoutSideEffects, leftOut, networkLate],
      });
      addPackages(packages, metafile);
      return { contents: outputFiles.map(({ text }) => text).join(''), resolveDir: root };
    });
  },
});

/** client-node does not say that its modules have no side effects, but for one that it names so. */
const withoutSideEffects: Plugin = {
  name: 'without-side-effects',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\.?\// }, ({ path, importer, resolveDir }) => {
      if (!dirname(importer).includes('client-node')) return undefined;
      return { path: join(resolveDir, path), sideEffects: path.includes('polyfill') };
    });
  },
};

/**
 * What KubeConfig imports for ways to the API server that src/cluster does not go, for reading files, which kubeconfig.ts
 * does, and for the providers of Azure and Google, which access.ts refuses.
 */
const unused: Readonly<Record<string, readonly string[]>> = {
  'js-yaml': ['load'],
  'node:child_process': [],
  'jsonpath-plus': ['JSONPath'],
  undici: ['Agent', 'ProxyAgent', 'fetch'],
  socks: ['SocksClient'],
  'socks-proxy-agent': ['SocksProxyAgent'],
  hpagent: ['HttpProxyAgent', 'HttpsProxyAgent'],
};

const leftOut: Plugin = {
  name: 'left-out',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: new RegExp(`^(${Object.keys(unused).join('|')})$`) }, ({ path }) => ({
      path,
      namespace: 'left-out',
    }));
    // Of the description of the package it takes the version, for its User-Agent.
    onLoad({ filter: /client-node[\\/]package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, 'utf8'));
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
    onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => {
      const names = unused[path] ?? [];
      return {
        contents: names
          .map((name) => `export function ${name}() { throw new Error('${path} is not in the bundle'); }`)
          .concat('export default {};')
          .join('\n'),
      };
    });
  },
};

/**
 * Node's TLS is most of what KubeConfig costs (6 ms), and Tab needs the names of contexts only. client-node takes these
 * modules whole, and late.
 */
const networkLate: Plugin = {
  name: 'network-late',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:(https?|tls)$/ }, ({ path, namespace }) =>
      namespace === 'late' ? undefined : { path, namespace: 'late' },
    );
    onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => ({
      contents: `export default new Proxy({}, { get: (_, name) => require('${path}')[name] });`,
    }));
  },
};

/**
 * Modules of Node that take 2 to 8 ms to load, and that help and Tab, or most commands, do without: loaded when one of
 * their functions is used.
 */
const lateBuiltins: Plugin = {
  name: 'late-builtins',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:(crypto|fs\/promises|readline)$|^(node:)?zlib$/ }, ({ path, namespace, kind }) =>
      namespace !== 'late-builtin' && (kind === 'import-statement' || path === 'zlib')
        ? { path: path.replace(/^(?!node:)/, 'node:'), namespace: 'late-builtin' }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'late-builtin' }, ({ path }) => ({
      contents: `let loaded;
      for (const name of ${JSON.stringify(Object.keys(createRequire(import.meta.url)(path)))})
        Object.defineProperty(exports, name, { enumerable: true, get: () => (loaded ??= require('${path}'))[name] });`,
    }));
  },
};

/**
 * What yargs takes long to load, and hardly uses: string-width for its own help (20 ms; ours is rendered in src/render),
 * and Node's assert to look at its own state (3 ms). The width of the terminal, too, is for its own help, and takes Node's
 * stream of it (3 ms).
 */
const inPlaceForYargs: Readonly<Record<string, string>> = {
  'string-width': 'export default (text) => text.length;',
  assert: `
    const fail = () => { throw new Error('yargs is in a state that it does not expect'); };
    export const strictEqual = (a, b) => Object.is(a, b) || fail();
    export const notStrictEqual = (a, b) => !Object.is(a, b) || fail();`,
};

const lightYargs: Plugin = {
  name: 'light-yargs',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: new RegExp(`^(${Object.keys(inPlaceForYargs).join('|')})$`) }, ({ path, importer }) =>
      /[\\/](yargs|cliui|wrap-ansi)[\\/]/.test(importer) ? { path, namespace: 'light-yargs' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'light-yargs' }, ({ path }) => ({ contents: inPlaceForYargs[path] ?? '' }));
    onLoad({ filter: /[\\/]yargs[\\/]lib[\\/]platform-shims[\\/]esm\.mjs$/ }, ({ path }) => ({
      contents: replaced(readFileSync(path, 'utf8'), /(?<=stdColumns: ).*stdout\.columns.*/, 'null'),
    }));
  },
};

/** Throws where the text has become another one. */
function replaced(text: string, what: RegExp, by: string): string {
  if (!what.test(text)) throw new Error(`nothing to replace: ${what}`);
  return text.replace(what, by);
}

/**
 * The demo's recordings, the table of Envoy's fields and the page of `report` stay files beside the bundle, and assets of
 * the binary: a megabyte inside the script would cost every start of every command 5 ms.
 */
const keepBeside = (directory: string, files: string[]): Plugin => ({
  name: 'keep-beside',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/src\/(?:demo|dump|questions\/preview|render\/page)\/.*\.json$/ }, ({ path }) => {
      const file = join(directory, basename(path));
      put(file, readFileSync(path));
      files.push(file);
      const name = JSON.stringify(basename(path));
      return {
        contents: `
          const sea = require('node:sea');
          const text = sea.isSea() ? sea.getAsset(${name}, 'utf8') : require('node:fs').readFileSync(__dirname + '/' + ${name}, 'utf8');
          module.exports = JSON.parse(text);`,
      };
    });
  },
});
