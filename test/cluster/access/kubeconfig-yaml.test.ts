// What rows of access-rows.ts cannot hold: bytes that are no UTF-8. The rest is there, for the real kubectl too.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readKubeconfigYaml } from '#cluster/access/kubeconfig-yaml.ts';

const text = 'a: é\nb: {c: 1}\n';
const utf16 = Buffer.from(`\uFEFF${text}`, 'utf16le');

for (const [name, bytes] of [
  ['UTF-8', Buffer.from(text)],
  ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${text}`)],
  ['UTF-16 as PowerShell writes it', utf16],
  ['UTF-16 of the other order', Buffer.from(utf16).swap16()],
] as const) {
  test(name, () => assert.equal(readKubeconfigYaml(bytes), { a: 'é', b: { c: 1 } }));
}

test('nothing, and a comment', () => {
  assert.is(readKubeconfigYaml(Buffer.alloc(0)), undefined);
  assert.is(readKubeconfigYaml(Buffer.from('# nothing\n')) ?? undefined, undefined);
});

test('a mistake is named by its place in the first line, which quotes nothing', () => {
  const wrong = Buffer.from('users:\n- user: [\n  token: SECRET\n');
  assert.throws(
    () => readKubeconfigYaml(wrong),
    (error: Error) => {
      assert.match(error.message, /line \d+, column \d+/);
      assert.not.match(error.message.split('\n')[0] ?? '', /SECRET/);
      return true;
    },
  );
});

test('an alias that refers to itself over and over is refused', () => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefghij'.replace(/./g, (name) => {
    const before = String.fromCharCode(name.charCodeAt(0) - 1);
    return `${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]\n`;
  })}`;
  assert.throws(() => readKubeconfigYaml(Buffer.from(bomb)), /alias/);
});

test.run();
