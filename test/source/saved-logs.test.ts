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

test('nobody else is', async () => {
  assert.is(await gapFor({ since, until: new Date('2026-11-23T12:00:03Z') }), undefined);
  assert.is(await gapFor({ since }, { ...saved, until: undefined } as never), undefined);
});

test.run();
