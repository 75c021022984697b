import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bundle } from '../../../scripts/bundle.ts';
import { billOfMaterials, readPackages, thirdPartyLicenses } from '../../../scripts/package/contents.ts';

const { packages: directories } = await bundle();
const packages = readPackages(directories);

test('what the bundle has code of is named, and what it leaves out is not', () => {
  const names = packages.map(({ name }) => name);
  for (const name of ['@kubernetes/client-node', 'ws', 'yaml', 'yargs', 're2js', 'yargs-parser']) assert.ok(names.includes(name), name);
  for (const name of ['undici', 'socks', 'esbuild', 'string-width']) assert.not(names.includes(name), name);
});

test('the licences have a text for Node and for each package', () => {
  const text = thirdPartyLicenses(packages, { version: '24.0.0', licenseText: "Node's" });
  assert.match(text, "Node.js 24.0.0\n================================================================================\n\nNode's\n");
  for (const { name, version, license, text: own } of packages) {
    assert.ok(own.length > 200, name);
    assert.ok(text.includes(`${name} ${version} (${license})\n`), name);
  }
});

test('a package that says nothing of its licence cannot be redistributed', () => {
  assert.throws(() => readPackages([join(import.meta.dirname, '../../..', 'node_modules/undici-types-that-do-not-exist')]));
  assert.throws(() => readPackages([join(import.meta.dirname, '../../..')].map((root) => join(root, 'test/fixtures/unlicensed'))), /names no licence/);
});

test('the bill of materials has each of them with its tarball, and nothing that changes from build to build', () => {
  const bill = billOfMaterials('v1.2.3', packages, '24.0.0') as { components: readonly { purl: string; hashes?: readonly { content: string }[] }[] };
  assert.is(bill.components.length, packages.length + 1);
  const client = bill.components.find(({ purl }) => purl.startsWith('pkg:npm/%40kubernetes/client-node@'));
  assert.match(client?.hashes?.[0]?.content ?? '', /^[0-9a-f]{128}$/);
  assert.not.match(JSON.stringify(bill), /timestamp|serialNumber/);
});

test.run();
