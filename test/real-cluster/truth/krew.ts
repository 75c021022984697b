// The binary as krew installs it: an archive by its rules, unpacked into the store, and a link on the PATH.

import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract } from 'tar';
import * as assert from 'uvu/assert';
import { archiveName, sha256Of, writeArchive } from '../../../scripts/package/archive.ts';
import { archiveProblems } from '../../../scripts/package/krew-rules.ts';
import { environment, type Outcome, type Running, start } from './cluster.ts';

const root = join(import.meta.dirname, '../../..');

export interface Installed {
  /** To be removed. */
  readonly directory: string;
  /** What krew puts on the PATH. */
  readonly bin: string;
  kubectl(...args: readonly string[]): Promise<Outcome>;
  run(program: string, args: readonly string[], more?: Readonly<Record<string, string>>): Running;
}

export async function installAsKrew(): Promise<Installed> {
  const directory = mkdtempSync(join(tmpdir(), 'kii-krew-'));
  const archive = join(directory, archiveName('v0.0.0', { os: 'linux', arch: 'amd64' }));
  await writeArchive(archive, [
    { name: 'kubectl-istio_ingress', file: join(root, 'dist/kubectl-istio_ingress'), mode: 0o755 },
    { name: 'LICENSE', file: join(root, 'LICENSE'), mode: 0o644 },
  ]);
  const platform = {
    sha256: sha256Of(archive),
    bin: 'kubectl-istio_ingress',
    uri: `https://example.org/${archive.split('/').at(-1)}`,
  };
  assert.equal(await archiveProblems(platform, archive), []);
  const [store, bin] = [join(directory, 'store/istio-ingress/v0.0.0'), join(directory, 'bin')];
  for (const folder of [store, bin]) mkdirSync(folder, { recursive: true });
  await extract({ file: archive, cwd: store });
  symlinkSync(join(store, 'kubectl-istio_ingress'), join(bin, 'kubectl-istio_ingress'));
  const own = { PATH: `${bin}:${environment['PATH']}`, XDG_CACHE_HOME: join(directory, 'cache') };
  const run: Installed['run'] = (program, args, more = {}) => start(args, { ...own, ...more }, program);
  return { directory, bin, run, kubectl: (...args) => run('kubectl', args).outcome };
}
