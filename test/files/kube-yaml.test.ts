// What sigs.k8s.io/yaml takes and refuses: kubectl label --local has seen each. Rows of test/support/access-rows.ts have
// the rest.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readYamlDocuments } from '#files/kube-yaml.ts';

for (const [text, value] of [
  ['e2', 'e2'],
  ['.', '.'],
  ['1e3', 1000],
  ['12e34567', '12e34567'],
  ['0xff', 255],
  ['0xffffffffffffffffff', '0xffffffffffffffffff'],
  ['0o17', 15],
  ['-0o17', -15],
  ['017', 15],
  ['1_000', 1000],
  ['12:30', '12:30'],
] as const) {
  test(`a: ${text}`, () => {
    const [document] = readYamlDocuments(Buffer.from(`a: ${text}\n`));
    assert.equal(document?.value, { a: value });
  });
}

for (const [text, line, message] of [
  ['a: 1\n---\n# b\n~: x\n', 4, 'a key has to be a text'],
  ['a: 1\n---\nb:\n- [c]: x\n', 4, 'a key has to be a text'],
  ['a: 1\n---\nb:\n  c: -.inf\n', 4, 'it is no number in JSON'],
  ['a: 1\n---\nb: &b\n  c: *b\n', 4, 'it refers to itself'],
  ['a: 1\n---\n# \u001b\nb: c\n', 3, 'a control character is not allowed here'],
  ['a: 1\n...\n%YAML 1.2\n---\nb: c\n', 4, 'kubectl knows no directives but %YAML 1.1 and %TAG'],
] as const) {
  test(`${message}: ${JSON.stringify(text)}`, () => {
    const [first, second] = readYamlDocuments(Buffer.from(text));
    assert.equal(first?.value, { a: 1 });
    assert.equal([second?.value, second?.mistake], [undefined, { line, message }]);
  });
}

test('bytes that are no UTF-8 are a mistake where they have to be', () => {
  const bytes = Buffer.from('a: 1\nb: caf\xe9\n', 'latin1');
  assert.equal(readYamlDocuments(bytes)[0]?.value, { a: 1, b: 'caf\uFFFD' });
  assert.is(readYamlDocuments(bytes, true)[0]?.mistake?.line, 2);
});

test('what is made to be slow takes time in proportion to its length', () => {
  for (const unit of ['---\n', '&a ', '!!map ', '- ', '# c\n']) {
    const before = process.cpuUsage();
    readYamlDocuments(Buffer.from(unit.repeat(60_000)));
    const { user } = process.cpuUsage(before);
    assert.ok(user < 1_600_000, `${unit}: ${user / 1000} ms`);
  }
});

test.run();
