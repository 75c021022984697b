// `npm run dev -- ARGS`: a command line of the tool from its sources, without a bundle: Node strips the types, so stack
// traces and breakpoints are those of src. A debugger may attach, as with node's --inspect.
//   npm run dev -- --break ARGS   waits for the debugger before the first line

import inspector from 'node:inspector';
import { writeSources } from './gen.ts';

const waits = process.argv[2] === '--break';
if (waits) process.argv.splice(2, 1);
writeSources();
inspector.open();
if (waits) inspector.waitForDebugger();
await (await import('#main.ts')).main();
