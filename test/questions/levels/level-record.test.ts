import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hintText } from '#core/error.ts';
import type { PreviousLevels } from '#model/log-level.ts';
import { earliestLevels, type LevelRecord, levelRecords } from '#questions/levels/level-record.ts';
import { rejection } from '../../support/rejection.ts';

const home = mkdtempSync(join(tmpdir(), 'kii-record-'));
test.after(() => rmSync(home, { recursive: true, force: true }));

let made = 0;
const freshState = (): string => join(home, `state${made++}`);
const folder = (state: string): string => join(state, 'kubectl-istio-ingress', 'log-levels');

const previous = (pod: string, level = 'warning'): PreviousLevels => ({
  namespace: 'istio-system',
  pod,
  all: false,
  levels: [{ logger: 'http', level }],
});
const record = (pods: readonly PreviousLevels[], changes: Partial<LevelRecord> = {}): LevelRecord => ({
  server: 'https://a:6443/',
  origin: 'context a',
  setAt: '2026-11-23T14:05:00.000Z',
  pods,
  ...changes,
});
const never = (line: string): never => {
  throw new Error(line);
};

test('a record is read as it was written, by another run, and nobody else may read it', async () => {
  const state = freshState();
  const { file } = await levelRecords({ XDG_STATE_HOME: state }).add(record([previous('a')]));
  assert.is(statSync(file).mode & 0o777, 0o600);
  assert.is(statSync(folder(state)).mode & 0o777, 0o700);
  const [read, ...others] = await levelRecords({ XDG_STATE_HOME: state }).list(never);
  assert.equal(read?.record.pods, [previous('a')]);
  assert.is(read?.record.server, 'https://a:6443/');
  assert.is(others.length, 0);
});

test('state is below the home directory where XDG_STATE_HOME is not set, or not absolute', async () => {
  for (const state of [undefined, 'relative']) {
    const { file } = await levelRecords({ XDG_STATE_HOME: state, HOME: home }).add(record([previous('a')]));
    assert.ok(file.startsWith(folder(join(home, '.local', 'state'))), file);
  }
});

test('pods that are done are left out, and the last of them removes the file', async () => {
  const state = freshState();
  const records = levelRecords({ XDG_STATE_HOME: state });
  const saved = await records.add(record([previous('a'), previous('b')]));
  await records.keep(saved, [previous('b')]);
  assert.equal((await records.list(never))[0]?.record.pods, [previous('b')]);
  await records.keep(saved, []);
  assert.is(records.has(saved), false);
  assert.equal(readdirSync(folder(state)), [], 'nothing is left lying about');
});

test('the oldest comes first, whatever order the directory has', async () => {
  const records = levelRecords({ XDG_STATE_HOME: freshState() });
  await records.add(record([previous('b')], { setAt: '2026-11-23T14:06:00.000Z' }));
  await records.add(record([previous('a')], { setAt: '2026-11-23T14:05:00.000Z' }));
  assert.equal(
    (await records.list(never)).map((saved) => saved.record.pods[0]?.pod),
    ['a', 'b'],
  );
});

test('a file that cannot be read, or is not ours, is named and passed over', async () => {
  const state = freshState();
  const records = levelRecords({ XDG_STATE_HOME: state });
  await records.add(record([previous('a')]));
  writeFileSync(join(folder(state), 'half.json'), '{"apiVersion":');
  writeFileSync(join(folder(state), 'newer.json'), '{"apiVersion":"istio-ingress/v9","kind":"RaisedLogLevels"}');
  const lines: string[] = [];
  assert.is((await records.list((line) => lines.push(line))).length, 1);
  assert.is(lines.length, 2);
  assert.match(lines[0] ?? '', /^cannot read .*half\.json: /);
  assert.match(lines[1] ?? '', 'another version');
});

test('there is nothing before the first record', async () => {
  assert.equal(await levelRecords({ XDG_STATE_HOME: freshState() }).list(never), []);
});

test('what cannot be written says where, and how to change that', async () => {
  const state = freshState();
  mkdirSync(state);
  writeFileSync(join(state, 'kubectl-istio-ingress'), 'a file in the way');
  const error = await rejection(levelRecords({ XDG_STATE_HOME: state }).add(record([])));
  assert.is(error.code, 'usage');
  assert.match(error.message, `cannot keep the log levels to put back in ${folder(state)}`);
  assert.match(hintText(error) ?? '', 'XDG_STATE_HOME');
});

test('of two runs that overlap, the first knows what a pod had; another cluster knows nothing', async () => {
  const records = levelRecords({ XDG_STATE_HOME: freshState() });
  await records.add(record([previous('a', 'warning')], { setAt: '2026-11-23T14:05:00.000Z' }));
  await records.add(record([previous('a', 'debug')], { setAt: '2026-11-23T14:06:00.000Z' }));
  const saved = await records.list(never);
  assert.is(earliestLevels(saved, 'https://a:6443/')('istio-system', 'a', 'http'), 'warning');
  assert.is(earliestLevels(saved, 'https://a:6443/')('istio-system', 'a', 'pool'), undefined);
  assert.is(earliestLevels(saved, 'https://b:6443/')('istio-system', 'a', 'http'), undefined);
});

test.run();
