// The commands on a gateway of Istio 1.9.5 with Envoy 1.17, by a fixture that is made by hand: see its README.

import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { golden } from '../support/golden.ts';
import { runCommand, type Said } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

const directory = join(import.meta.dirname, '../fixtures/istio-1.9.5-by-hand');
const ask = (words: string): Promise<Said> =>
  runCommand([...words.split(' '), '--from', directory], { now: new Date('2026-11-23T12:00:00Z') });

for (const [name, words] of [
  ['routes', 'routes'],
  ['listeners', 'listeners'],
  ['clusters', 'clusters --whole-mesh -o wide'],
  ['endpoints', 'endpoints -o wide'],
] as const) {
  test(`${words}: all that there is`, async () => {
    const { code, out, err } = await ask(words);
    assert.equal([code, err], [0, '']);
    golden(`commands/istio-1.9.5/${name}.txt`, out);
  });
}

for (const kind of ['routes', 'listeners', 'clusters', 'endpoints', 'secrets', 'status']) {
  test(`${kind} -o json keeps to its schema`, async () => {
    const { code, out } = await ask(`${kind} -o json`);
    assert.is(code, 0);
    assert.equal(schemaErrors(JSON.parse(out)), []);
  });
}

test('status: versions, rejected updates, the secret that is missing, the raised level', async () => {
  const { out } = await ask('status');
  for (const expected of [
    /1\.9\.5 \(1\.17\.5-dev\)/,
    /LDS STALE/,
    /rejected listener 0\.0\.0\.0_9443/,
    /kubernetes:\/\/svc2-tls-certificate/,
    /router:debug/,
  ]) {
    assert.match(out, expected);
  }
});

test('explain: by the route configuration of port 80, which is called by its Service port', async () => {
  assert.match(
    (await ask('explain http://svc1.discovery.wmnet/')).out,
    /http\.80\)?\n +└ 301 redirect to https:\/\/svc1\.discovery\.wmnet\//,
  );
  assert.match((await ask('explain https://svc1.discovery.wmnet/one')).out, /✓ 1 +prefix \/one/);
});

test('-o envoy has listeners without a name as well', async () => {
  const listeners = JSON.parse((await ask('listeners -o envoy')).out) as readonly { readonly name?: string }[];
  assert.equal(
    listeners.map(({ name }) => name),
    ['0.0.0.0_8443', '0.0.0.0_8080', undefined, undefined],
  );
  assert.is(JSON.parse((await ask('listeners --port 15090 -o envoy')).out).length, 1);
});

test.run();
