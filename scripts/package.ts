// `npm run package`: the archives of all platforms in dist/package, with their bills of materials, checksums.txt and
// the manifest for krew; on one Linux machine, from npm's Nodes. What can be run here is run, of the rest the structure
// is checked.
// npm run package -- --this-platform   only this one's, from the Node that runs this script: the official one, in a
// release
//   npm run package -- --only linux/amd64

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheNames, writeCodeCache } from './binary/code-cache.ts';
import { writeExecutable } from './binary/executable.ts';
import { executableOf, fetchNode } from './binary/node-package.ts';
import { binaryNameOf, isSamePlatform, type Platform, type Target, targets, thisPlatform } from './binary/targets.ts';
import { writeScript } from './build.ts';
import { type Bundle, bundle } from './bundle.ts';
import { archiveName, writeArchive } from './package/archive.ts';
import { billOfMaterials, readPackages, thirdPartyLicenses } from './package/contents.ts';
import { behaviourProblems, installEmulator, runnerOf, structureProblems } from './package/inspect.ts';
import { writeManifest } from './package/manifest.ts';

const root = join(import.meta.dirname, '..');
export const packages = join(root, 'dist/package');

/** A Node for one platform, and what is needed to build with it. */
interface Nodes {
  readonly platform: Platform;
  readonly version: string;
  readonly node: string;
  readonly builder: string;
  readonly licenseText: string;
}

interface Built {
  readonly bundle: Bundle;
  readonly script: string;
  readonly version: string;
}

/** Throws where a binary cannot be built, or is not what it should be. */
export async function packageAll(nodes: readonly Nodes[]): Promise<void> {
  rmSync(packages, { recursive: true, force: true });
  mkdirSync(packages, { recursive: true });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const built: Built = { bundle: await bundle(), script: writeScript(), version: `v${version}` };
  for (const one of nodes) await packageOne(one, built);
  if (nodes.length === targets.length) await writeManifest(packages, built.version);
}

async function packageOne(
  nodes: Nodes,
  { bundle: { recordings, packages: directories }, script, version }: Built,
): Promise<void> {
  const { platform } = nodes;
  const startedAt = performance.now();
  const work = join(root, 'dist/platforms', `${platform.os}-${platform.arch}`);
  mkdirSync(work, { recursive: true });
  const runner = runnerOf(platform, nodes.node);
  for (const name of cacheNames) {
    if (runner === undefined) writeFileSync(join(work, name), '');
    else if (!writeCodeCache(runner, script, work, name))
      process.stderr.write(`${name} of ${platform.os}/${platform.arch} is not the same twice: is the machine busy?\n`);
  }
  const binary = join(work, binaryNameOf(platform));
  writeExecutable(
    {
      platform,
      nodeVersion: nodes.version,
      node: nodes.node,
      builder: nodes.builder,
      assets: [script, ...cacheNames.map((name) => join(work, name)), ...recordings],
    },
    binary,
  );
  inspect(nodes, binary, script, version);
  const inside = readPackages(directories);
  const licenses = join(work, 'THIRD_PARTY_LICENSES');
  writeFileSync(licenses, thirdPartyLicenses(inside, nodes));
  await writeArchive(join(packages, archiveName(version, platform)), [
    { name: binaryNameOf(platform), file: binary, mode: 0o755 },
    { name: 'LICENSE', file: join(root, 'LICENSE'), mode: 0o644 },
    { name: 'THIRD_PARTY_LICENSES', file: licenses, mode: 0o644 },
  ]);
  const materials = `${JSON.stringify(billOfMaterials(version, inside, nodes.version), null, 2)}\n`;
  writeFileSync(join(packages, archiveName(version, platform, 'cdx.json')), materials);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  process.stdout.write(
    `${`${platform.os}/${platform.arch}`.padEnd(14)} Node ${nodes.version}  ${runner ? 'code cache, ran' : 'structure only'}  ${seconds} s\n`,
  );
}

function inspect({ platform, node }: Nodes, binary: string, script: string, version: string): void {
  const runner = runnerOf(platform, binary);
  const problems = [
    ...structureProblems(platform, readFileSync(binary), readFileSync(node), readFileSync(script)),
    ...(runner ? behaviourProblems(runner, version.slice(1)) : []),
  ];
  if (problems.length > 0)
    throw new Error(`the binary of ${platform.os}/${platform.arch} is not right:\n${problems.join('\n')}`);
}

async function fromNpm({ os, arch, node, builder }: Target): Promise<Nodes> {
  const [directory, builderDirectory] = [await fetchNode(node), await fetchNode(builder)];
  return {
    platform: { os, arch },
    version: node.version,
    node: executableOf(directory),
    builder: executableOf(builderDirectory),
    // That of Windows comes without; it is the same text.
    licenseText: readFileSync(join(builderDirectory, 'LICENSE'), 'utf8'),
  };
}

function fromThisNode(): Nodes {
  const node = process.execPath;
  const beside = process.platform === 'win32' ? dirname(node) : join(dirname(node), '..');
  return {
    platform: thisPlatform,
    version: process.versions.node,
    node,
    builder: node,
    licenseText: readFileSync(join(beside, 'LICENSE'), 'utf8'),
  };
}

async function wantedNodes(): Promise<Nodes[]> {
  const { values } = parseArgs({ options: { 'this-platform': { type: 'boolean' }, only: { type: 'string' } } });
  if (values['this-platform']) return [fromThisNode()];
  if (!isSamePlatform(thisPlatform, { os: 'linux', arch: 'amd64' }))
    throw new Error('all platforms are built on linux/amd64; elsewhere: --this-platform');
  const wanted = targets.filter(({ os, arch }) => values.only === undefined || values.only === `${os}/${arch}`);
  if (wanted.length === 0)
    throw new Error(`--only takes ${targets.map(({ os, arch }) => `${os}/${arch}`).join(', ')}; not ${values.only}`);
  if (wanted.some(({ os, arch }) => os === 'linux' && arch === 'arm64')) installEmulator();
  const nodes: Nodes[] = [];
  for (const target of wanted) nodes.push(await fromNpm(target));
  return nodes;
}

if (import.meta.main) await packageAll(await wantedNodes());
