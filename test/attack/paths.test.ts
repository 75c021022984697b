// Names that an API server chose and directories that a stranger made: nothing is written or read outside of the
// directory, nothing is for others to read, and one odd name costs that one.

import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { damagedJson } from '../faults/damage.ts';
import type { Random } from '../faults/random.ts';
import { runCommand, withDemo } from '../support/run-command.ts';
import { attack, generated } from './attack.ts';
import { type Json, withLies } from './lying-server.ts';

const place = mkdtempSync(join(tmpdir(), 'kii-paths-'));
test.after(() => rmSync(place, { recursive: true, force: true }));

const pieces = [
  '..',
  '/',
  '../',
  '%2e%2e%2f',
  '\\',
  'a',
  'x-1',
  '.',
  '~',
  '\0',
  '\n',
  'é',
  '?',
  '#',
  ':',
  ' ',
  '__proto__',
];
const oddName = (random: Random): string =>
  `${Array.from({ length: 2 + random.number(5) }, () => random.pick(pieces)).join('')}${random.pick(['/', '..', ' '])}`;

const everythingIn = (directory: string): string[] => readdirSync(directory, { recursive: true, encoding: 'utf8' });

/** What changed outside of `directory`, in all that is above it and ours. */
const outside = (directory: string, own: string): string[] =>
  everythingIn(directory).filter((name) => !name.startsWith(own) && !/^(kubeconfig|state)/.test(name));

generated('paths', [53, 110], 'names of pods that are no names', async (random) => {
  const name = oddName(random);
  const first = 'istio-ingressgateway-66qlf';
  const lies = {
    change: ({ pathname }: URL, json: Json): void => {
      if (!pathname.endsWith('/pods')) return;
      for (const pod of json.items) if (pod.metadata.name === first) pod.metadata.name = name;
    },
    realName: (path: string): string => path.replace(encodeURIComponent(name), first),
  };
  await withLies(lies, async ({ kii, directory }) => {
    const saved = join(directory, 'a/b/saved');
    const { code, out, err } = await kii(['config-dump', '--dir', saved]);
    assert.is(code, 3, err);
    assert.match(err, /^error: cannot save the pod ".*": that is no DNS name, as names of pods are$/m);
    assert.match(out, /^saved 2 of 3 pods,/);
    assert.equal(outside(directory, 'a'), []);
    assert.is(readdirSync(join(saved, 'pods')).length, 2);
    const from = await runCommand(['routes', '--from', saved], {});
    assert.is(from.code, 3);
    assert.match(from.err, 'that is no DNS name');
  });
});

attack('paths', [51, 52], 'modes of what is saved, whatever the umask', async () => {
  const before = process.umask(0);
  try {
    await withDemo({}, async ({ kii, directory }) => {
      const saved = join(directory, 'saved');
      await kii(['config-dump', '--dir', saved]);
      for (const name of ['.', ...everythingIn(saved)]) assert.is(statSync(join(saved, name)).mode & 0o077, 0, name);
    });
  } finally {
    process.umask(before);
  }
});

/** A directory in which some names are links: to outside, to devices, round in circles. */
generated('paths', [108, 109, 111], 'links in a saved directory', async (random) => {
  await withDemo({}, async ({ kii, directory }) => {
    const saved = join(directory, 'saved');
    await kii(['config-dump', '--dir', saved]);
    writeFileSync(join(directory, 'outside'), '{"configs":[{"secret":"OUTSIDE"}]}');
    const files = everythingIn(saved).filter((name) => lstatSync(join(saved, name)).isFile() && name !== 'index.json');
    for (let count = 0; count < 4; count++) {
      const file = join(saved, random.pick(files));
      rmSync(file, { force: true });
      symlinkSync(random.pick(['/dev/zero', '/etc/passwd', '../../../outside', file, '/dev/stdin', '../../..']), file);
    }
    for (const words of ['routes', 'status', 'certs', 'clusters --whole-mesh', 'check']) {
      const { out, err } = await kii([...words.split(' '), '--from', saved]);
      assert.not.match(out + err, /OUTSIDE|root:x|defect/);
    }
  });
});

generated(
  'types',
  [106],
  'an index.json with other types',
  async (random) => {
    await withDemo({}, async ({ kii, directory }) => {
      const saved = join(directory, 'saved');
      await kii(['config-dump', '--dir', saved]);
      const file = join(saved, 'index.json');
      const index = JSON.parse(readFileSync(file, 'utf8'));
      const damaged = fc.sample(damagedJson(index), { seed: random.number(1e9), numRuns: 25 });
      for (const json of damaged) {
        writeFileSync(file, JSON.stringify(json));
        for (const words of ['status', 'routes']) {
          const { code, err } = await kii([words, '--from', saved]);
          assert.ok([0, 1, 2, 3].includes(code), `${code}`);
          assert.not.match(err, /defect|undefined|Cannot read/, JSON.stringify(json).slice(0, 300));
        }
      }
    });
  },
  0.2,
);

/** Lists of the API server whose items are something else. */
generated('types', [89, 106], 'lists of the API server with other types', async (random) => {
  const seed = random.number(1e9);
  const change = (_: URL, json: Json): void => {
    if (!Array.isArray(json.items)) return;
    const [damaged] = fc.sample(damagedJson(json.items), { seed, numRuns: 1 });
    json.items = damaged;
  };
  await withLies({ change }, async ({ kii, directory }) => {
    for (const words of ['status', 'check', 'logs', `config-dump --dir ${directory}/saved`]) {
      const { err } = await kii(`${words} --request-timeout 10s`);
      assert.not.match(err, /defect|Cannot read|is not a function|not iterable/, words);
    }
  });
});

test.run();
