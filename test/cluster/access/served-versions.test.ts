// Which version of a kind is asked for, and what of it outlives the process.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { servedVersions, versionsOfTheDay } from '#cluster/access/served-versions.ts';
import { kinds } from '#core/kinds.ts';

const all = ['v1', 'v1beta1', 'v1alpha3'];

test('the newest version comes first, then what the process has found', () => {
  const versions = servedVersions();
  assert.equal(versions.toTry('gateways'), all);
  versions.remember('gateways', 'v1beta1');
  assert.equal(versions.toTry('gateways'), ['v1beta1', 'v1', 'v1alpha3']);
  assert.equal(versions.toTry('virtualservices'), all, 'of another kind nothing is known');
  assert.equal(versions.toTry('certificates'), kinds.certificates.versions);
});

test('nothing is stored, nor read for a kind of one version, where the newest is served', () => {
  const calls: string[] = [];
  const versions = servedVersions({
    read: (resource) => void calls.push(`read ${resource}`),
    write: (resource, version) => calls.push(`write ${resource} ${version}`),
  });
  for (const resource of ['pods', 'services', 'certificates'] as const) {
    versions.toTry(resource);
    versions.remember(resource, 'v1');
  }
  assert.equal(calls, []);
  versions.remember('gateways', 'v1');
  versions.toTry('gateways');
  assert.equal(calls, ['read gateways']);
});

test('an older version is stored once; a newer one in its place heals the store', () => {
  const stored = new Map<string, string>();
  const written: string[] = [];
  const store = {
    read: (resource: string) => stored.get(resource),
    write: (resource: string, version: string) => {
      written.push(version);
      stored.set(resource, version);
    },
  };
  servedVersions(store).remember('gateways', 'v1beta1');
  const later = servedVersions(store);
  assert.equal(later.toTry('gateways'), ['v1beta1', 'v1', 'v1alpha3']);
  later.remember('gateways', 'v1beta1');
  assert.equal(written, ['v1beta1']);
  later.remember('gateways', 'v1');
  assert.equal(written, ['v1beta1', 'v1']);
  assert.equal(servedVersions(store).toTry('gateways'), all);
});

test('a stored version that no row of the table has is not asked for', () => {
  for (const version of ['v2', '../../../secrets'])
    assert.equal(servedVersions({ read: () => version, write: () => {} }).toTry('gateways'), all);
});

function withCache(use: (env: { readonly XDG_CACHE_HOME: string }, directory: string) => void): void {
  const home = mkdtempSync(join(tmpdir(), 'kii-test-'));
  try {
    use({ XDG_CACHE_HOME: home }, join(home, 'kubectl-istio_ingress'));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const who = ['https://api.example:6443/', 'jane', '{}'];

test("a file for the user's eyes alone, without the server's name or the user's", () =>
  withCache((env, directory) => {
    versionsOfTheDay(env, who).write('gateways', 'v1beta1');
    const [name = '', ...others] = readdirSync(directory);
    assert.equal(others, []);
    assert.is(statSync(directory).mode & 0o777, 0o700);
    assert.is(statSync(join(directory, name)).mode & 0o777, 0o600);
    assert.not.match(name + readFileSync(join(directory, name), 'utf8'), /example|jane/);
  }));

test('another kind, server or user has a file of its own', () =>
  withCache((env) => {
    versionsOfTheDay(env, who).write('gateways', 'v1beta1');
    assert.is(versionsOfTheDay(env, who).read('gateways'), 'v1beta1');
    assert.is(versionsOfTheDay(env, who).read('virtualservices'), undefined);
    assert.is(versionsOfTheDay(env, ['https://other.example/', 'jane', '{}']).read('gateways'), undefined);
    assert.is(versionsOfTheDay(env, [who[0], 'joe', '{}']).read('gateways'), undefined);
  }));

test('after a day the newest is tried again; a damaged file says nothing', () =>
  withCache((env, directory) => {
    const store = versionsOfTheDay(env, who);
    store.write('gateways', 'v1beta1');
    const file = join(directory, readdirSync(directory)[0] ?? '');
    const hoursAgo = (hours: number): string =>
      JSON.stringify({ at: Date.now() - hours * 3_600_000, value: 'v1beta1' });
    for (const [text, read] of [
      [hoursAgo(23), 'v1beta1'],
      [hoursAgo(25), undefined],
      [hoursAgo(-1), undefined],
      ['{', undefined],
    ] as const) {
      writeFileSync(file, text);
      assert.is(store.read('gateways'), read, text);
    }
  }));

test.run();
