import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TimedLine } from '#cluster/stream/log-lines.ts';
import { LogSpool, type SpoolBudget } from '#source/log-spool.ts';

const budget = (memory: number, disk: number): SpoolBudget => ({ memory, disk, inMemory: 0, onDisk: 0 });
const line = (n: number, text = `line ${n} ünïcødé`): TimedLine => ({ time: `t${String(n).padStart(8, '0')}`, text });
const all = (spool: LogSpool): string[] => {
  const texts: string[] = [];
  for (let next = spool.shift(); next; next = spool.shift()) texts.push(next.text);
  return texts;
};

test('what memory does not hold comes back from the file, in order', () => {
  const shared = budget(1000, 1e6);
  const spool = new LogSpool(shared);
  const lines = Array.from({ length: 3000 }, (_, index) => line(index));
  for (const one of lines) spool.push([one], 0);
  assert.ok(spool.spilled);
  assert.ok(shared.inMemory <= 1000);
  assert.equal(
    all(spool),
    lines.map(({ text }) => text),
  );
  assert.equal([shared.inMemory, shared.onDisk, spool.dropped], [0, 0, 0]);
  spool.push([line(1, 'again')], 0);
  assert.equal(all(spool), ['again']);
  spool.close();
});

test('lines that come while the file is read stay behind it', () => {
  const spool = new LogSpool(budget(200, 1e6));
  spool.push([line(1)], 0);
  spool.push([line(2), line(3)], 0);
  assert.is(spool.shift()?.text, line(1).text);
  spool.push([line(4)], 0);
  assert.equal(
    all(spool),
    [2, 3, 4].map((n) => line(n).text),
  );
  spool.close();
});

test('what the file does not hold either is dropped and counted', () => {
  const spool = new LogSpool(budget(0, 100));
  spool.push([line(1)], 0);
  spool.push(
    Array.from({ length: 10 }, (_, index) => line(index)),
    0,
  );
  assert.is(spool.dropped, 10);
  assert.equal(all(spool), [line(1).text]);
  spool.close();
});

test('a spool that is closed gives back what it held', () => {
  const shared = budget(300, 1e6);
  const spool = new LogSpool(shared);
  for (let n = 0; n < 10; n++) spool.push([line(n)], 0);
  assert.ok(shared.inMemory > 0 && shared.onDisk > 0);
  spool.close();
  assert.equal([shared.inMemory, shared.onDisk], [0, 0]);
});

test.run();
