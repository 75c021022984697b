// Every way in which uvu alone is green without having tested, and every way to end early: each must be red here.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type FileResult, runFile } from '../../scripts/test/run-file.ts';

const dist = join(import.meta.dirname, '../../dist');
mkdirSync(dist, { recursive: true });
const directory = mkdtempSync(join(dist, 'runner-'));
test.after(() => rmSync(directory, { recursive: true }));

const head = "import { test } from 'uvu'; import * as assert from 'uvu/assert'; const good = () => assert.ok(true);\n";

async function resultOf(source: string, timeoutMs = 20_000): Promise<FileResult> {
  const file = join(directory, 'case.ts');
  writeFileSync(file, head + source);
  return runFile(file, timeoutMs);
}

interface Guard {
  readonly of: string;
  readonly source: string;
  readonly passed: number;
  /** `TITLE: TEXT` of each failure; the title is empty for the file as a whole. */
  readonly failures: readonly RegExp[];
  readonly timeoutMs?: number;
}

const run = 'test.run();';

const guards: readonly Guard[] = [
  { of: 'a test that passes', source: `test('a', good); ${run}`, passed: 1, failures: [] },
  {
    of: 'a test that fails',
    source: `test('a', () => assert.is(1, 2)); test('b', good); ${run}`,
    passed: 1,
    failures: [/^a: .*strictly equal.*case\.ts/s],
  },
  {
    of: 'a test that fails with what others take for the end of a line',
    source: `test('a', () => { throw new Error('x\\u2028y\\u0085z'); }); ${run}`,
    passed: 0,
    failures: [/^a: x\u2028y\u0085z/],
  },
  { of: 'a file that forgets run()', source: `test('a', good);`, passed: 0, failures: [/^a: did not run/] },
  { of: 'a file without tests', source: run, passed: 0, failures: [/^: has no tests/] },
  {
    of: 'a test after run()',
    source: `test('a', good); ${run} test('b', good);`,
    passed: 1,
    failures: [/^b: did not run/],
  },
  {
    of: 'a file that cannot be loaded',
    source: `import './missing.ts';`,
    passed: 0,
    failures: [/^: has no tests.*missing\.ts/s],
  },
  {
    of: 'only',
    source: `test('a', good); test.only('b', good); ${run}`,
    passed: 2,
    failures: [/^: test\.only was left in: b/],
  },
  {
    of: 'skip',
    source: `test('a', good); test.skip('b', good); ${run}`,
    passed: 1,
    failures: [/^: test\.skip was left in: b/],
  },
  {
    of: 'a named suite',
    source: `import { suite } from 'uvu'; suite('s');`,
    passed: 0,
    failures: [/^: has no tests.*suite/s],
  },
  {
    of: 'something thrown that is no Error',
    source: `test('a', () => { throw 'text'; }); test('b', good); ${run}`,
    passed: 1,
    failures: [/^a: 'text' was thrown/],
  },
  {
    of: 'a rejection with undefined',
    source: `test('a', () => Promise.reject()); test('b', good); ${run}`,
    passed: 1,
    failures: [/^a: undefined was thrown/],
  },
  {
    of: 'a failing before',
    source: `test.before(() => { throw new Error('x'); }); test('a', good); ${run}`,
    passed: 0,
    failures: [/^: test\.before: x/, /^a: did not run/],
  },
  {
    of: 'a failing before.each',
    source: `test.before.each(() => { throw new Error('x'); }); test('a', good); ${run}`,
    passed: 0,
    failures: [/^: test\.before\.each: x/, /^a: did not run/],
  },
  {
    of: 'a failing after.each',
    source: `test.after.each(() => { throw new Error('x'); }); test('a', good); ${run}`,
    passed: 1,
    failures: [/^: test\.after\.each: x/, /^: test\.after\.each: x/],
  },
  {
    of: 'a failing after',
    source: `test.after(() => { throw new Error('x'); }); test('a', good); ${run}`,
    passed: 1,
    failures: [/^: test\.after: x/],
  },
  {
    of: 'process.exit in a test',
    source: `test('a', () => process.exit(0)); test('b', good); ${run}`,
    passed: 0,
    failures: [/^a: did not end \(exit code 1/, /^b: did not run/],
  },
  {
    of: 'a promise that nobody settles',
    source: `test('a', () => new Promise(() => {})); ${run}`,
    passed: 0,
    failures: [/^a: did not end/],
  },
  {
    of: 'a test that hangs',
    source: `test('a', () => new Promise((done) => setTimeout(done, 60_000))); ${run}`,
    passed: 0,
    failures: [/^a: did not end \(no end after 2 s/],
    timeoutMs: 2_000,
  },
  {
    of: 'a test that never yields',
    source: `test('a', () => { for (;;); }); ${run}`,
    passed: 0,
    failures: [/^a: did not end \(no end after 2 s/],
    timeoutMs: 2_000,
  },
  {
    of: 'an open handle',
    source: `test('a', () => { good(); setInterval(() => {}, 1000); }); ${run}`,
    passed: 1,
    failures: [/^: does not end .*1 Timeout/],
    timeoutMs: 60_000,
  },
  {
    of: 'a rejection that nobody handles',
    source: `test('a', () => { good(); setTimeout(() => Promise.reject(new Error('late')), 50); }); ${run}`,
    passed: 1,
    failures: [/^: exit code 1.*late/s],
  },
  {
    of: 'a test that asserts nothing',
    source: `test('a', () => {}); ${run}`,
    passed: 0,
    failures: [/^a: this test asserts nothing/],
  },
  {
    of: 'a fixture that differs in indentation',
    source: `test('a', () => assert.fixture('  a', 'a')); ${run}`,
    passed: 0,
    failures: [/^a: .*indentation/],
  },
  {
    of: 'a snapshot that differs in line ends',
    source: `test('a', () => assert.snapshot('a\\r\\n', 'a\\n')); ${run}`,
    passed: 0,
    failures: [/^a: .*line ends/],
  },
  {
    of: 'throws on a promise',
    source: `test('a', () => assert.throws(async () => { throw new Error(); })); ${run}`,
    passed: 0,
    failures: [/^a: a promise does not throw/],
  },
  {
    of: 'not.throws on a promise',
    source: `test('a', () => assert.not.throws(async () => { throw new Error(); })); ${run}`,
    passed: 0,
    failures: [/^a: a promise does not throw/],
  },
  {
    of: 'a killed process',
    source: `test('a', () => process.kill(process.pid, 'SIGKILL')); ${run}`,
    passed: 0,
    failures: [/^a: did not end \(killed by SIGKILL/],
  },
];

for (const { of, source, passed, failures, timeoutMs } of guards) {
  test(of, async () => {
    const result = await resultOf(source, timeoutMs);
    const found = result.failures.map(({ title = '', text }) => `${title}: ${text}`);
    assert.is(found.length, failures.length, found.join('\n'));
    for (const expected of failures)
      assert.ok(
        found.some((failure) => expected.test(failure)),
        `${expected} is not in:\n${found.join('\n')}`,
      );
    assert.is(result.passed.length, passed);
  });
}

test('what a test leaves running ends with its file', async () => {
  const start = performance.now();
  const result = await resultOf(`
    import { spawn } from 'node:child_process';
    test('a', () => {
      good();
      spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: ['ignore', 'ignore', 'inherit'] }).unref();
    });
    ${run}`);
  assert.equal(result, { passed: ['a'], notJudged: [], failures: [] });
  // The process that is left holds the stderr that the runner reads to its end.
  assert.ok(performance.now() - start < 10_000);
});

test('a filter that no file has is a failure', () => {
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, '../../scripts/test.ts'), 'no/such/file'],
    { encoding: 'utf8' },
  );
  assert.match(stdout, /no test file has no\/such\/file in its path\n0 passed, 1 failed\n$/);
  assert.is(status, 1);
});

test.run();
