import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Pod } from '#core/fleet.ts';
import type { LogRequest } from '#core/pod-logs.ts';
import type { SavedFiles } from '#source/saved-files.ts';
import { openSavedLogs } from '#source/saved-logs.ts';

const pod = { name: 'gateway-a', namespace: 'istio-system' } as Pod;
const files = {
  origin: 'x.tgz',
  read: async () =>
    Buffer.from('2026-11-23T12:00:01.000000000Z gateway-a one\n2026-11-23T12:00:04.000000000Z gateway-a two\n'),
} as unknown as SavedFiles;
const saved = {
  since: '2026-11-23T12:00:00.000Z',
  until: '2026-11-23T12:00:04.000000000Z',
  files: 1,
  coverage: { 'gateway-a': { from: '2026-11-23T11:00:00.000000000Z', gap: undefined, lines: 2 } },
  failedPods: {},
};

async function gapFor(request: Partial<LogRequest>, logs = saved): Promise<string | undefined> {
  const stream = openSavedLogs(files, logs as never, [pod], { of: 'gateway', ...request } as LogRequest);
  for await (const _ of stream);
  const [outcome] = stream.coverage();
  return outcome && 'ok' in outcome ? outcome.ok.gap : 'failed';
}

const said = 'the snapshot has its log until 2026-11-23T12:00:04Z, and no room for the rest';
const since = new Date('2026-11-23T12:00:00Z');

test('whoever asks for lines that had no room is told', async () => {
  assert.equal([await gapFor({}), await gapFor({ since }), await gapFor({ tailLines: 1 })], [said, said, said]);
  assert.is(await gapFor({ since, until: new Date('2026-11-23T12:00:05Z') }), said);
});

const coverageOf = (gap: string, wholeUntil?: string): typeof saved => ({
  ...saved,
  until: undefined as never,
  coverage: {
    'gateway-a': {
      ...saved.coverage['gateway-a'],
      gap: gap as never,
      ...(wholeUntil === undefined ? {} : { wholeUntil }),
    },
  },
});

test("a pod's log that was cut off, or has lost lines, says so to whoever asks for later ones", async () => {
  const cut = coverageOf('only its first 256 MiB since then were read (--max-log)', '2026-11-23T12:00:04.000000000Z');
  for (const request of [{}, { since }, { tailLines: 1 }])
    assert.is(await gapFor(request, cut), 'only its first 256 MiB since then were read (--max-log)');
  assert.is(await gapFor({ since, until: new Date('2026-11-23T12:00:03Z') }, cut), undefined);
  assert.is(await gapFor({ since }, coverageOf('3 lines were dropped', '')), '3 lines were dropped');
  const begins = coverageOf('its current log file begins at 2026-11-23T11:00:00Z');
  assert.is(await gapFor({ since }, begins), undefined, 'what is missing is older');
  assert.is(
    await gapFor({ since: new Date('2026-11-23T10:00:00Z') }, begins),
    'its current log file begins at 2026-11-23T11:00:00Z',
  );
});

test('nobody else is', async () => {
  assert.is(await gapFor({ since, until: new Date('2026-11-23T12:00:03Z') }), undefined);
  assert.is(await gapFor({ since }, { ...saved, until: undefined } as never), undefined);
});

test.run();
