// The single binary of this platform, dist/kubectl-istio_ingress: the pinned Node with the bundle inside (a single
// executable application, made by @yao-pkg/pkg) and V8's code cache of the bundle. Nothing is downloaded. `package.ts`
// makes all platforms'.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CacheName, cacheNames, writeCodeCache } from './binary/code-cache.ts';
import { writeExecutable } from './binary/executable.ts';
import { binaryNameOf, thisPlatform } from './binary/targets.ts';
import { bundle, bundleFile } from './bundle.ts';

const dist = join(import.meta.dirname, '../dist');
const parts = join(import.meta.dirname, 'binary');
const stampFile = join(dist, 'binary.stamp');

export const binaryFile = join(dist, binaryNameOf(thisPlatform));

export async function build(): Promise<void> {
  const { bytes, recordings } = await bundle();
  report('bundle', bytes);
  const stamp = hashOf([bundleFile, ...recordings, ...readdirSync(parts).map((file) => join(parts, file))]);
  if (existsSync(binaryFile) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
    report('binary', statSync(binaryFile).size, 'as it was');
    return;
  }
  const script = writeScript();
  const caches = cacheNames.map((name) => writeOwnCodeCache(script, name));
  // A binary that runs cannot be written to, but another can take its name.
  const part = `${binaryFile}.part`;
  const node = process.execPath;
  writeExecutable(
    {
      platform: thisPlatform,
      nodeVersion: process.versions.node,
      node,
      builder: node,
      assets: [script, ...caches, ...recordings],
    },
    part,
  );
  renameSync(part, binaryFile);
  writeFileSync(stampFile, stamp);
  report('binary', statSync(binaryFile).size);
}

/** The bundle as boot.cjs runs it: a function of what a CommonJS module has. */
export function writeScript(script = join(dist, 'main.js'), file = bundleFile): string {
  writeFileSync(
    script,
    `(function (exports, require, module, __dirname) {${readFileSync(file, 'latin1')}\n})`,
    'latin1',
  );
  return script;
}

function hashOf(files: readonly string[]): string {
  const hash = createHash('sha256').update(process.version).update(process.arch);
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/**
 * Without what could not be run ahead the binary works all the same, and starts more slowly: that is said, and no
 * failure.
 */
function writeOwnCodeCache(script: string, name: CacheName): string {
  const file = join(dist, name);
  try {
    writeCodeCache([process.execPath], script, dist, name);
  } catch (error) {
    writeFileSync(file, '');
    process.stderr.write(
      `${error instanceof Error ? error.message : error}\nno code cache: the binary will start more slowly\n`,
    );
  }
  report(name, statSync(file).size);
  return file;
}

function report(what: string, bytes: number, remark = ''): void {
  process.stdout.write(`${what.padEnd(10)} ${(bytes / 1e6).toFixed(1).padStart(6)} MB ${remark}\n`);
}

if (import.meta.main) await build();
