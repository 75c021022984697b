// Where krew finds the archives, and what it says on installing: `.krew.yaml`, in which a release's version and
// checksums are filled in. The index keeps the result as plugins/istio-ingress.yaml.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const pluginName = 'istio-ingress';

const template = readFileSync(join(import.meta.dirname, '../../.krew.yaml'), 'utf8');

/** `sha256` gives the checksum of an archive by its name. */
export function krewManifest(version: string, sha256: (archive: string) => string): string {
  return template
    .replace(/^#.*\n/gm, '')
    .replaceAll('{{ .TagName }}', version)
    .replace(
      /\{\{addURIAndSha "(.*?)" \.TagName \}\}/g,
      (_, uri: string) => `uri: ${uri}\n    sha256: ${sha256(uri.slice(uri.lastIndexOf('/') + 1))}`,
    );
}
