// What rows of access-rows.ts cannot hold: bytes that are no UTF-8, and the words of errors. The rest is there, for the
// real kubectl too.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readKubeconfigFile } from '#cluster/access/kubeconfig-file.ts';

const read = (text: string | Buffer): unknown => readKubeconfigFile(Buffer.from(text as string), 'F');

const text = 'current-context: é\nusers: [{name: u}]\n';
const utf16 = Buffer.from(`\uFEFF${text}`, 'utf16le');

for (const [name, bytes] of [
  ['UTF-8', text],
  ['UTF-8 with a byte order mark', `\uFEFF${text}`],
  ['UTF-16 as PowerShell writes it', utf16],
  ['UTF-16 of the other order', Buffer.from(utf16).swap16()],
] as const) {
  test(name, () => {
    const { 'current-context': current } = readKubeconfigFile(Buffer.from(bytes as string), 'F');
    assert.is(current, 'é');
  });
}

test('nothing, and a comment', () => {
  for (const empty of ['', '# nothing\n', 'null', '{}']) assert.equal(read(empty), {});
});

for (const [bytes, message] of [
  ['users:\n- user: [\n  token: SECRET\n', /^cannot read the kubeconfig F:\d: [^\n]+$/],
  ['users:\n- user: {as: me, username: a}\n- user: SECRET\n', /F:3: users\[1\]\.user is not an object$/],
  [
    'users:\n- user:\n    as-groups: [a, SECRET]\n    token:\n      SECRET: 1\n',
    /F:4: users\[0\]\.user\.token is not a text$/,
  ],
  ['users:\n- user:\n    password: 7301\n', /F:3: users\[0\]\.user\.password is not a text: put it in quotes$/],
  ['contexts:\n- name: yes\n', /F:2: contexts\[0\]\.name is not a text: put it in quotes$/],
  ['clusters: {SECRET: 1}\n', /F:1: clusters is not a list$/],
  ['kind: Config\napiVersion: v2\n', /F:2: apiVersion is not v1$/],
  ['kind: Pod\n', /F:1: kind is not Config$/],
  ['- SECRET\n', /F:1: it is no kubeconfig$/],
  ['SECRET', /F:1: it is no kubeconfig$/],
  ['users:\n- user:\n    client-key-data: SECRET_SECRET\n', /F:3: users\[0\]\.user\.client-key-data is not base64$/],
  ['users:\n- user:\n    exec: SECRET\n', /F:3: users\[0\]\.user\.exec is not an object$/],
  ['%YAML 1.2\n---\nkind: Config\n', /F:\d: kubectl knows no directives but %YAML 1\.1 and %TAG$/],
  ...[
    ['*SECRET', 'Unresolved alias (the anchor must be set before the alias)'],
    ['|SECRET', 'Block scalar header includes extra characters'],
    ['>SECRET', 'Block scalar header includes extra characters'],
    ['!SECRET!', 'The tag has no suffix'],
    ['!SECRET!x', 'Could not resolve tag'],
    ['"\\uSECRET"', 'Invalid escape sequence'],
  ].map(
    ([password, why]) =>
      [`users:\n- user:\n    password: ${password}\n`, new RegExp(`F:\\d: ${why?.replace(/[()]/g, '\\$&')}$`)] as const,
  ),
  ['kind: Config\n~: x\n', /F:2: a key has to be a text$/],
  ['kind: Config\nx: .nan\n', /F:2: it is no number in JSON$/],
  [Buffer.from('kind: Config\n# caf\xe9\n', 'latin1'), /F:2: a byte here is no UTF-8: save the file as UTF-8$/],
  ['kind: Config\n# \u001b[1m\n', /F:2: a control character is not allowed here$/],
] as const) {
  test(`refused: ${String(message)}`, () => {
    assert.throws(
      () => read(bytes as string),
      (error: Error) => {
        assert.match(error.message, message);
        assert.not.match(error.message, /SECRET|7301/);
        return true;
      },
    );
  });
}

test('an alias that refers to itself over and over is refused', () => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefghij'.replace(/./g, (name) => {
    const before = String.fromCharCode(name.charCodeAt(0) - 1);
    return `${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]\n`;
  })}`;
  assert.throws(() => read(bomb), /F:1: .*alias/);
});

test.run();
