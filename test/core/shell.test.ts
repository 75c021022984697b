import { execFileSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { quoted, step } from '#core/shell.ts';

const hostile = [
  'x; touch pwned #',
  '$(id)',
  '`id`',
  "it's",
  "' ; id '",
  'a b',
  'a\nb',
  '"',
  '\\',
  '*',
  '~',
  '',
  'outbound|80||a',
  '!!',
  '#',
  '&&',
  '>x',
];

test('what is inserted is one word for a shell, whatever it is', () => {
  for (const shell of ['sh', 'bash']) {
    const words = execFileSync(shell, ['-c', `printf '%s\\0' ${hostile.map(quoted).join(' ')}`], {
      encoding: 'utf8',
    }).split('\0');
    assert.equal(words.slice(0, -1), hostile, shell);
  }
});

test('a command is built of words; plain ones stay as they are', () => {
  assert.is(
    step`kubectl -n ${'istio-system'} get secret ${'x; touch pwned #'}`,
    "kubectl -n istio-system get secret 'x; touch pwned #'",
  );
  assert.is(step`diff ${['--pod', 'a b']} -o wide`, "diff --pod 'a b' -o wide");
  assert.is(step`diff ${[]} -o wide`, 'diff -o wide');
  assert.is(step`diff ${[]}`, 'diff');
});

test.run();
