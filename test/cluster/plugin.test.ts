// The binary as krew installs it (archive, store, link), called by the real kubectl.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract } from 'tar';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { archiveName, sha256Of, writeArchive } from '../../scripts/package/archive.ts';
import { archiveProblems } from '../../scripts/package/krew-rules.ts';
import { environment, kii, type Outcome, start, until } from './truth/cluster.ts';

const root = join(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'kii-krew-'));
test.after(() => rmSync(directory, { recursive: true }));

/** krew unpacks into store/NAME/VERSION, and links the program into bin, which is on the PATH. */
async function install(): Promise<string> {
  const archive = join(directory, archiveName('v0.0.0', { os: 'linux', arch: 'amd64' }));
  await writeArchive(archive, [
    { name: 'kubectl-istio_ingress', file: join(root, 'dist/kubectl-istio_ingress'), mode: 0o755 },
    { name: 'LICENSE', file: join(root, 'LICENSE'), mode: 0o644 },
  ]);
  const platform = { sha256: sha256Of(archive), bin: 'kubectl-istio_ingress', uri: `https://example.org/${archive.split('/').at(-1)}` };
  assert.equal(await archiveProblems(platform, archive), []);
  const [store, bin] = [join(directory, 'store/istio-ingress/v0.0.0'), join(directory, 'bin')];
  for (const folder of [store, bin]) mkdirSync(folder, { recursive: true });
  await extract({ file: archive, cwd: store });
  symlinkSync(join(store, 'kubectl-istio_ingress'), join(bin, 'kubectl-istio_ingress'));
  return bin;
}

const bin = await install();
const PATH = `${bin}:${environment['PATH']}`;
const kubectl = (...args: readonly string[]): Promise<Outcome> => start(args, { PATH }, 'kubectl').outcome;

test('kubectl lists the plugin and finds nothing to complain about', async () => {
  const { code, out, err } = await kubectl('plugin', 'list');
  assert.is(code, 0, err);
  assert.match(out, `${bin}/kubectl-istio_ingress`);
});

for (const name of ['istio-ingress', 'istio_ingress']) {
  test(`kubectl ${name} answers what the binary answers`, async () => {
    const [through, direct] = [await kubectl(name, 'routes', '-o', 'name'), await kii('routes', '-o', 'name')];
    assert.equal(through, direct);
    assert.is(through.code, 0);
    assert.ok(through.out.split('\n').length > 10);
  });
}

test('kubectl passes exit codes on: nothing wrong, findings, wrong usage', async () => {
  const codes = await Promise.all([
    kubectl('istio-ingress', 'version', '--client'),
    kubectl('istio-ingress', 'demo', '--', 'diff'),
    kubectl('istio-ingress', 'rotues'),
  ]);
  assert.equal(
    codes.map(({ code }) => code),
    [0, 1, 2],
  );
});

test('a signal to kubectl reaches the plugin: it puts things back and ends with 130', async () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const running = start(['istio-ingress', 'demo', '--serve'], { PATH }, 'kubectl');
    const said = { out: '' };
    running.process.stdout?.on('data', (chunk: string) => (said.out += chunk));
    await until('the demo serves', () => said.out.includes('KUBECONFIG'));
    running.process.kill(signal);
    assert.is((await running.outcome).code, 130, signal);
  }
});

test.run();
