// checksums.txt and krew-manifest.yaml of a directory with the archives of all platforms, checked as krew's index
// would:
//   node scripts/package/manifest.ts DIRECTORY VERSION   in a release, where each archive comes from another machine

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { sha256Of } from './archive.ts';
import { krewManifest, pluginName } from './krew.ts';
import { archiveProblems, type KrewPlatform, manifestProblems } from './krew-rules.ts';

/** Throws where krew's index would not take it. */
export async function writeManifest(directory: string, version: string): Promise<void> {
  const files = readdirSync(directory)
    .filter((file) => /\.(tar\.gz|cdx\.json)$/.test(file))
    .sort();
  writeFileSync(
    join(directory, 'checksums.txt'),
    files.map((file) => `${sha256Of(join(directory, file))}  ${file}\n`).join(''),
  );
  const manifest = krewManifest(version, (archive) => sha256Of(join(directory, archive)));
  const problems = await problemsOf(manifest, directory);
  if (problems.length > 0) throw new Error(`krew would not take the manifest:\n${problems.join('\n')}`);
  writeFileSync(join(directory, 'krew-manifest.yaml'), manifest);
}

async function problemsOf(manifest: string, directory: string): Promise<string[]> {
  const { platforms } = (parse(manifest) as { spec: { platforms: readonly KrewPlatform[] } }).spec;
  const ofArchives = await Promise.all(
    platforms.map(async (platform) => {
      const archive = String(platform.uri?.split('/').at(-1));
      return (await archiveProblems(platform, join(directory, archive))).map((problem) => `${archive}: ${problem}`);
    }),
  );
  return [...manifestProblems(manifest, pluginName), ...ofArchives.flat()];
}

if (import.meta.main) {
  const [directory, version] = process.argv.slice(2);
  if (directory === undefined || version === undefined) throw new Error('usage: manifest.ts DIRECTORY VERSION');
  await writeManifest(directory, version);
}
