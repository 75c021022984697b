import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Cost, compare, type Meter, quantile } from '../../scripts/bench/measure.ts';
import { type Profile, sharesOf } from '../../scripts/bench/profile.ts';
import { rowsOf, withSections } from '../../scripts/bench/report.ts';

test('quantiles lie between the values', () => {
  assert.equal(
    [0, 0.25, 0.5, 1].map((q) => quantile([30, 10, 20], q)),
    [10, 15, 20, 30],
  );
  assert.is(quantile([7], 0.25), 7);
});

const cost = (wallMs: number): Cost => ({ wallMs, cpuMs: wallMs * 2, rssMiB: 1 });

test('commands run in turns; the first round does not count, and ratios are those of the pairs', async () => {
  const ran: string[] = [];
  const costs = [900, 1, 10, 20, 30, 10, 20, 20];
  const meter: Meter = {
    measure: async ([word = '']) => {
      ran.push(word);
      return cost(costs[ran.length - 1] ?? 0);
    },
    close: () => {},
  };
  const { wall, ours, theirs } = await compare(meter, 3, { ours: ['ours'], theirs: ['theirs'] });
  assert.equal(ran, ['ours', 'theirs', 'ours', 'theirs', 'ours', 'theirs', 'ours', 'theirs']);
  assert.equal(wall, { median: 1, low: 0.75, high: 2 });
  assert.equal([ours.wallMs, theirs.wallMs], [20, 20]);
});

test('a program that only makes the requests runs in the same turns', async () => {
  const took: Readonly<Record<string, number>> = { ours: 30, theirs: 20, bare: 10 };
  const meter: Meter = { measure: async ([word = '']) => cost(took[word] ?? 0), close: () => {} };
  const { bare } = await compare(meter, 1, { ours: ['ours'], theirs: ['theirs'], bare: ['bare'] });
  assert.equal([bare?.wall.median, bare?.cpu.median], [0.5, 0.5]);
});

test('shares are those of the busy time of all runs, with what a function calls and without; recursion counts once', () => {
  const node = (id: number, functionName: string, ...children: readonly number[]): Profile['nodes'][number] => ({
    id,
    callFrame: { functionName, lineNumber: 0, columnNumber: id },
    children,
  });
  const nodes = [node(1, '(root)', 2, 5), node(2, 'read', 3), node(3, 'read', 4), node(4, ''), node(5, '(idle)')];
  const profile = { nodes, samples: [3, 4, 5], timeDeltas: [300, 100, 5000] };
  assert.equal(sharesOf([profile, profile]), [
    { what: 'read', total: 100, self: 75 },
    { what: '(root)', total: 100, self: 0 },
    { what: 'function at 1:4', total: 25, self: 25 },
  ]);
});

test('a part that did not run keeps its section', () => {
  const page = '# Head\n\nWords.\n\n## One\n\n| a | 1 |\n\n## Two\n\n| b | 2 |\n';
  assert.is(withSections(page, []), page);
  assert.is(withSections(page, ['## One\n\n| a | 3 |\n']), page.replace('1', '3'));
  assert.is(withSections(page, ['## Three\n\nNew.\n']), `${page}\n## Three\n\nNew.\n`);
  assert.is(withSections('# Head\n', ['## One\n\n1\n', '## Two\n\n2\n']), '# Head\n\n## One\n\n1\n\n## Two\n\n2\n');
});

test('rows are found by their first cell', () => {
  const page = '| | x |\n| --- | --- |\n| `a` | 1 |\n| `b` | 2 |\n';
  assert.equal(rowsOf(page, ['`b`', '`a`']), [
    ['`b`', '2'],
    ['`a`', '1'],
  ]);
  assert.throws(() => rowsOf(page, ['`c`']), /no row `c`/);
});

test.run();
