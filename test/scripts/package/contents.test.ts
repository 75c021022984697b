import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bundle } from '../../../scripts/bundle.ts';
import { billOfMaterials, readPackages, thirdPartyLicenses } from '../../../scripts/package/contents.ts';

const { packages: directories } = await bundle();
const packages = readPackages(directories);

test('what the bundle has code of is named, and what it leaves out is not', () => {
  const names = packages.map(({ name }) => name);
  for (const name of ['@kubernetes/client-node', 'ws', 'yaml', 'yargs', 're2js', 'yargs-parser'])
    assert.ok(names.includes(name), name);
  for (const name of ['undici', 'socks', 'esbuild', 'string-width']) assert.not(names.includes(name), name);
});

test('the licences have a text for Node and for each package', () => {
  const text = thirdPartyLicenses(packages, { version: '24.0.0', licenseText: "Node's" });
  assert.match(
    text,
    "Node.js 24.0.0\n================================================================================\n\nNode's\n",
  );
  for (const { name, version, license, text: own } of packages) {
    assert.ok(own.length > 200, name);
    assert.ok(text.includes(`${name} ${version} (${license})\n`), name);
  }
});

test('a package that says nothing of its licence cannot be redistributed', () => {
  assert.throws(() =>
    readPackages([join(import.meta.dirname, '../../..', 'node_modules/undici-types-that-do-not-exist')]),
  );
  assert.throws(
    () => readPackages([join(import.meta.dirname, '../../..')].map((root) => join(root, 'test/fixtures/unlicensed'))),
    /names no licence/,
  );
});

test('the bill of materials has each of them with its tarball, and nothing that changes from build to build', () => {
  const bill = billOfMaterials('v1.2.3', packages, '24.0.0') as {
    components: readonly { purl: string; hashes?: readonly { content: string }[] }[];
  };
  assert.is(bill.components.length, packages.length + 1);
  const client = bill.components.find(({ purl }) => purl.startsWith('pkg:npm/%40kubernetes/client-node@'));
  assert.match(client?.hashes?.[0]?.content ?? '', /^[0-9a-f]{128}$/);
  assert.not.match(JSON.stringify(bill), /timestamp|serialNumber/);
});

interface Component {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly 'bom-ref': string;
  readonly licenses?: readonly { readonly license?: { readonly id: string }; readonly expression?: string }[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

interface Bill {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly version: number;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/**
 * What the schema of CycloneDX 1.6 (bom-1.6.schema.json) says of the fields that are used, and what it cannot say: that
 * references lead somewhere.
 */
function billProblems({ bomFormat, specVersion, version, metadata, components, dependencies }: Bill): string[] {
  const all = [metadata.component, ...components];
  const refs = all.map((component) => component['bom-ref']);
  const named = dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]);
  return [
    ...(bomFormat === 'CycloneDX' && specVersion === '1.6' && Number.isInteger(version) && version >= 1
      ? []
      : ['its head is another']),
    ...all.flatMap(componentProblems),
    ...refs.filter((ref, index) => refs.indexOf(ref) !== index).map((ref) => `${ref} is there twice`),
    ...named.filter((ref) => !refs.includes(ref)).map((ref) => `${ref} leads nowhere`),
  ];
}

function componentProblems({ type, name, version, licenses = [], hashes = [] }: Component): string[] {
  const isAlone = licenses.length === 1 || licenses.every(({ expression }) => expression === undefined);
  return [
    ...(['application', 'library', 'platform'].includes(type) ? [] : [`${name}: type ${type}`]),
    ...(name.length > 0 && version.length > 0 ? [] : [`${name}: no name or version`]),
    ...(isAlone && licenses.every(({ license, expression }) => (license === undefined) !== (expression === undefined))
      ? []
      : [`${name}: licences`]),
    ...hashes
      .filter(({ alg, content }) => alg !== 'SHA-512' || !/^[a-f0-9]{128}$/.test(content))
      .map(() => `${name}: hash`),
  ];
}

test('the bill of materials keeps to the schema of CycloneDX 1.6', () => {
  const bill = billOfMaterials('v1.2.3', packages, '24.0.0') as Bill;
  assert.equal(billProblems(bill), []);
  const [first, ...others] = bill.components as [Component, ...Component[]];
  const broken = (change: Partial<Component>): string =>
    billProblems({ ...bill, components: [{ ...first, ...change }, ...others] }).join();
  assert.match(broken({ type: 'runtime' }), /type runtime/);
  assert.match(broken({ licenses: [{ license: { id: 'MIT' }, expression: 'MIT' }] }), /licences/);
  assert.match(broken({ hashes: [{ alg: 'SHA-512', content: 'ab' }] }), /hash/);
  assert.match(broken({ 'bom-ref': 'other' }), /leads nowhere/);
  assert.match(billProblems({ ...bill, components: [first, ...bill.components] }).join(), /is there twice/);
});

test.run();
