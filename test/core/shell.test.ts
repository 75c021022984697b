import { execFileSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { quoted, type Step, step, stepText } from '#core/shell.ts';

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

for (const [made, text] of [
  [
    step`kubectl -n ${'istio-system'} get secret ${'x; touch pwned #'}`,
    "kubectl -n istio-system get secret 'x; touch pwned #'",
  ],
  [step`kubectl get ${'%self'} ${'a%20b'}`, "kubectl get '%self' a%20b"],
  [step`diff ${{ pod: 'a b' }} -o wide`, "diff --pod 'a b' -o wide"],
  [step`diff ${{ pod: undefined, full: true, quiet: false, only: ['a', '-b'] }}`, 'diff --full --only a --only=-b'],
  [step`diff ${[]} -o wide`, 'diff -o wide'],
  [step`diff ${['a', '-b', 'c']} -o wide`, 'diff a c -o wide -- -b'],
  [step`describe pod/${'a b'}`, "describe 'pod/a b'"],
  [step`certs ${'-x'} --served`, 'certs --served -- -x'],
  [step`routes --host ${'-x'}`, 'routes --host=-x'],
  [step`logs ${'a b'} | grep 'c d'`, "logs 'a b' | grep 'c d'"],
] as const satisfies readonly (readonly [Step, string])[]) {
  test(`a command is built of words: ${text}`, () => assert.is(stepText(made), text));
}

test('advice stays as it is', () => assert.is(stepText('do not restart it; $x'), 'do not restart it; $x'));

/**
 * The words that PowerShell makes of arguments. A token that begins in quotes ends behind them; one that does not goes on
 * through quotes; of a comma come several words. Source: about_Quoting_Rules, about_Parsing (argument mode).
 */
function powerShellWords(line: string): string[] {
  const words: string[] = [];
  const single = "['\u2018-\u201b]";
  const string = `${single}(?:[^'\u2018-\u201b]|${single}{2})*${single}|"[^"$\`\u201c-\u201e]*"`;
  const token = new RegExp(`\\s+|(${string})|((?:[^\\s'"\u2018-\u201b,]|(?<=[^\\s,])(?:${string}))+)|,|(.)`, 'uy');
  for (let match = token.exec(line); match !== null && match[0] !== ''; match = token.exec(line)) {
    assert.is(match[3], undefined, `not understood: ${match[3]} of ${line}`);
    if (match[1] !== undefined) words.push(match[1].slice(1, -1));
    else if (match[2] !== undefined)
      words.push(match[2].replaceAll(new RegExp(string, 'gu'), (one) => one.slice(1, -1)));
  }
  return words;
}

test('PowerShell takes no part of a value for a flag, and a value in one pair of quotes for one word', () => {
  const values = [
    ...hostile,
    "x'--server=https://evil",
    'x,--server=y',
    "'--as=root",
    '\u2019--token=x',
    "a'b'-c",
    "it's",
  ];
  for (const value of values.filter((one) => one !== '' && !/["\\]/.test(one))) {
    const words = powerShellWords(`get ${quoted(value)}`);
    assert.equal(
      words.slice(1).filter((word) => word.startsWith('-')),
      [],
      `${value}: ${quoted(value)}`,
    );
    if (!/['\u2018-\u201b]/.test(value) || /^["'][^"']*(?:"[^"]*)?["']$/.test(quoted(value)))
      assert.equal(words, ['get', value], quoted(value));
  }
});

test.run();
