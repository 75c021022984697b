// What `explain` says against an Envoy without istiod, whose whole configuration is drawn at random: what no object of
// Istio says, or an EnvoyFilter alone. KII_SEED, KII_ROUNDS and KII_REQUESTS repeat or widen a run; --long draws ten
// times as many. Asked over HTTP/1, HTTP/2 and HTTP/3, which has listeners of its own beside those of TCP.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startBackend } from './explain/backends.ts';
import type { Certificate } from './explain/exchange.ts';
import { judge } from './explain/own/judge.ts';
import { play } from './explain/own/play.ts';
import { clusters } from './explain/own/words.ts';
import { openssl } from './truth/cluster.ts';

const firstSeed = Number(process.env['KII_SEED'] ?? 100);
const rounds = Number(process.env['KII_ROUNDS'] ?? (process.env['TEST_LONG'] === undefined ? 4 : 40));
const requestsOfARound = Number(process.env['KII_REQUESTS'] ?? 1_000);
const version = process.env['KII_ENVOY_VERSION'] ?? '1.40.0';

const folder = mkdtempSync(join(tmpdir(), 'kii-own-'));

function makeCertificate(): Certificate {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=own'];
  openssl(['req', '-x509', ...curve, '-keyout', key, '-out', cert, '-addext', 'subjectAltName=DNS:*.test']);
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

const certificate = makeCertificate();
const plain = await Promise.all(clusters.map((name) => startBackend(name, undefined, '127.0.0.1')));
const raw = await startBackend('raw', certificate, '127.0.0.1');
const backends = { ports: Object.fromEntries(plain.map(({ name, port }) => [name, port])), raw: raw.port };

test.after(() => {
  for (const { close } of [...plain, raw]) close();
  rmSync(folder, { recursive: true });
});

const shown = 10;

for (const seed of Array.from({ length: rounds }, (_, round) => firstSeed + round)) {
  test(`an Envoy of its own does what explain says (KII_SEED=${seed})`, async () => {
    const setting = { folder: join(folder, String(seed)), version, backends, certificate };
    const wrong = judge(await play(seed, requestsOfARound, setting));
    const report = `KII_SEED=${seed} KII_ROUNDS=1: ${wrong.length} wrong\n${wrong.slice(0, shown).join('\n')}`;
    assert.is(wrong.length, 0, report);
  });
}

test.run();
