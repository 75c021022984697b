// The binary as krew installs it, called by the real kubectl.

import { rmSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { kii, until } from './truth/cluster.ts';
import { installAsKrew } from './truth/krew.ts';

const { directory, bin, kubectl, run } = await installAsKrew();
test.after(() => rmSync(directory, { recursive: true }));

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

test('a signal to kubectl reaches the plugin, which ends with 130', async () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const running = run('kubectl', ['istio-ingress', 'demo', '--serve']);
    const said = { out: '' };
    running.process.stdout?.on('data', (chunk: string) => (said.out += chunk));
    await until('the demo serves', () => said.out.includes('KUBECONFIG'));
    running.process.kill(signal);
    assert.is((await running.outcome).code, 130, signal);
  }
});

test.run();
