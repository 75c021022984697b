// The runbooks that begin with what users report: every command in them runs on the demo. Those with their output are run by
// `gen` and `check`; here are the others, with the words in capitals filled in.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '#commands/all.gen.ts';
import { ToolError } from '#core/error.ts';
import { withDemo } from '../support/run-command.ts';

const pages = ['403', 'connection-reset', 'only-in-browsers', 'client-timeouts', 'old-version'];
const names = new Set(commands.map(({ name }) => name));
const values: Readonly<Record<string, string>> = {
  URL: 'https://svc1.discovery.wmnet/two',
  HOST: 'svc1.discovery.wmnet',
  N: '2',
};

/** Code that stands in a sentence and is a command with arguments. */
function commandsIn(page: string): string[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs', `${page}.md`), 'utf8').replaceAll(
    /```.*?```/gs,
    '',
  );
  const spans = [...text.matchAll(/`(?:kubectl istio-ingress )?([a-z-]+ [^`]+)`/g)].map(([, words = '']) => words);
  return spans.filter((words) => names.has(words.split(' ')[0] ?? ''));
}

for (const page of pages) {
  test(`docs/${page}.md: its commands run`, () =>
    withDemo({}, async ({ kii }) => {
      const found = commandsIn(page);
      assert.ok(found.length > 0, 'no command was found in its sentences');
      for (const command of found) {
        const words = command.replaceAll(/\b[A-Z]+\b/g, (word) => values[word] ?? word);
        const end = new AbortController();
        const timer = setTimeout(() => end.abort(new ToolError('interrupted', 'it goes on until Ctrl-C')), 1_500);
        const { code, err } = await kii(words, { signal: end.signal });
        clearTimeout(timer);
        assert.is.not(code, 2, `${command}: ${err}`);
      }
    }));
}

test('each begins with what is seen, and says what to look at, to do and not to do', () => {
  for (const page of pages) {
    const text = readFileSync(join(import.meta.dirname, '../../docs', `${page}.md`), 'utf8');
    assert.equal(
      [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title),
      ['Look', 'Do', 'Do not'],
      page,
    );
    assert.match(text, '<!-- demo: ', page);
  }
});

test.run();
