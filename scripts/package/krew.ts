// krew-manifest.yaml: where krew finds the archives, and what it says on installing. The index keeps it as
// plugins/istio-ingress.yaml.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { binaryNameOf, type Platform, targets } from '../binary/targets.ts';
import { archiveName } from './archive.ts';

export const pluginName = 'istio-ingress';

const { homepage } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  homepage: string;
};

const description = `Asks every pod of an Istio ingress gateway at once, through the API
server's own streams, with nothing to install in the cluster: is every
gateway alive, in sync with istiod and serving the same; what happens to a
URL; which certificate does a host get; who gets errors, and why.
Answers from a saved configuration, too.
`;

const caveats = `Linux needs glibc 2.28 or newer (Debian 10, Ubuntu 20.04, RHEL 8); not musl
(Alpine).
macOS: an archive that a browser downloaded is quarantined, one by krew is not:
  xattr -d com.apple.quarantine kubectl-istio_ingress
Completion of "kubectl istio-ingress" in your shell:
  kubectl istio-ingress completion install
Try it without a cluster:
  kubectl istio-ingress demo
`;

/** `sha256` gives the checksum of a platform's archive. */
export function krewManifest(version: string, sha256: (platform: Platform) => string): string {
  const manifest = {
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: pluginName },
    spec: {
      version,
      homepage,
      shortDescription: 'Ask every pod of an Istio ingress gateway',
      description,
      caveats,
      platforms: targets.map(({ os, arch }) => ({
        selector: { matchLabels: { os, arch } },
        uri: `${homepage}/releases/download/${version}/${archiveName(version, { os, arch })}`,
        sha256: sha256({ os, arch }),
        bin: binaryNameOf({ os, arch }),
      })),
    },
  };
  return stringify(manifest, { lineWidth: 0 });
}

/** The same for krew-release-bot, which fills in version and checksums of a release by itself. */
export function krewTemplate(): string {
  const tag = '{{ .TagName }}';
  const placeholder = (text: string): string =>
    text.replace(
      /^( *)uri: (\S.*)\n *sha256: .*$/gm,
      (_, indent, uri) => `${indent}{{addURIAndSha "${uri}" .TagName }}`,
    );
  return placeholder(krewManifest('vTAG', () => 'SHA')).replaceAll('vTAG', tag);
}
