// Credential plugins on Windows: which file is run, and how one that cmd.exe runs is called. What this machine cannot have
// is Windows; the platform's name is set before anything is loaded, and cmd.exe is a script that reads a line as cmd.exe does.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { onWindowsPath } from '#cluster/access/windows-path.ts';
import { rejection } from '../../support/rejection.ts';

const found = (command: string, env: Readonly<Record<string, string>>, ...files: readonly string[]) =>
  onWindowsPath(command, env, (path) => files.includes(path));

test('a plugin is looked for on the PATH, by the endings of PATHEXT in their order', () => {
  const env = { Path: 'C:\\one;"C:\\Program Files\\two";', PATHEXT: '.EXE;.CMD' };
  assert.is(found('aws', env, 'C:\\one\\aws.CMD', 'C:\\one\\aws.EXE'), 'C:\\one\\aws.EXE');
  assert.is(found('aws', env, 'C:\\Program Files\\two\\aws.CMD'), 'C:\\Program Files\\two\\aws.CMD');
  assert.is(found('aws.cmd', env, 'C:\\one\\aws.cmd', 'C:\\one\\aws.cmd.EXE'), 'C:\\one\\aws.cmd');
  assert.is(found('aws', { PATH: 'C:\\one' }, 'C:\\one\\aws.BAT'), 'C:\\one\\aws.BAT', 'without PATHEXT');
  assert.is(found('aws', env, 'C:\\one\\aws'), undefined, 'Windows runs nothing without an ending');
  assert.is(found('aws', {}), undefined);
});

test('what lies in the working directory is not run', () => {
  for (const PATH of ['', '.', ';', '.\\bin;..', 'bin'])
    assert.is(
      onWindowsPath('aws', { PATH }, () => true),
      undefined,
      PATH,
    );
});

test('what stands as a path is that file', () => {
  for (const path of ['C:\\tools\\aws.cmd', 'C:/tools/aws.exe', '..\\aws.cmd'])
    assert.is(found(path, { PATH: 'C:\\one' }), path);
});

const directory = mkdtempSync(join(tmpdir(), 'kii-plugin-'));
test.after(() => rmSync(directory, { recursive: true }));

/**
 * Its line stands in quotes, a caret takes the meaning of the next character, and the program splits by the quotes that
 * are left. Ends with 9 where a character has a meaning left: something else than the plugin would be run.
 */
const cmd = `#!${process.execPath}
const [line] = process.argv.slice(2).join(' ').match(/(?<=^\\/d \\/s \\/c ").*(?="$)/s) ?? process.exit(8);
if (/[&|<>()"%!\\n]/.test(line.replace(/\\^./gs, ''))) process.exit(9);
const split = line.replace(/\\^(.)/gs, '$1').match(/"(?:\\\\.|[^"\\\\])*"|\\S+/g);
const token = JSON.stringify(split);
process.stdout.write(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } }));
`;

async function runOnWindows(command: string, args: readonly string[]): Promise<readonly string[]> {
  const comspec = join(directory, 'cmd.exe');
  writeFileSync(comspec, cmd);
  chmodSync(comspec, 0o700);
  Object.defineProperty(process, 'platform', { value: 'win32' });
  process.env['comspec'] = comspec;
  const { runExecPlugin } = await import('#cluster/access/exec-plugin.ts');
  const spec = { apiVersion: 'client.authentication.k8s.io/v1', command, args, interactiveMode: 'Never' };
  const cluster = { name: 'c', server: 'https://127.0.0.1', skipTLSVerify: false };
  const { token } = await runExecPlugin(spec, cluster, { PATH: '' }, new AbortController().signal);
  return JSON.parse(token ?? '');
}

test('a plugin that is a .cmd file is run by cmd.exe, and its arguments stay arguments', async () => {
  const plugin = join(directory, 'plugin.cmd');
  writeFileSync(plugin, '@echo off\r\n');
  const args = ['eks', 'get-token', 'a b', '&calc', '%PATH%', 'a"&calc&"b', '|more', '^', 'c:\\x\\', ''];
  const escaped = (arg: string): string => `"${arg.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
  assert.equal(await runOnWindows(plugin, args), [plugin, ...args.map(escaped)]);
});

test('a plugin that is not on the PATH is said not to be there, whatever lies in the working directory', async () => {
  const here = process.cwd();
  process.chdir(directory);
  try {
    const error = await rejection(runOnWindows('plugin', []));
    assert.match(error.message, 'the plugin plugin of the kubeconfig: it is not installed, or not on the PATH');
  } finally {
    process.chdir(here);
  }
});

test.run();
