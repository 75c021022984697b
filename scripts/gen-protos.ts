// Writes src/dump/proto-fields.json (committed): the fields of Envoy's API messages, as src/dump/proto-fields.ts reads
// them. Run by hand when the version in scripts/protos/go.mod changes; needs Go and its module proxy.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const envoyApi = 'github.com/envoyproxy/go-control-plane/envoy';

const directory = mkdtempSync(join(tmpdir(), 'kii-protos-'));
try {
  for (const file of ['go.mod', 'go.sum', 'main.go'])
    copyFileSync(join(root, 'scripts/protos', file), join(directory, file));
  const modules = go('mod', 'download', '-json')
    .split(/(?<=^}\n)/m)
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text) as { readonly Dir: string });
  const version = go('list', '-m', '-f', '{{.Version}}', envoyApi).trim();
  const packages = JSON.parse(go('run', '.', ...modules.map(({ Dir }) => Dir))) as unknown;
  writeFileSync(
    join(root, 'src/dump/proto-fields.json'),
    `${JSON.stringify({ source: `${envoyApi}@${version}`, packages }, null, 1)}\n`,
  );
} finally {
  rmSync(directory, { recursive: true });
}

/** What it prints. */
function go(...args: readonly string[]): string {
  return execFileSync('go', [...args], {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    // go.sum has the hash of every module that is used: nothing else is taken.
    env: { ...process.env, GOFLAGS: '-mod=readonly' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
