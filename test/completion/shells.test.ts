// What Tab puts on a command line, and what Enter then runs, in real shells on a pseudo-terminal: a hostile name is one
// word of the command. The program is one of the test's own that offers such names, which ours leaves out itself.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { completionScripts, type Shell } from '#completion/scripts.ts';
import { report } from '../../scripts/test/report.ts';

const place = mkdtempSync(join(tmpdir(), 'kii-shells-'));
test.after(() => rmSync(place, { recursive: true, force: true }));

const program = `#!/bin/sh
case $1 in
__complete) cat candidate; printf '\\n:4\\n' ;;
*) for word; do printf '%s\\0' "$word"; done >argv.new; mv argv.new argv ;;
esac
`;
writeFileSync(join(place, 'kubectl-istio_ingress'), program, { mode: 0o755 });
for (const shell of ['bash', 'zsh', 'fish'] as const)
  writeFileSync(join(place, `${shell}.script`), completionScripts[shell]);

const names = [
  'plain.example',
  '*.wild.example',
  '$(touch pwned).example',
  '`touch pwned`.example',
  'x;>pwned;#',
  'x; touch pwned #',
  "it's.example",
  "';touch pwned;'",
  '">pwned',
  'a&&b|c',
];

const interactive: Readonly<Record<Shell, string>> = {
  bash: 'bash --norc --noprofile -i',
  zsh: 'zsh -f -i',
  fish: 'fish --no-config -i',
};
const setUp: Readonly<Record<Shell, string>> = {
  bash: `source ${place}/bash.script; echo rea""dy`,
  zsh: `autoload -U compinit; compinit -u -D; source ${place}/zsh.script; echo rea""dy`,
  fish: `source ${place}/fish.script; echo rea""dy`,
};

async function until(what: () => string, holds: () => boolean): Promise<void> {
  for (let round = 0; round < 300; round++) {
    if (holds()) return;
    await sleep(50);
  }
  assert.unreachable(what());
}

/** The words that the program is given after Tab and Enter, for each name. */
async function entered(shell: Shell): Promise<readonly (readonly string[])[]> {
  const cwd = mkdtempSync(join(place, 'cwd-'));
  const env = { PATH: `${place}${delimiter}${process.env['PATH']}`, HOME: cwd, TERM: 'dumb', PS1: '> ' };
  const session = spawn('script', ['-qfec', interactive[shell], '/dev/null'], { cwd, env });
  let seen = '';
  session.stdout.setEncoding('utf8').on('data', (chunk: string) => (seen += chunk));
  const argv = join(cwd, 'argv');
  const all: string[][] = [];
  try {
    session.stdin.write(`${setUp[shell]}\n`);
    await until(
      () => `${shell} does not start: ${seen}`,
      () => /ready\r?\n/.test(seen),
    );
    for (const name of names) {
      writeFileSync(join(cwd, 'candidate'), name);
      session.stdin.write('kubectl-istio_ingress certs \t');
      await sleep(500);
      session.stdin.write('\n');
      await until(
        () => `${shell} does not run ${name}: ${JSON.stringify(seen.slice(-400))}`,
        () => existsSync(argv),
      );
      all.push(readFileSync(argv, 'utf8').split('\0').slice(0, -1));
      rmSync(argv);
    }
  } finally {
    session.kill('SIGKILL');
  }
  assert.not.ok(readdirSync(cwd).includes('pwned'), `${shell} ran a name`);
  return all;
}

const isThere = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;
const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true;

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  const title = `${shell}: a name that is completed and entered is one word`;
  test(title, async () => {
    if (!hasScript || !isThere(shell)) {
      const missing = hasScript ? shell : 'the script command of util-linux';
      report({ kind: 'not-judged', title, text: `${missing} is not here` });
      return;
    }
    assert.equal(
      await entered(shell),
      names.map((name) => ['certs', name]),
    );
  });
}

test.run();
