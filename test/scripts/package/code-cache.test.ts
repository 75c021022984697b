import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tables, writeCodeCache } from '../../../scripts/binary/code-cache.ts';
import { writeScript } from '../../../scripts/build.ts';
import { bundle } from '../../../scripts/bundle.ts';

const directory = mkdtempSync(join(tmpdir(), 'kii-cache-'));
test.after(() => rmSync(directory, { recursive: true }));
const { recordings } = await bundle();
for (const file of recordings) copyFileSync(file, join(directory, basename(file)));
const script = writeScript(join(directory, 'main.js'));

// Without sockets: what runs then does not depend on what else the machine does.
test('the code cache is the same bytes each time: a binary can be built again', () => {
  const caches = [1, 2].map(() => {
    assert.is(writeCodeCache([process.execPath], script, directory, 'help.cache'), true);
    return readFileSync(join(directory, 'help.cache'));
  });
  assert.ok(caches.every((cache) => cache.length > 100_000 && cache.equals(caches[0] as Buffer)));
});

test('the demo is run ahead too, and no part of the cache of help', () => {
  writeCodeCache([process.execPath], script, directory, 'main.cache');
  const [help, main] = ['help.cache', 'main.cache'].map((name) => readFileSync(join(directory, name)).length);
  assert.ok((main ?? 0) > (help ?? 0) + 1_000_000);
});

test('the commands that print tables have a cache without the rest, and the binary knows them', () => {
  writeCodeCache([process.execPath], script, directory, 'tables.cache');
  const [some, main] = ['tables.cache', 'main.cache'].map((name) => readFileSync(join(directory, name)).length);
  assert.ok((some ?? 0) < (main ?? 0) - 500_000);
  const boot = readFileSync(join(import.meta.dirname, '../../../scripts/binary/boot.cjs'), 'utf8');
  assert.ok(boot.includes(`[${tables.map((name) => `'${name}'`).join(', ')}]`), boot);
});

test('Tab is run ahead to its end, with the names of a kubeconfig, whatever kubeconfig there is', () => {
  const caches = ['/dev/null', '/nowhere'].map((kubeconfig) => {
    process.env['KUBECONFIG'] = kubeconfig;
    assert.is(writeCodeCache([process.execPath], script, directory, 'complete.cache'), true);
    return readFileSync(join(directory, 'complete.cache'));
  });
  assert.ok(caches.every((cache) => cache.length > 500_000 && cache.equals(caches[0] as Buffer)));
});

test('a cache that the Node of the binary would put aside is an error, not a slow binary', () => {
  const lying = join(directory, 'node');
  // Asked for the hash of its flags, it gives another one.
  writeFileSync(
    lying,
    `#!/bin/sh\ncase "$*" in *stdout.write*) echo 1 ;; *) exec "${process.execPath}" "$@" ;; esac\n`,
    { mode: 0o755 },
  );
  assert.throws(() => writeCodeCache([lying], script, directory, 'help.cache'), /V8 puts the cache aside/);
});

test.run();
