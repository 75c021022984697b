// A fleet of two hundred pods: every command ends with all of them, over a bounded number of streams, in memory that
// does not grow with the fleet.

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bundle, bundleFile } from '../../scripts/bundle.ts';
import { withDemo } from '../support/run-command.ts';
import { commandLines } from './plan.ts';

/** `npm run test:long` asks everything. */
const asked = process.env['TEST_LONG'] === undefined ? ['status', 'routes', 'secrets'] : commandLines;

for (const words of asked) {
  test(`${words} asks all of two hundred pods, a few at a time`, () =>
    withDemo({ pods: 200 }, async ({ demo, kii }) => {
      const { code, out, err } = await kii(`${words} -o json --parallel 8`);
      // `diff` and `check` find the stale pod that the demo has.
      assert.ok(code === 0 || code === 1, err);
      const { complete, pods } = JSON.parse(out) as { complete: boolean; pods: readonly { status: string }[] };
      assert.equal([complete, pods.filter(({ status }) => status === 'ok').length], [true, 200]);
      // istiod is asked meanwhile.
      assert.ok(demo.mostStreams() <= 8 + 1, `${demo.mostStreams()} streams at the same time`);
    }));
}

if (process.env['TEST_LONG'] !== undefined)
  test('a snapshot of two hundred pods is small: what pods share is in it once', () =>
    withDemo({ pods: 200 }, async ({ kii, directory }) => {
      const file = join(directory, 'incident.tgz');
      const { code, out, err } = await kii(['snapshot', file]);
      assert.is(code, 0, err);
      assert.match(out, 'saved 200 pods');
      assert.ok(statSync(file).size < 2 * 1024 * 1024, `${statSync(file).size} bytes`);
    }));

/** The largest resident set of a process that runs `words` against its own demo of so many pods, in MiB. */
function memoryWith(pods: number, words: readonly string[]): number {
  const script = `require(${JSON.stringify(bundleFile)}).main().then(() => console.error(process.resourceUsage().maxRSS))`;
  const { status, stderr } = spawnSync(
    process.execPath,
    ['-e', script, 'main', 'demo', '--pods', String(pods), '--', ...words],
    { encoding: 'utf8' },
  );
  assert.is(status, 0, stderr);
  return Number(stderr.trim().split('\n').at(-1)) / 1024;
}

test('memory stays nearly flat from 50 to 200 pods', async () => {
  await bundle();
  for (const words of [['routes'], ['secrets']]) {
    const [fifty, twoHundred] = [memoryWith(50, words), memoryWith(200, words)];
    assert.ok(
      twoHundred < fifty * 1.6,
      `${words}: ${fifty.toFixed(0)} MiB with 50 pods, ${twoHundred.toFixed(0)} with 200`,
    );
  }
});

test.run();
