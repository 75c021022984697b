// Tab, as kubectl asks for it and as shells do: bash in a pseudo-terminal; zsh and fish where the machine has them.

import { spawn, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { environment, gateways, until } from './truth/cluster.ts';
import { installAsKrew } from './truth/krew.ts';

const { directory, bin, kubectl, run } = await installAsKrew();
test.after(() => rmSync(directory, { recursive: true }));
const pods = gateways().map(({ pod }) => pod);

test('completion install makes the link that kubectl looks for, where krew put the plugin', async () => {
  const { code, out } = await kubectl('istio-ingress', 'completion', 'install');
  assert.is(code, 0);
  assert.match(out, `${bin}/kubectl_complete-istio_ingress is made`);
  assert.is(lstatSync(join(bin, 'kubectl_complete-istio_ingress')).isSymbolicLink(), true);
  assert.is(readlinkSync(join(bin, 'kubectl_complete-istio_ingress')), 'kubectl-istio_ingress');
});

/** kubectl's own lines on stderr are for those who debug completion, and shells drop them. */
async function completed(...words: readonly string[]): Promise<string[]> {
  const { code, out, err } = await kubectl('__complete', ...words);
  assert.is(code, 0, err);
  assert.match(err, /^(\[Debug\] .*\n)*Completion ended with directive: .*\n$/);
  return out.trim().split('\n');
}

test('kubectl __complete: commands, flags, values, and names of the real cluster', async () => {
  assert.equal(await completed('istio-ingress', 'rout'), [
    'routes\tList the routes that every gateway pod serves, with their whole match and action',
    ':4',
  ]);
  assert.equal((await completed('istio-ingress', 'routes', '-o', 'js')).sort(), [':4', 'json', 'jsonpath=']);
  assert.equal(await completed('istio-ingress', 'routes', '-g', ''), ['ds/istio-ingressgateway', ':4']);
  const named = await completed('istio-ingress', 'routes', '--pod', '');
  assert.equal(
    named.slice(0, -1).map((line) => line.split('\t')[0]),
    [...pods].sort(),
  );
  assert.ok(
    (await completed('istio-ingress', 'explain', 'https://svc1.')).some((line) =>
      line.startsWith('https://svc1.discovery.wmnet/'),
    ),
  );
});

test('an API server that does not answer: nothing is offered, nothing is said', async () => {
  const words = ['istio-ingress', 'routes', '--server', 'https://10.200.255.253:1', '--pod', ''];
  assert.equal(await completed(...words), [':4']);
});

/** Types into a bash in a pseudo-terminal, and gives what it shows. */
async function typed(keys: readonly (readonly [keys: string, shows: string])[]): Promise<void> {
  const shell = spawn('script', ['-qfec', 'bash --norc --noprofile -i', '/dev/null'], {
    env: {
      ...environment,
      PATH: `${bin}:${environment['PATH']}`,
      XDG_CACHE_HOME: join(directory, 'cache'),
      PS1: 'ready> ',
      TERM: 'dumb',
    },
  });
  const seen = { text: '' };
  shell.stdout.setEncoding('utf8').on('data', (chunk: string) => (seen.text += chunk));
  try {
    for (const [press, shows] of keys) {
      const from = seen.text.length;
      shell.stdin.write(press);
      await until(
        `bash shows ${shows} after ${JSON.stringify(press)}; it shows ${JSON.stringify(seen.text.slice(-400))}`,
        () => seen.text.slice(from).includes(shows),
        15_000,
      );
    }
  } finally {
    shell.kill('SIGKILL');
  }
  assert.not.match(seen.text, /error|not found/);
}

test('bash completes the binary: a command, a flag, a URL with a colon in it', () =>
  typed([
    ['source <(kubectl-istio_ingress completion bash) && echo sour""ced\n', 'sourced'],
    ['kubectl-istio_ingress rout\t', 'routes '],
    ['--outp\t', '--output '],
    ['yam\t', 'yaml '],
    ['\u0015kubectl-istio_ingress explain https://svc1.\t', 'discovery.wmnet/'],
  ]));

test('a home that cannot be written to, and no home at all', async () => {
  const home = join(directory, 'home');
  mkdirSync(home);
  const words = ['__complete', 'routes', '--pod', ''];
  for (const more of [{ XDG_CACHE_HOME: '/proc/none' }, { XDG_CACHE_HOME: '', HOME: '' }]) {
    const { code, out, err } = await run('kubectl-istio_ingress', words, more).outcome;
    assert.equal([code, err], [0, '']);
    assert.match(out, String(pods[0]));
  }
});

const isThere = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

if (isThere('fish')) {
  test('fish completes the binary', async () => {
    const script =
      'kubectl-istio_ingress completion fish | source; complete -C "kubectl-istio_ingress rout"; complete -C "kubectl-istio_ingress routes --output=y"';
    const { out, err } = await run('fish', ['--no-config', '-c', script]).outcome;
    assert.is(err, '');
    assert.match(out, /^routes\tList .*\n--output=yaml\n$/);
  });
}

if (isThere('zsh')) {
  test("zsh takes the script, and its words are the binary's", async () => {
    const script =
      'compdef() { :; }; _describe() { print -l -- $candidates; }; compset() { false; }; source <(kubectl-istio_ingress completion zsh); words=(kubectl-istio_ingress rout) CURRENT=2; _kubectl-istio_ingress';
    const { out, err } = await run('zsh', ['-f', '-c', script]).outcome;
    assert.is(err, '');
    assert.match(out, /^routes:List the routes/);
  });
}

test.run();
