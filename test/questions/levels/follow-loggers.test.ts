import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chosenLines } from '#questions/levels/follow-loggers.ts';

const line = (logger: string, message: string): string =>
  `2026-11-25T08:32:39.341224Z\tdebug\tenvoy ${logger} source/a.cc:1\t${message}`;

test('lines of the chosen loggers, with what goes on below them, for each pod by itself', () => {
  const isShown = chosenLines((logger) => logger === 'http');
  const lines = [
    ['a', "':status', '100'"],
    ['a', line('http', 'headers:')],
    ['b', line('pool', 'connections:')],
    ['a', "':status', '200'"],
    ['b', 'one'],
    ['a', '{"authority":"svc1"}'],
    ['a', 'thread=1'],
    ['b', line('http', 'new stream')],
  ] as const;
  assert.equal(
    lines.filter(([pod, text]) => isShown({ pod, text })).map(([, text]) => text.split('\t').at(-1)),
    ['headers:', "':status', '200'", 'new stream'],
  );
});

test.run();
