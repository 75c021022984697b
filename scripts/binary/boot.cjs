// What the binary runs: the bundle, with the code that V8 compiled for it when the binary was built. Where the cache is of
// another V8, V8 puts it aside and compiles.

'use strict';

const { getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

const asset = (name) => Buffer.from(getRawAsset(name));
// esbuild writes ASCII only.
const script = new Script(asset('main.js').latin1Slice(), { filename: 'main.js', cachedData: asset('main.cache') });
const bundle = { exports: {} };
script.runInThisContext()(bundle.exports, require, bundle);
bundle.exports.main();
