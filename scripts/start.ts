// `npm start`: the demo's tour, from the bundle; other words are a command line of the tool (`npm start -- demo
// --serve`).

import { createRequire } from 'node:module';
import { bundle, bundleFile } from './bundle.ts';

await bundle();
if (process.argv.length === 2) process.argv.push('demo');
await (createRequire(import.meta.url)(bundleFile) as typeof import('#main.ts')).main();
