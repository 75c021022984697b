// src/main.ts and all it imports as one CommonJS file, dist/main.cjs, whose parts are run when they are first imported: the
// dynamic imports of src stay lazy. CommonJS, because the binary runs it as a script with V8's code cache (binary/boot.cjs).

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { writeSources } from './gen.ts';

const root = join(import.meta.dirname, '..');

export const bundleFile = join(root, 'dist/main.cjs');

export async function bundle(): Promise<{ readonly bytes: number }> {
  writeSources();
  await build({
    ...shared,
    entryPoints: [join(root, 'src/main.ts')],
    outfile: bundleFile,
    format: 'cjs',
    // What a package takes for its own address. yargs would look for a package.json from there upwards, and obey it.
    define: { 'import.meta.url': 'virtualUrl' },
    banner: { js: "const virtualUrl = process.platform === 'win32' ? 'file:///C:/-/node_modules/main.mjs' : 'file:///-/node_modules/main.mjs';" },
    footer: { js: 'if (require.main === module) module.exports.main();' },
    plugins: [clientNode, plainWidth],
  });
  return { bytes: readFileSync(bundleFile).length };
}

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: `node${process.versions.node}`,
  // A script outside of any module, which the binary's is, has require() alone.
  supported: { 'dynamic-import': false },
  external: ['bufferutil', 'utf-8-validate'], // ws goes without
  logLevel: 'warning',
  legalComments: 'none',
} as const;

/** Of client-node only KubeConfig, without what it would make HTTP requests with: its whole index costs 80 ms of each start. */
const clientNode: Plugin = {
  name: 'client-node',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^@kubernetes\/client-node$/ }, () => ({ path: 'client-node', namespace: 'client-node' }));
    // Bundled by itself: esbuild leaves nothing out of what a dynamic import can reach.
    onLoad({ filter: /.*/, namespace: 'client-node' }, async () => {
      const { outputFiles } = await build({
        ...shared,
        stdin: { contents: "export { KubeConfig } from '@kubernetes/client-node/dist/config.js';", resolveDir: root },
        format: 'esm',
        write: false,
        plugins: [withoutSideEffects, leftOut],
      });
      return { contents: outputFiles[0]?.text ?? '', resolveDir: root };
    });
  },
};

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

/** What KubeConfig imports for ways to the API server that src/cluster does not go. */
const unused: Readonly<Record<string, readonly string[]>> = {
  undici: ['Agent', 'ProxyAgent', 'fetch'],
  socks: ['SocksClient'],
  'socks-proxy-agent': ['SocksProxyAgent'],
  hpagent: ['HttpProxyAgent', 'HttpsProxyAgent'],
};

const leftOut: Plugin = {
  name: 'left-out',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: new RegExp(`^(${Object.keys(unused).join('|')})$`) }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => {
      const names = unused[path] ?? [];
      return { contents: names.map((name) => `export function ${name}() { throw new Error('${path} is not in the bundle'); }`).join('\n') };
    });
  },
};

/** yargs measures its own help with string-width, which takes 20 ms to load; ours is rendered in src/render. */
const plainWidth: Plugin = {
  name: 'plain-width',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^string-width$/ }, ({ path }) => ({ path, namespace: 'plain-width' }));
    onLoad({ filter: /.*/, namespace: 'plain-width' }, () => ({ contents: 'export default (text) => text.length;' }));
  },
};
