// Commands that are printed to be pasted, with names that somebody chose to run something of theirs, pasted into real
// shells; and names that Tab offers. test/completion/shells.test.ts presses Tab and Enter.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '#commands/all.gen.ts';
import { complete } from '#completion/complete.ts';
import { type Step, step, stepText } from '#core/shell.ts';
import type { Source } from '#core/source.ts';
import type { Random } from '../faults/random.ts';
import { withDemo } from '../support/run-command.ts';
import { attack, generated, notJudged } from './attack.ts';
import { shellText, terminalText } from './hostile-text.ts';

const place = mkdtempSync(join(tmpdir(), 'kii-paste-'));
test.after(() => rmSync(place, { recursive: true, force: true }));

/** A kubectl that writes down what it is given. */
writeFileSync(join(place, 'kubectl'), '#!/bin/sh\nprintf \'%s\\0\' "$@" >>"$ARGV"\nprintf \'\\n\\0\' >>"$ARGV"\n', {
  mode: 0o755,
});

const shells = ['sh', 'bash', 'zsh', 'fish'].filter((shell) => spawnSync(shell, ['-c', 'exit 0']).status === 0);

/** The words of each command, as kubectl gets them. Throws where anything else was run or written. */
function pasted(shell: string, lines: readonly string[]): string[][] {
  const cwd = mkdtempSync(join(place, 'cwd-'));
  const argv = join(place, 'argv');
  rmSync(argv, { force: true });
  const env = { PATH: `${place}${delimiter}${process.env['PATH']}`, HOME: cwd, ARGV: argv };
  const flags = { zsh: ['-f'], fish: ['--no-config'] }[shell] ?? [];
  const { stderr } = spawnSync(shell, [...flags, '-c', lines.join('\n')], { cwd, env, encoding: 'utf8' });
  // fish keeps its own files in the home directory.
  assert.equal(
    readdirSync(cwd).filter((name) => !name.startsWith('.')),
    [],
    `${shell}: ${lines.join(' / ')}`,
  );
  const text = existsSync(argv) ? readFileSync(argv, 'utf8') : '';
  assert.ok(text !== '', `${shell} ran nothing of ${lines[0]}: ${stderr}`);
  return text
    .split('\n\0')
    .slice(0, -1)
    .map((one) => one.split('\0').slice(0, -1));
}

/** All of them, or it is said which are not here. */
function sayMissing(): void {
  const missing = ['bash', 'zsh', 'fish'].filter((one) => !shells.includes(one));
  if (missing.length > 0) notJudged(`${missing.join(', ')}: not here`);
}

const isBindable = (text: string): boolean => !/[\0\n\r]/.test(text);

generated('shell', [30], 'a value anywhere in a command is one word of it', (random) => {
  sayMissing();
  const values = Array.from({ length: 40 }, () => shellText(random)).filter(isBindable);
  const steps = values.flatMap((value): Step[] => [
    step`kubectl -n ${value} get secret ${value}`,
    step`kubectl istio-ingress routes --host ${value}`,
    step`kubectl describe pod/${value} ${[value, 'b']} ${{ tail: value }}`,
  ]);
  const lines = steps.map(stepText);
  const bound = (flag: string, value: string): string[] =>
    value.startsWith('-') ? [`${flag}=${value}`] : [flag, value];
  const placed = (value: string): { readonly plain: string[]; readonly dashed: string[] } =>
    value.startsWith('-') ? { plain: [], dashed: ['--', value] } : { plain: [value], dashed: [] };
  const words = values.flatMap((value) => {
    const { plain, dashed } = placed(value);
    return [
      ['-n', value, 'get', 'secret', ...plain, ...dashed],
      ['istio-ingress', 'routes', ...bound('--host', value)],
      ['describe', `pod/${value}`, ...plain, 'b', ...bound('--tail', value), ...dashed],
    ];
  });
  for (const shell of shells) {
    const found = pasted(shell, lines);
    for (const [index, line] of lines.entries()) assert.equal(found[index], words[index], `${shell}: ${line}`);
  }
});

/** In place of a name that the demo has, in every file of a saved directory. */
function renamed(directory: string, from: string, to: string): void {
  const [before, after] = [from, to].map((text) => JSON.stringify(text).slice(1, -1)) as [string, string];
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const file = join(directory, name);
    if (name.endsWith('.json')) writeFileSync(file, readFileSync(file, 'utf8').replaceAll(before, after));
  }
}

/** Names that stand in next steps of the demo. */
const named = ['does-not-exist', 'expired-example', 'expired.discovery.wmnet', 'svc1.discovery.wmnet'];

generated('shell', [17, 20, 30], "next steps with a tenant's names, in real shells", async (random) => {
  const hostile = `${shellText(random).replaceAll('"', '')}z`;
  await withDemo({}, async ({ kii, directory }) => {
    const saved = join(directory, 'saved');
    await kii(['config-dump', '--dir', saved]);
    for (const name of named) renamed(saved, name, hostile);
    let found = 0;
    for (const words of ['status', 'check', 'certs', 'secrets', 'diff']) {
      const { out, err } = await kii([words, '--from', saved]);
      const lines = `${out}${err}`.split('\n').flatMap((line) => /^\s*(kubectl .*)$/.exec(line)?.[1] ?? []);
      found += lines.filter((line) => line.includes('z')).length;
      if (lines.length === 0) continue;
      for (const shell of shells) assert.is(pasted(shell, lines).length, lines.length, `${shell}: ${lines.join('\n')}`);
    }
    assert.ok(found > 0);
  });
});

const kubeconfig =
  '{current-context: a, contexts: [{name: a, context: {cluster: c}}], clusters: [{name: c, cluster: {server: "https://x"}}]}';

async function offered(words: string, names: readonly string[]): Promise<string[]> {
  const spec = {
    gateways: names,
    hosts: names,
    servers: names.map((name) => ({ hosts: [name], tls: { credentialName: name } })),
  };
  const list = async (): Promise<unknown> =>
    names.map((name) => ({ metadata: { namespace: name, name }, spec, status: {} }));
  const home = mkdtempSync(join(place, 'home-'));
  const file = join(home, 'config');
  writeFileSync(file, kubeconfig);
  const text = await complete(commands, words.split(' '), {
    env: { KUBECONFIG: file, HOME: home },
    now: Date.now(),
    limitMs: 20_000,
    openSource: async () => ({ list, close: async () => {} }) as unknown as Source,
    askLater: async () => {},
  });
  return text.split('\n').slice(0, -2);
}

const offeredName = (line: string): string | undefined => line.split('\t')[0];

generated('completion', [31, 32], 'what Tab offers of hostile names', async (random: Random) => {
  const names = Array.from({ length: 60 }, () => random.pick([shellText, terminalText])(random));
  for (const words of ['routes --host ', 'certs ', 'secrets --name ', 'routes -n ', 'explain https://']) {
    const lines = await offered(words, [...names, 'plain.example']);
    for (const line of lines) assert.match(line, /^(?:https:\/\/)?(?:\*\.)?[\w./:@=,-]+(?:\t[ -~]*)?$/, words);
  }
  assert.equal((await offered('routes --host ', [...names, 'plain.example'])).map(offeredName), ['plain.example']);
});

attack('completion', [31], 'the words of the table', async () => {
  const names = ['$(touch pwned4).example', '`touch pwned2`', 'x;touch pwned3', 'new\nline', 'ok.example'];
  assert.equal((await offered('routes --host ', names)).map(offeredName), ['ok.example']);
});

test.run();
