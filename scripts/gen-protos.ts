// Writes src/dump/proto-fields.json (committed): the fields of Envoy's API messages, as src/dump/proto-fields.ts reads
// them. Run by hand when the version in scripts/protos/go.mod changes; needs Go and its module proxy.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withGoModule } from './go-module.ts';

const root = join(import.meta.dirname, '..');
const envoyApi = 'github.com/envoyproxy/go-control-plane/envoy';

withGoModule(join(root, 'scripts/protos'), ({ go, download }) => {
  const modules = download();
  const version = go('list', '-m', '-f', '{{.Version}}', envoyApi).trim();
  const packages = JSON.parse(go('run', '.', ...modules.map(({ directory }) => directory))) as unknown;
  writeFileSync(
    join(root, 'src/dump/proto-fields.json'),
    `${JSON.stringify({ source: `${envoyApi}@${version}`, packages }, null, 1)}\n`,
  );
});
