// `npm start`: the demo's tour, from the bundle; other words are a command line of the tool (`npm start -- demo --serve`).

import { spawnSync } from 'node:child_process';
import { bundle, bundleFile } from './bundle.ts';

await bundle();
const words = process.argv.slice(2);
const { status } = spawnSync(process.execPath, [bundleFile, ...(words.length === 0 ? ['demo'] : words)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
