// Runs the bundle with each command line and writes down what V8 compiled on the way, for boot.cjs:
//   node FLAGS warm.cjs MAIN.JS OUT FLAGS-HASH COMMAND-LINES(JSON)
// The flags, those of code-cache.ts, make the same bytes each time. V8 takes a cache only from a process with its own flags: their hash is at byte 12.
// Source: V8 SerializedCodeData, kFlagHashOffset.

'use strict';

const { readFileSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const [source, out, flagsHash, commandLines] = process.argv.slice(2);
const script = new Script(readFileSync(source, 'latin1'), { filename: 'main.js' });
const bundle = { exports: {} };
script.runInThisContext()(bundle.exports, require, bundle, dirname(source));

// For Tab; the demo has one of its own.
process.env.KUBECONFIG = join(__dirname, 'kubeconfig.yaml');
// Tab ends its process: whoever pressed it waits.
process.exit = () => {};

warm().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});

async function warm() {
  for (const words of JSON.parse(commandLines)) {
    process.argv = [process.execPath, 'kubectl-istio_ingress', ...words];
    await bundle.exports.main();
    if (process.exitCode > 0)
      throw new Error(`kubectl istio-ingress ${words.join(' ')} ended with ${process.exitCode}`);
  }
  const cache = script.createCachedData();
  cache.writeUInt32LE(Number(flagsHash), 12);
  writeFileSync(out, cache);
}
