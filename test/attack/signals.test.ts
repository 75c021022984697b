// Signals at any moment: the process ends by them, and says nothing of a defect.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type DemoCluster, withDemo } from '../support/run-command.ts';
import { generated } from './attack.ts';
import { ownEnvironment, start } from './program.ts';

/** A snapshot that was interrupted is read as any other; of a file that was begun nothing stays. */
async function expectWholeOrNothing({ directory, kii }: DemoCluster, said: string): Promise<void> {
  const left = readdirSync(directory);
  const begun = left.filter((name) => name.endsWith('.part'));
  assert.equal(begun, [], said);
  if (!left.includes('saved.tgz')) return;
  assert.match(said, 'the snapshot has what was read until then');
  const { code, err } = await kii(['status', '--from', join(directory, 'saved.tgz')]);
  // Its pods may all have been read before.
  assert.ok([0, 3].includes(code), `${said}\n${code} ${err}`);
}

generated(
  'signals',
  [135],
  'a signal at any moment of a command',
  async (random) => {
    const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
    await withDemo({}, async (cluster) => {
      const saved = join(cluster.directory, 'saved');
      const words = random.pick([
        ['routes'],
        ['status'],
        ['logs', '-f'],
        ['config-dump', '--dir', saved],
        ['snapshot', `${saved}.tgz`],
        ['check'],
        ['wait', '--for', 'version=9'],
      ]);
      const { child, ended } = await start(words, { env: ownEnvironment(cluster) });
      await pause(random.number(1_000));
      const name = random.pick(signals);
      child.kill(name);
      const patience = setTimeout(() => child.kill('SIGKILL'), 20_000);
      const { code, signal, err } = await ended;
      clearTimeout(patience);
      const said = `${words.join(' ')} ${name}: ${code} ${signal} ${err}`;
      // Before this tool's own code Node ends by the signal itself; a command may have ended before it.
      assert.ok(code === 130 || signal === name || [0, 1, 3].includes(code ?? -1), said);
      assert.not.match(err, /defect|^\s+at /m);
      if (code === 130) await expectWholeOrNothing(cluster, said);
    });
  },
  0.2,
);

test.run();
