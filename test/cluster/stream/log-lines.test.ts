import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { logTime, SeenLines, splitTime } from '#cluster/stream/log-lines.ts';

const at = (nanoseconds: number): string => `2026-11-23T12:08:09.${String(nanoseconds).padStart(9, '0')}Z`;

test("the kubelet's time is split off, brought to UTC and nine digits", () => {
  assert.equal(splitTime(`${at(1)} a b`), { time: at(1), text: 'a b' });
  assert.equal(splitTime('2026-11-23T13:08:09.5+01:00 x'), { time: at(500_000_000), text: 'x' });
  assert.equal(splitTime('2026-11-23T12:08:09Z '), { time: at(0), text: '' });
  assert.is(logTime(new Date('2026-11-23T12:08:09.5Z')), at(500_000_000));
});

test('what comes without a time is an error text with status 200', () => {
  assert.equal(splitTime('unable to retrieve container logs for containerd://4f'), {
    time: '',
    text: 'unable to retrieve container logs for containerd://4f',
  });
  assert.equal(splitTime('unable'), { time: '', text: 'unable' });
});

/** The times of the lines that are new. */
const fresh = (seen: SeenLines, times: readonly number[]): number[] => times.filter((time) => seen.isNew(at(time)));

test('after a resumption the lines of the second that is served again are repeats', () => {
  const seen = new SeenLines();
  assert.equal(fresh(seen, [1, 2, 3]), [1, 2, 3]);
  seen.resume();
  assert.equal(fresh(seen, [1, 2, 3, 4]), [4]);
  assert.is(seen.last, at(4));
});

test('lines with the same time are counted, not mixed up', () => {
  const seen = new SeenLines();
  assert.equal(fresh(seen, [1, 2, 2]), [1, 2, 2]);
  seen.resume();
  assert.equal(fresh(seen, [1, 2, 2, 2, 3]), [2, 3]);
  seen.resume();
  seen.resume();
  assert.equal(fresh(seen, [2, 2, 2, 3]), []);
});

test('a file that comes again in mid-stream is left out, up to the newest line', () => {
  const seen = new SeenLines();
  fresh(seen, [1, 2, 3, 3]);
  assert.equal(fresh(seen, [1, 2, 3, 3, 4]), [4]);
});

test('a line older than the newest that never came before is new: the clock was set back, or a rotation skipped it', () => {
  const seen = new SeenLines();
  assert.equal(fresh(seen, [10, 20, 40, 30, 30, 40, 50]), [10, 20, 40, 30, 50]);
});

test('a line older than all that is remembered is a repeat', () => {
  const seen = new SeenLines();
  fresh(
    seen,
    Array.from({ length: 5000 }, (_, index) => index + 100),
  );
  assert.equal(fresh(seen, [50, 100, 5098]), []);
});

test.run();
