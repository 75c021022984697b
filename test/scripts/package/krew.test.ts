// The manifest for krew, made of .krew.yaml, by the rules of krew's index; and each rule is seen to fail.

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, stringify } from 'yaml';
import { binaryNameOf, targets } from '../../../scripts/binary/targets.ts';
import { archiveName, sha256Of, writeArchive } from '../../../scripts/package/archive.ts';
import { krewManifest, pluginName } from '../../../scripts/package/krew.ts';
import { archiveProblems, type KrewPlatform, manifestProblems } from '../../../scripts/package/krew-rules.ts';

const directory = mkdtempSync(join(tmpdir(), 'kii-krew-'));
test.after(() => rmSync(directory, { recursive: true }));

const version = 'v1.2.3';
const checksumOf = (archive: string): string => createHash('sha256').update(archive).digest('hex');
const rendered = krewManifest(version, checksumOf);

const { homepage } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
  homepage: string;
};

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: {
    version: string;
    homepage?: string;
    shortDescription?: string;
    description: string;
    caveats: string;
    platforms: KrewPlatform[];
  };
}

test('the manifest of a release keeps to the rules of the index, with version and home page', () => {
  assert.equal(manifestProblems(rendered, pluginName), []);
  const { spec } = parse(rendered) as Manifest;
  assert.is(spec.version, version);
  assert.is(spec.homepage, homepage);
});

test('it has every platform that is built, each with its archive, the checksum of that and its program', () => {
  const { platforms } = (parse(rendered) as Manifest).spec;
  assert.equal(
    platforms,
    targets.map(({ os, arch }) => {
      const archive = archiveName(version, { os, arch });
      return {
        selector: { matchLabels: { os, arch } },
        uri: `${homepage}/releases/download/${version}/${archive}`,
        sha256: checksumOf(archive),
        bin: binaryNameOf({ os, arch }),
      };
    }),
  );
});

test('nothing is left to fill in', () => assert.not.match(rendered, /[{}]|TagName/));

function problemsAfter(change: (manifest: Manifest, first: Record<string, unknown>) => void): string[] {
  const manifest = parse(rendered) as Manifest;
  change(manifest, manifest.spec.platforms[0] as unknown as Record<string, unknown>);
  return manifestProblems(stringify(manifest), manifest.metadata.name);
}

type Change = Parameters<typeof problemsAfter>[0];

const rules: readonly (readonly [string, Change, RegExp])[] = [
  ['another apiVersion', (m) => (m.apiVersion = 'v1'), /apiVersion is v1/],
  ['another kind', (m) => (m.kind = 'Pod'), /kind is Pod/],
  ['a name with a blank', (m) => (m.metadata.name = 'istio ingress'), /no name for a plugin/],
  ["a device's name", (m) => (m.metadata.name = 'Com1'), /no name for a plugin/],
  ['a version without v', (m) => (m.spec.version = '1.0.0'), /not vMAJOR\.MINOR\.PATCH/],
  ['a version of two numbers', (m) => (m.spec.version = 'v1.0'), /not vMAJOR\.MINOR\.PATCH/],
  ['no homepage', (m) => delete m.spec.homepage, /no homepage/],
  ['no short description', (m) => delete m.spec.shortDescription, /no short description/],
  ['a short description of two lines', (m) => (m.spec.shortDescription = 'a\nb'), /several lines/],
  ['a long short description', (m) => (m.spec.shortDescription = 'a'.repeat(50)), /50 characters or more/],
  ['a long line of description', (m) => (m.spec.description = 'word '.repeat(20)), /line of the description/],
  ['a long line of caveats', (m) => (m.spec.caveats = 'word '.repeat(20)), /line of the caveats/],
  ['no platforms', (m) => (m.spec.platforms = []), /no platforms/],
  [
    'an archive of another kind',
    (_, p) => (p['uri'] = 'https://example.org/a.tar.xz'),
    /platform 0: uri .* no \.tar\.gz/,
  ],
  ['an archive without TLS', (_, p) => (p['uri'] = 'http://example.org/a.tar.gz'), /on https/],
  ['an upper-case checksum', (_, p) => (p['sha256'] = 'A'.repeat(64)), /lower-case/],
  ['no bin', (_, p) => delete p['bin'], /there is no bin/],
  ['a bin outside', (_, p) => (p['bin'] = '../bin'), /leaves the archive/],
  ['empty files', (_, p) => (p['files'] = []), /files is given and empty/],
  ['files without to', (_, p) => (p['files'] = [{ from: '*' }]), /without from or to/],
  ['no selector', (_, p) => delete p['selector'], /there is no selector/],
  ['an empty selector', (_, p) => (p['selector'] = {}), /there is no selector/],
  ['empty labels', (_, p) => (p['selector'] = { matchLabels: {} }), /matchLabels is given and empty/],
  ['empty expressions', (_, p) => (p['selector'] = { matchExpressions: [] }), /matchExpressions is given and empty/],
  [
    'another label',
    (_, p) => (p['selector'] = { matchLabels: { libc: 'gnu' } }),
    /other labels than os and arch: libc/,
  ],
  ['a selector of nothing', (_, p) => (p['selector'] = { matchLabels: { os: 'plan9' } }), /selects no platform/],
  [
    'selectors that overlap',
    (_, p) => (p['selector'] = { matchExpressions: [{ key: 'os', operator: 'In', values: ['linux'] }] }),
    /several .* linux\/arm64/,
  ],
  [
    'NotIn, which overlaps',
    (_, p) => (p['selector'] = { matchExpressions: [{ key: 'os', operator: 'NotIn', values: ['linux'] }] }),
    /several .* darwin\/amd64/,
  ],
];

