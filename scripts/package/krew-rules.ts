// The rules of krew's index, as its validate-krew-manifest checks them (krew, internal/index/validation and
// cmd/validate-krew-manifest), and what its installation of an archive needs. Gives all that is wrong, not the first.

import { createReadStream, existsSync } from 'node:fs';
import { list, type ReadEntry } from 'tar';
import { parse } from 'yaml';
import { sha256Of } from './archive.ts';

export interface KrewPlatform {
  readonly selector?: {
    readonly matchLabels?: Readonly<Record<string, string>>;
    readonly matchExpressions?: readonly Expression[];
  };
  readonly uri?: string;
  readonly sha256?: string;
  readonly bin?: string;
  readonly files?: readonly { readonly from?: string; readonly to?: string }[];
}

interface Expression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

interface Manifest {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
  readonly spec?: {
    readonly version?: string;
    readonly homepage?: string;
    readonly shortDescription?: string;
    readonly description?: string;
    readonly caveats?: string;
    readonly platforms?: readonly KrewPlatform[];
  };
}

type Rule = readonly [holds: boolean, otherwise: string];

const broken = (rules: readonly Rule[]): string[] =>
  rules.filter(([holds]) => !holds).map(([, otherwise]) => otherwise);

/** `name` is the file's name in the index, without `.yaml`. */
export function manifestProblems(text: string, name: string): string[] {
  const { apiVersion, kind, metadata, spec = {} } = parse(text) as Manifest;
  const { platforms = [], version = '', shortDescription = '' } = spec;
  return [
    ...broken([
      [apiVersion === 'krew.googlecontainertools.github.com/v1alpha2', `apiVersion is ${apiVersion}`],
      [kind === 'Plugin', `kind is ${kind}`],
      [isSafeName(name), `${name} is no name for a plugin`],
      [metadata?.name === name, `the plugin is called ${metadata?.name}, its file ${name}`],
      [semanticVersion.test(version), `version ${version} is not vMAJOR.MINOR.PATCH`],
      [/^https:\/\//.test(spec.homepage ?? ''), 'there is no homepage'],
      [shortDescription !== '', 'there is no short description'],
      [!/[\r\n]/.test(shortDescription), 'the short description has several lines'],
      // The validator warns from 70 on; the list of plugins has room for 50.
      [shortDescription.length < 50, 'the short description has 50 characters or more'],
      [hasShortLines(spec.description), 'a line of the description is longer than 80 characters'],
      [hasShortLines(spec.caveats), 'a line of the caveats is longer than 80 characters'],
      [platforms.length > 0, 'there are no platforms'],
    ]),
    ...platforms.flatMap((platform, index) =>
      platformProblems(platform).map((problem) => `platform ${index}: ${problem}`),
    ),
    ...overlaps(platforms),
  ];
}

const semanticVersion =
  /^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z.-]+)?$/;

/** Windows reserves the names of its devices. */
const isSafeName = (name: string): boolean =>
  /^[\w-]+$/.test(name) && !/^(con|prn|aux|nul|com[1-9]|lpt[1-9])$/i.test(name);

/** A line of one word may be longer. */
const hasShortLines = (text = ''): boolean =>
  text.split('\n').every((line) => line.length <= 80 || !line.trim().includes(' '));

