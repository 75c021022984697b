import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { limits } from '#core/limits.ts';
import { LogMerge, type MergedLog } from '#source/log-merge.ts';
import { LogSpool } from '#source/log-spool.ts';

interface World {
  now: number;
  readonly merge: LogMerge;
  log(pod: string, state?: MergedLog['state']): MergedLog;
  push(log: MergedLog, ...times: readonly number[]): void;
  taken(): string[];
}

function world(follow: 'follow' | 'history', order?: 'time' | 'arrival'): World {
  const made: World = {
    now: 0,
    merge: new LogMerge(follow, () => made.now, order),
    log: (pod, state = 'open') => {
      const log: MergedLog = {
        pod,
        spool: new LogSpool({ memory: 1e6, disk: 0, inMemory: 0, onDisk: 0 }),
        state,
        addedAt: made.now,
      };
      made.merge.touch(log);
      return log;
    },
    push: (log, ...times) => {
      log.spool.push(
        times.map((time) => ({ time: String(time).padStart(3, '0'), text: '' })),
        made.now,
      );
      made.merge.touch(log);
    },
    taken: () => made.merge.take().map(({ pod, time }) => `${pod}${Number(time)}`),
  };
  return made;
}

test('history waits for every pod, and is in order', () => {
  const w = world('history');
  const [a, b, c] = [w.log('a'), w.log('b'), w.log('c', 'opening')];
  w.push(a, 1, 4, 9);
  w.push(b, 2, 3, 10);
  assert.equal(w.taken(), []);
  w.push(c, 5);
  assert.equal(w.taken(), ['a1', 'b2', 'b3', 'a4', 'c5']);
  c.state = 'ended';
  w.merge.touch(c);
  assert.equal(w.taken(), ['a9']);
  for (const log of [a, b]) {
    log.state = 'ended';
    w.merge.touch(log);
  }
  assert.equal(w.taken(), ['b10']);
  assert.ok(w.merge.isEmpty);
});

test('in the order of arrival, a line waits for no pod, not for one whose log does not open', () => {
  const w = world('follow', 'arrival');
  const [a, b] = [w.log('a'), w.log('b')];
  w.log('c', 'opening');
  w.push(b, 3);
  assert.equal(w.taken(), ['b3']);
  w.push(a, 1, 2);
  assert.equal(w.taken(), ['a1', 'a2']);
});

test('while following, a silent pod is waited for as long as the window', () => {
  const w = world('follow');
  const [a, b] = [w.log('a'), w.log('b')];
  w.push(a, 5);
  assert.equal(w.taken(), []);
  w.now += limits.logWindowMs - 1;
  w.push(b, 4);
  assert.equal(w.taken(), ['b4']);
  w.now += 1;
  assert.equal(w.taken(), ['a5']);
});

test('a pod whose log does not open holds the others up for a while only', () => {
  const w = world('follow');
  const a = w.log('a');
  w.log('b', 'opening');
  w.push(a, 1);
  w.now += limits.logOpenMs - 1;
  assert.equal(w.taken(), []);
  w.now += 1;
  assert.equal(w.taken(), ['a1']);
});

test('lines of the same time are in the order of the pods', () => {
  const w = world('history');
  const logs = ['c', 'a', 'b'].map((pod) => w.log(pod));
  for (const log of logs) {
    w.push(log, 1, 2);
    log.state = 'ended';
    w.merge.touch(log);
  }
  assert.equal(w.taken(), ['a1', 'b1', 'c1', 'a2', 'b2', 'c2']);
});

test('many pods with many lines come out sorted', () => {
  const w = world('history');
  const logs = Array.from({ length: 37 }, (_, index) => w.log(`p${index}-`));
  for (const [index, log] of logs.entries())
    w.push(log, ...Array.from({ length: 20 }, (_, n) => n * 40 + ((index * 7) % 40)));
  for (const log of logs) {
    log.state = 'ended';
    w.merge.touch(log);
  }
  const times = w.taken().map((line) => Number(line.split('-')[1]));
  assert.is(times.length, 740);
  assert.equal(
    times,
    [...times].sort((a, b) => a - b),
  );
});

test.run();
