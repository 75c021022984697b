import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LogLine } from '#core/pod-logs.ts';
import type { Source } from '#core/source.ts';
import { saveLogs } from '#questions/snapshot/save-logs.ts';

const lineAt = (second: number): LogLine => ({
  time: `2026-11-23T12:00:0${second}.000000000Z`,
  pod: 'gateway-a',
  text: 'x'.repeat(50),
});

/** A source whose logs are these lines, two at a time. */
function sourceOf(lines: readonly LogLine[], closed: string[]): Source {
  const stream = {
    coverage: () => [],
    close: () => closed.push('closed'),
    async *[Symbol.asyncIterator]() {
      for (let at = 0; at < lines.length; at += 2) yield lines.slice(at, at + 2);
    },
  };
  return { logs: async () => stream } as unknown as Source;
}

async function saved(mostBytes: number) {
  const [files, closed]: [string[], string[]] = [[], []];
  const logs = await saveLogs(
    sourceOf([1, 2, 3, 4, 5, 6].map(lineAt), closed),
    'gateway',
    { since: new Date('2026-11-23T12:00:00Z'), maxBytes: 1000, mostBytes },
    { write: async (path, text) => void files.push(`${path} ${text.split('\n').length - 1}`) },
    {
      parser: { formats: [], parse: () => ({ kind: 'other' }) } as never,
      texts: { anywhere: (text: string) => text } as never,
      hosts: undefined,
    },
  );
  return { files, closed, until: logs.until, count: logs.files };
}

test('all lines are saved where there is room', async () => {
  const { files, closed, until, count } = await saved(10_000);
  assert.equal([files, closed, until, count], [['logs/gateway/0.log 6'], [], undefined, 1]);
});

test('what fills all the room and has nothing behind it is whole', async () => {
  const { closed, until } = await saved(500);
  assert.equal([closed, until], [[], undefined]);
});

test('where there is no room for more, it is known until when', async () => {
  const { files, closed, until } = await saved(200);
  assert.equal([files, closed, until], [['logs/gateway/0.log 4'], ['closed'], '2026-11-23T12:00:04.000000000Z']);
});

test.run();
