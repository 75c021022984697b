// Archives as krew takes them: regular files only, the same bytes each time.

import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { create } from 'tar';
import type { Platform } from '../binary/targets.ts';

/** What the archive of a platform is called, and without its ending what belongs to it. */
export const archiveName = (version: string, { os, arch }: Platform, ending = 'tar.gz'): string =>
  `kubectl-istio_ingress_${version}_${os}_${arch}.${ending}`;

export interface Entry {
  readonly name: string;
  readonly file: string;
  readonly mode: 0o644 | 0o755;
}

/** Writes a .tar.gz in which nothing tells when, where and by whom it was made. */
export async function writeArchive(archive: string, entries: readonly Entry[]): Promise<void> {
  const stage = mkdtempSync(join(dirname(archive), '.archive-'));
  try {
    for (const { name, file, mode } of entries) {
      copyFileSync(file, join(stage, name));
      chmodSync(join(stage, name), mode);
    }
    const names = entries.map(({ name }) => name).sort();
    await create({ file: archive, cwd: stage, gzip: { level: 9 }, portable: true, mtime: new Date(0) }, names);
  } finally {
    rmSync(stage, { recursive: true });
  }
}

export const sha256Of = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
