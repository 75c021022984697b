// A snapshot of the real cluster answers as the cluster does.

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drained, kii } from './truth/cluster.ts';

const commandLines = [
  ['status', '--full'],
  ['routes', '-o', 'json'],
  ['certs', '-o', 'json'],
  ['check', '-o', 'json'],
  ['explain', 'https://svc1.discovery.wmnet/two', '-o', 'json'],
  ['endpoints', '-o', 'json'],
  ['diff', '-o', 'json'],
];

/** Where the traffic of the real cluster comes from, and what stands for it in a snapshot. */
const clients = /client-[0-9a-f]{10}|10\.200\.255\.254/g;

/** What differs with the moment: ages, and the name of the file in next steps. */
const plain = (text: string, file: string): string =>
  text
    .replaceAll(` --from ${file}`, '')
    .replace(/"generatedAt": *"[^"]*"/g, '')
    .replace(/\d+(?:ms|[smhd])(?: ?\d+[smhd])*/g, 'AGE')
    .replace(/"(?:uptimeSeconds|daysLeft)": *\d+/g, 'NUMBER')
    .replace(clients, 'CLIENT')
    .replace(/ +/g, ' ');

test('status, routes, certs, check, explain, endpoints, diff and logs of it are those of the cluster', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'kii-snapshot-'));
  const file = join(directory, 'incident.tgz');
  try {
    await drained();
    const saved = await kii('snapshot', file);
    assert.ok(saved.code === 0 || saved.code === 3, saved.err);
    assert.match(saved.out, /saved 3 pods/);
    assert.ok(statSync(file).size < 5 * 1024 * 1024);
    for (const words of commandLines) {
      const [live, then] = [await kii(...words), await kii(...words, '--from', file)];
      assert.is(then.code, live.code, words.join(' '));
      assert.is(plain(then.out, file), plain(live.out, file), words.join(' '));
    }
    const until = new Date(Date.now() - 60_000).toISOString();
    const lines = ['logs', '--all', '--raw', '--since', '5m', '--until', until];
    const [live, then] = [await kii(...lines), await kii(...lines, '--from', file)];
    assert.is(lastLines(then.out), lastLines(live.out));
    assert.not.match(then.out, '10.200.255.254');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

/** --since reaches back from another moment. */
const lastLines = (text: string): string => text.replace(clients, 'CLIENT').split('\n').slice(-50).join('\n');

test.run();
