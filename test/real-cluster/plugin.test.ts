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

test('a reader that closes the pipe early has what it wanted', async () => {
  const { code, out, err } = await run('bash', [
    '-o',
    'pipefail',
    '-c',
    'kubectl istio-ingress routes -o json | head -n 1',
  ]).outcome;
  assert.equal([code, out, err], [0, '{\n', '']);
});

const colour = '\u001b[3';

/** In a pseudo-terminal. */
async function onTerminal(command: string, more: Readonly<Record<string, string>>): Promise<string> {
  const { code, out, err } = await run('script', ['-qec', command, '/dev/null'], { NO_COLOR: '', ...more }).outcome;
  assert.is(code, 0, err);
  return out;
}

test('colours are for terminals: not for TERM=dumb, $NO_COLOR, --no-color and pipes', async () => {
  const command = 'kubectl istio-ingress demo -- status';
  assert.ok((await onTerminal(command, { TERM: 'xterm' })).includes(colour));
  assert.not.ok((await onTerminal(command, { TERM: 'dumb' })).includes(colour));
  assert.not.ok((await onTerminal(command, { TERM: 'xterm', NO_COLOR: '1' })).includes(colour));
  assert.not.ok((await onTerminal(`${command} --no-color`, { TERM: 'xterm' })).includes(colour));
  assert.not.ok((await onTerminal(`${command} | cat`, { TERM: 'xterm' })).includes(colour));
});

test('20 and 300 columns: the same words, broken differently', async () => {
  const words = async (columns: number): Promise<string> => {
    const text = await onTerminal(`stty cols ${columns}; kubectl istio-ingress help`, { TERM: 'dumb' });
    return text.replace(/\s+/g, ' ');
  };
  assert.is(await words(20), await words(300));
});

test('a KUBECONFIG with a path of Windows is said to be missing, by its name', async () => {
  const { code, err } = await run('kubectl-istio_ingress', ['routes'], { KUBECONFIG: '\\\\share\\me\\config' }).outcome;
  assert.is(code, 2);
  assert.match(err, 'cannot read the kubeconfig \\\\share\\me\\config of $KUBECONFIG: it does not exist');
});

test.run();
