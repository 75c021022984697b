import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { progressLine } from '#command/progress.ts';

const terminal = { isTTY: true, columns: 10, color: false };

function shown(isTTY: boolean, times: readonly number[]): string[] {
  const written: string[] = [];
  const clock = [0, ...times].values();
  const line = progressLine(
    (text) => written.push(text),
    { ...terminal, isTTY },
    () => clock.next().value ?? 0,
  );
  for (const time of times) line.show(`${time} of 9000 pods`);
  line.clear();
  line.clear();
  return written;
}

test('shows nothing in the first second, then replaces the line, cut to the width, and erases it once', () => {
  assert.equal(shown(true, [999, 1000, 2000]), ['\r\u001b[2K1000 of 9', '\r\u001b[2K2000 of 9', '\r\u001b[2K']);
});

test('shows nothing where stderr is no terminal', () => {
  assert.equal(shown(false, [5000]), []);
});

test.run();
