// What the binary runs: the bundle, with the code that V8 compiled for it when the binary was built. Where the cache is of
// another V8, V8 puts it aside and compiles. `--version` needs neither, and so starts as fast as Node does.

'use strict';

const { getRawAsset, getAsset } = require('node:sea');

const isVersion =
  process.argv.length === 3 && process.argv[2] === '--version' && !process.argv0.includes('kubectl_complete-');
if (isVersion) printVersion();
else runBundle();

function printVersion() {
  process.stdout.on('error', ({ code, message }) => {
    if (code === 'EPIPE') return; // a reader that has gone
    process.stderr.write(`error: cannot write the output: ${message}\n`);
    process.exitCode = 2;
  });
  process.stdout.write(`${getAsset('version', 'latin1')}\n`);
}

/** V8 reads a cache as a whole: of these, each has no more than what runs then. code-cache.ts makes them. */
function cacheFor(words) {
  if (words[0] === '__complete' || process.argv0.includes('kubectl_complete-')) return 'complete.cache';
  if (['--help', '-h'].includes(words.at(-1))) return 'help.cache';
  const tables = ['routes', 'listeners', 'clusters', 'endpoints', 'secrets', 'status'];
  return tables.includes(words[0]) ? 'tables.cache' : 'main.cache';
}

function runBundle() {
  const { Script } = require('node:vm');
  const asset = (name) => Buffer.from(getRawAsset(name));
  // esbuild writes ASCII only.
  const cachedData = asset(cacheFor(process.argv.slice(2)));
  const script = new Script(asset('main.js').latin1Slice(), { filename: 'main.js', cachedData });
  const bundle = { exports: {} };
  script.runInThisContext()(bundle.exports, require, bundle);
  bundle.exports.main();
}
