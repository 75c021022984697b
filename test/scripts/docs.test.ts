import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withOutput } from '../../scripts/docs.ts';

const print = async (args: string): Promise<string> => `printed by ${args}\n`;

test('what stands between the marks is replaced by what the command lines print, and the rest stays', async () => {
  const text = 'before\n<!-- demo: a --b; c -->\nold\n<!-- end -->\nbetween\n<!-- demo: d -->\n<!-- end -->\nafter\n';
  const written = await withOutput(text, print);
  assert.is(
    written,
    'before\n<!-- demo: a --b; c -->\n```console\n$ kubectl istio-ingress a --b\nprinted by a --b\n\n$ kubectl istio-ingress c\nprinted by c\n```\n<!-- end -->\nbetween\n<!-- demo: d -->\n```console\n$ kubectl istio-ingress d\nprinted by d\n```\n<!-- end -->\nafter\n',
  );
  assert.is(await withOutput(written, print), written);
});

test('a document without marks is as it was', async () => {
  assert.is(await withOutput('text\n<!-- end -->\n', print), 'text\n<!-- end -->\n');
});

test('a mark without an end, and a command line that is refused, are errors', async () => {
  for (const [text, run] of [
    ['<!-- demo: a -->\n', print],
    ['<!-- demo: a -->\n<!-- end -->\n', () => Promise.reject(new Error('refused'))],
  ] as const) {
    const failed = await withOutput(text, run).then(
      () => undefined,
      (error: Error) => error.message,
    );
    assert.match(String(failed), /no <!-- end -->|refused/);
  }
});

test.run();
