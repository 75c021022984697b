// What the bundle says is what the sources say: esbuild makes other imports of them than Node does, and what comes with an
// import that a command makes late is in no other test of the bundle.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bundle, bundleFile } from '../../scripts/bundle.ts';
import { runCommand } from '../support/run-command.ts';

await bundle();
const directory = mkdtempSync(join(tmpdir(), 'kii-answers-'));
test.after(() => rmSync(directory, { recursive: true }));
const run = promisify(execFile);
const env = { HOME: directory, PATH: process.env['PATH'] };

async function byBundle(words: readonly string[]): Promise<readonly [unknown, string, string]> {
  try {
    const { stdout, stderr } = await run(process.execPath, [bundleFile, ...words], { env, maxBuffer: 2 ** 26 });
    return [0, stdout, stderr];
  } catch (thrown) {
    const { code, stdout, stderr } = thrown as { code: number; stdout: string; stderr: string };
    return [code, stdout, stderr];
  }
}

const saved = join(directory, 'saved.tgz');
const lines: readonly string[] = [
  'status --full -o wide',
  'status -o json',
  'routes -o wide',
  'routes -o yaml',
  'routes -o jsonpath={.kind}',
  'listeners -o name',
  'clusters --whole-mesh',
  'endpoints --whole-mesh -o yaml',
  'secrets -o wide',
  'certs -o wide',
  'certs --text expired*',
  'check -o wide',
  'check --for svc1.discovery.wmnet',
  'diff',
  'explain https://svc1.discovery.wmnet/one --http3',
  'explain https://nope.example.com/ -o json',
  'logs --summary',
  'logs --status 5xx --raw',
  'config-dump --pod *66qlf',
  'doctor --help',
  'log-level --help',
  'completion zsh',
  `snapshot ${saved} --force`,
  `report ${join(directory, 'page.html')} --force`,
];

for (const line of lines)
  test(`the same by the bundle and by its sources: ${line.replace(directory, '')}`, async () => {
    const words = ['demo', '--', ...line.split(' ')];
    const [bundled, { code, out, err }] = [await byBundle(words), await runCommand(words, { env })];
    const same = (text: string): string => text.replaceAll(/kii-demo-\w+|127\.0\.0\.1:\d+/g, 'THE DEMO');
    assert.equal(
      bundled.map((one) => (typeof one === 'string' ? same(one) : one)),
      [code, same(out), same(err)],
    );
    assert.ok(out.length > 5 && code !== 2, `${code}: ${out}${err}`);
  });

for (const line of ['routes', 'check -o json', `report ${join(directory, 'page.html')} --force`])
  test(`the same of a snapshot: ${line.replace(directory, '')}`, async () => {
    const words = [...line.split(' '), '--from', saved];
    const [bundled, { code, out, err }] = [await byBundle(words), await runCommand(words, { env })];
    assert.equal(bundled, [code, out, err]);
    assert.ok(out.length > 5 && code !== 2, `${code}: ${out}${err}`);
  });

test.run();