for (const [what, change, problem] of rules) {
  test(`${what} is refused`, () => assert.match(problemsAfter(change).join('\n'), problem));
}

test('a file of another name than the plugin is refused', () =>
  assert.match(manifestProblems(rendered, 'krew-manifest').join('\n'), /its file krew-manifest/));

interface Content {
  readonly mode?: 0o644 | 0o755;
  readonly license?: string;
  readonly bin?: string;
}

async function packed({ mode = 0o755, license = 'LICENSE', bin = 'tool' }: Content = {}): Promise<string> {
  const file = join(directory, 'content');
  writeFileSync(file, 'text');
  const archive = join(directory, 'tool.tar.gz');
  await writeArchive(archive, [
    { name: bin, file, mode },
    { name: license, file, mode: 0o644 },
  ]);
  return archive;
}

const platformOf = (archive: string): KrewPlatform => ({
  bin: 'tool',
  sha256: sha256Of(archive),
  uri: `https://example.org/tool.tar.gz`,
});

test('an archive with the program and a licence can be installed', async () => {
  const archive = await packed();
  assert.equal(await archiveProblems(platformOf(archive), archive), []);
});

test('two archives of the same files are the same bytes', async () => {
  const first = readFileSync(await packed());
  await new Promise((resolve) => setTimeout(resolve, 1100)); // times in archives are whole seconds
  assert.ok(first.equals(readFileSync(await packed())));
});

test('an archive that krew would not install is refused, with the reason', async () => {
  const problems = async (content: Content, change: Partial<KrewPlatform> = {}): Promise<string> => {
    const archive = await packed(content);
    return (await archiveProblems({ ...platformOf(archive), ...change }, archive)).join('\n');
  };
  assert.match(await problems({ mode: 0o644 }), 'tool cannot be run');
  assert.match(await problems({ license: 'README' }), 'there is no licence in it');
  assert.match(await problems({ bin: 'other' }), 'tool is not in it');
  assert.match(await problems({}, { sha256: 'a'.repeat(64) }), 'the checksum is of another archive');
  assert.match(await problems({}, { uri: 'https://example.org/v1.tar.gz' }), 'the uri names another archive');
  assert.match((await archiveProblems({}, join(directory, 'none.tar.gz'))).join(), 'there is no');
});

test('links in an archive are refused: krew does not unpack them', async () => {
  symlinkSync('content', join(directory, 'tool'));
  const archive = join(directory, 'tool.tar.gz');
  await create({ file: archive, cwd: directory, gzip: true }, ['tool', 'content']);
  assert.match((await archiveProblems(platformOf(archive), archive)).join('\n'), 'neither file nor directory: tool');
});

test.run();
