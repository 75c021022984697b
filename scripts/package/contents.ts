// What is inside a binary besides our code: Node, and the packages that the bundle has code of. As their licences want
// it (THIRD_PARTY_LICENSES), and as a machine reads it (a CycloneDX 1.6 bill of materials).

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

interface Package {
  readonly name: string;
  readonly version: string;
  /** SPDX. */
  readonly license: string;
  readonly text: string;
  /** Of its tarball, hexadecimal SHA-512. */
  readonly sha512: string | undefined;
}

/** Throws where a package says nothing of its licence. */
export function readPackages(directories: readonly string[]): readonly Package[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { integrity?: string }>;
  };
  return directories.map((directory) => {
    const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Package;
    if (typeof license !== 'string')
      throw new Error(`cannot redistribute ${name}@${version}: its package.json names no licence`);
    // From the first node_modules on: in a worktree that is a link to another's.
    const [place = ''] = /node_modules\/.+/.exec(directory.replaceAll('\\', '/')) ?? [];
    const integrity = lock.packages[place]?.integrity?.replace('sha512-', '');
    return {
      name,
      version,
      license,
      text: licenseText(directory),
      sha512: integrity && Buffer.from(integrity, 'base64').toString('hex'),
    };
  });
}

function licenseText(directory: string): string {
  const files = readdirSync(directory).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  if (files.length === 0) throw new Error(`cannot redistribute ${directory}: it has no licence file`);
  return files
    .sort()
    .map((file) => readFileSync(join(directory, file), 'utf8').trim())
    .join('\n\n');
}

export function thirdPartyLicenses(
  packages: readonly Package[],
  node: { readonly version: string; readonly licenseText: string },
): string {
  const parts = [
    { title: `Node.js ${node.version}`, text: node.licenseText.trim() },
    ...packages.map(({ name, version, license, text }) => ({ title: `${name} ${version} (${license})`, text })),
  ];
  const line = '='.repeat(80);
  return `kubectl-istio_ingress contains Node.js and the packages below.\n\n${parts.map(({ title, text }) => `${line}\n${title}\n${line}\n\n${text}\n`).join('\n')}`;
}

/** Without serial number and time: the same contents are the same document. */
export function billOfMaterials(version: string, packages: readonly Package[], nodeVersion: string): object {
  const self = `pkg:generic/kubectl-istio_ingress@${version}`;
  const components = [
    {
      type: 'platform',
      name: 'node',
      version: nodeVersion,
      'bom-ref': `pkg:generic/node@${nodeVersion}`,
      purl: `pkg:generic/node@${nodeVersion}`,
    },
    ...packages.map(componentOf),
  ];
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        name: 'kubectl-istio_ingress',
        version,
        'bom-ref': self,
        purl: self,
        licenses: [{ license: { id: 'Apache-2.0' } }],
      },
    },
    components,
    dependencies: [{ ref: self, dependsOn: components.map((component) => component['bom-ref']) }],
  };
}

function componentOf({ name, version, license, sha512 }: Package) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return {
    type: 'library',
    name,
    version,
    'bom-ref': purl,
    purl,
    licenses: [/[ (]/.test(license) ? { expression: license } : { license: { id: license } }],
    ...(sha512 === undefined ? {} : { hashes: [{ alg: 'SHA-512', content: sha512 }] }),
  };
}