function platformProblems({ uri = '', sha256 = '', bin = '', files, selector }: KrewPlatform): string[] {
  const { matchLabels, matchExpressions } = selector ?? {};
  const keys = [...Object.keys(matchLabels ?? {}), ...(matchExpressions ?? []).map(({ key }) => key)];
  return broken([
    [/^https:\/\/\S+(\.tar\.gz|\.zip)$/.test(uri), `uri "${uri}" is no .tar.gz or .zip on https`],
    [/^[a-f0-9]{64}$/.test(sha256), `sha256 "${sha256}" is not 64 lower-case hexadecimal digits`],
    [bin !== '', 'there is no bin'],
    [!bin.split('/').includes('..') && !bin.startsWith('/'), `bin ${bin} leaves the archive`],
    [files === undefined || files.length > 0, 'files is given and empty'],
    [(files ?? []).every(({ from, to }) => Boolean(from && to)), 'files has an entry without from or to'],
    [selector !== undefined && (matchLabels !== undefined || matchExpressions !== undefined), 'there is no selector'],
    [matchLabels === undefined || Object.keys(matchLabels).length > 0, 'matchLabels is given and empty'],
    [matchExpressions === undefined || matchExpressions.length > 0, 'matchExpressions is given and empty'],
    [
      keys.every((key) => key === 'os' || key === 'arch'),
      `the selector asks for other labels than os and arch: ${keys.join(', ')}`,
    ],
    [platformsOfKrew.some((one) => isSelected(selector, one)), 'the selector selects no platform'],
  ]);
}

const platformsOfKrew: readonly Readonly<Record<string, string>>[] = [
  ...['amd64', 'arm64', '386'].map((arch) => ({ os: 'windows', arch })),
  ...['amd64', 'arm64', 'arm', '386', 'ppc64le', 's390x'].map((arch) => ({ os: 'linux', arch })),
  ...['amd64', 'arm64'].map((arch) => ({ os: 'darwin', arch })),
];

function isSelected(selector: KrewPlatform['selector'], platform: Readonly<Record<string, string>>): boolean {
  const labels = Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => platform[key] === value);
  return (
    labels && (selector?.matchExpressions ?? []).every((expression) => accepts(expression, platform[expression.key]))
  );
}

function accepts({ operator, values = [] }: Expression, value: string | undefined): boolean {
  if (operator === 'In') return value !== undefined && values.includes(value);
  if (operator === 'NotIn') return value === undefined || !values.includes(value);
  return operator === 'Exists' ? value !== undefined : operator === 'DoesNotExist' && value === undefined;
}

function overlaps(platforms: readonly KrewPlatform[]): string[] {
  return platformsOfKrew
    .filter((one) => platforms.filter(({ selector }) => isSelected(selector, one)).length > 1)
    .map(({ os, arch }) => `several platforms select ${os}/${arch}`);
}

/**
 * Installs in the mind: the checksum, only files and directories, none outside; `bin` can be run, and a licence is
 * there.
 */
export async function archiveProblems({ sha256, bin, uri }: KrewPlatform, archive: string): Promise<string[]> {
  if (!existsSync(archive)) return [`there is no ${archive}`];
  const entries = await entriesOf(archive);
  const program = entries.find(({ path }) => path === bin);
  const elsewhere = entries.filter(({ path }) => path.startsWith('/') || path.split('/').includes('..'));
  const special = entries.filter(({ type }) => type !== 'File' && type !== 'Directory');
  return broken([
    [sha256Of(archive) === sha256, 'the checksum is of another archive'],
    [uri?.endsWith(`/${archive.split(/[\\/]/).at(-1)}`) === true, 'the uri names another archive'],
    [program !== undefined, `${bin} is not in it`],
    [program === undefined || ((program.mode ?? 0) & 0o111) === 0o111, `${bin} cannot be run`],
    [
      entries.some(({ path }) => /^(LICENSE|LICENSE\.txt|LICENSE\.md|COPYING)$/.test(path)),
      'there is no licence in it',
    ],
    [special.length === 0, `neither file nor directory: ${special.map(({ path }) => path).join(', ')}`],
    [elsewhere.length === 0, `outside of the archive: ${elsewhere.map(({ path }) => path).join(', ')}`],
  ]);
}

function entriesOf(archive: string): Promise<readonly ReadEntry[]> {
  const entries: ReadEntry[] = [];
  return new Promise((resolve, reject) => {
    const listing = list({ onReadEntry: (entry) => entries.push(entry) });
    listing.on('end', () => resolve(entries)).on('error', reject);
    createReadStream(archive)
      .on('error', reject)
      .pipe(listing as unknown as NodeJS.WritableStream);
  });
}
