// Next steps are there to be pasted: each that the commands print of a fleet with hostile names goes into every shell
// that this machine has, where a `kubectl` of the test's own writes down what it was given.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runCommand, withDemo } from '../support/run-command.ts';

const place = mkdtempSync(join(tmpdir(), 'kii-pasted-'));
test.after(() => rmSync(place, { recursive: true }));

const known = ['sh', 'bash', 'dash', 'zsh', 'fish'];
const shells = known.filter((shell) => spawnSync(shell, ['-c', 'exit 0']).status === 0);

writeFileSync(join(place, 'kubectl'), '#!/bin/sh\nfor word; do printf "%s\\0" "$word"; done\n', { mode: 0o755 });

/** What kubectl is given where the line is pasted; whatever else the line does leaves a file. */
function argvOf(shell: string, line: string): readonly string[] {
  const cwd = mkdtempSync(join(place, 'cwd-'));
  const env = { PATH: `${place}${delimiter}${process.env['PATH']}`, HOME: cwd };
  const { stdout, stderr } = spawnSync(shell, ['-c', line], { cwd, env, encoding: 'utf8' });
  const made = readdirSync(cwd).filter((name) => !name.startsWith('.'));
  assert.equal([made, stderr], [[], ''], `${shell}: ${line}`);
  return stdout.split('\0').slice(0, -1);
}

const names = [
  'x; touch pwned #',
  '$(touch pwned)',
  '`touch pwned`',
  "' ; touch pwned ; '",
  "\\'; touch pwned; '",
  "\\\\'; touch pwned; '",
  '" ; touch pwned ; "',
  '\u2019; touch pwned; \u2018',
  '--server=https://evil.example',
  '=ls',
  '{a,b}',
  '~x',
  '> pwned',
  '(touch pwned)',
];

/** A saved directory in whose files the secret that is missing has another name. */
function directoryWith(saved: string, name: string, index: number): string {
  const directory = join(place, `d${index}`);
  cpSync(saved, directory, { recursive: true });
  const [from, to] = ['does-not-exist', name].map((text) => JSON.stringify(text).slice(1, -1)) as [string, string];
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const path = join(directory, entry);
    if (statSync(path).isFile())
      writeFileSync(
        path,
        readFileSync(path, 'utf8').replaceAll(from, () => to),
      );
  }
  return directory;
}

test('a hostile name is one word of each pasted next step, in every shell', async () => {
  const saved = join(place, 'saved');
  await withDemo({}, async ({ kii }) => assert.is((await kii(['config-dump', '--dir', saved])).code, 0));
  writeSync(2, `pasted into ${shells.join(', ')}; not here: ${known.filter((one) => !shells.includes(one))}\n`);
  for (const [index, name] of names.entries()) {
    const directory = directoryWith(saved, name, index);
    const outs = await Promise.all(
      ['status', 'check', 'certs'].map((one) => runCommand([one, '--from', directory], {})),
    );
    const steps = new Set(outs.flatMap(({ out }) => out.match(/(?<=^ {4})kubectl .*$/gm) ?? []));
    const hostile = [...steps].filter((line) => /pwned|evil|=ls|\{a|~/.test(line.replaceAll(directory, '')));
    assert.ok(hostile.length > 0, `${name}: ${[...steps].join('\n')}`);
    for (const line of hostile) {
      for (const shell of shells) {
        const argv = argvOf(shell, line.replace(/ \| .*/, ''));
        const found = argv.findIndex((word) => word.replace(/^--name=/, '').replace('kubernetes://', '') === name);
        assert.ok(found > 0, `${shell}: ${line}\n${JSON.stringify(argv)}`);
        const isBound = !name.startsWith('-') || argv[found] !== name || argv[found - 1] === '--';
        assert.ok(isBound, line);
      }
    }
  }
});

test.run();
