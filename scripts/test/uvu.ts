// uvu's `test`, each step of which is reported: uvu alone is green where a file forgets run(), where a hook fails or
// what is thrown is no Error, and leaves out the tests after it. `suite` is missing on purpose: one `test` per file.

import { inspect } from 'node:util';
import * as uvu from 'uvu';
import { compare } from 'uvu/diff';
import { made } from './assert.ts';
import { report, said } from './report.ts';

type Handler = () => unknown;

/** How long a process may go on when its tests are done; a loaded machine takes long to remove a directory. */
const lingerMs = 20_000;

let planned = 0;
let ended = 0;

function add(title: string, handler: Handler): void {
  planned += 1;
  const id = planned;
  report({ kind: 'planned', id, title });
  uvu.test(title, async () => {
    report({ kind: 'started', id, title });
    const before = made.count + said.notJudged;
    try {
      await handler();
      if (made.count + said.notJudged === before) throw new Error('this test asserts nothing');
      report({ kind: 'passed', id, title });
    } catch (thrown) {
      report({ kind: 'failed', id, title, text: describe(thrown) });
      throw asError(thrown);
    } finally {
      ended += 1;
      if (ended === planned) expectEnd();
    }
  });
}

const hook =
  (name: string, register: (handler: () => Promise<void>) => void) =>
  (handler: Handler): void =>
    register(async () => {
      try {
        await handler();
      } catch (thrown) {
        report({ kind: 'problem', text: `test.${name}: ${describe(thrown)}` });
        throw asError(thrown);
      }
    });

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(`${inspect(thrown)} was thrown, which is no Error`);

/** Message, difference, and the lines of the stack that are ours. */
function describe(thrown: unknown): string {
  const error: Error & { details?: string | false; operator?: string; actual?: unknown; expects?: unknown } =
    asError(thrown);
  const isComparison = 'expects' in error && !error.operator?.includes('not');
  const difference = error.details || (isComparison ? compare(error.actual, error.expects) : '');
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^ +at .*(file:|\/)/.test(line) && !/node:|node_modules\/uvu|scripts\/test\//.test(line));
  return [error.message || error.name, difference, ...frames].filter((part) => part !== '').join('\n');
}

/** An open handle would keep the process for ever; the timer itself does not. */
function expectEnd(): void {
  setTimeout(() => {
    const open = Map.groupBy(process.getActiveResourcesInfo(), (kind) => kind);
    const counts = [...open].map(([kind, all]) => `${all.length} ${kind}`);
    report({ kind: 'problem', text: `does not end when its tests are done; open: ${counts.join(', ')}` });
    process.exit(1);
  }, lingerMs).unref();
}

const leftIn =
  (what: string) =>
  (title?: string, handler?: Handler): void => {
    report({ kind: 'problem', text: `test.${what} was left in${title === undefined ? '' : `: ${title}`}` });
    if (what === 'only' && title !== undefined && handler !== undefined) add(title, handler);
  };

const { before, after } = uvu.test;

export const test = Object.assign(add, {
  before: Object.assign(hook('before', before), { each: hook('before.each', before.each) }),
  after: Object.assign(hook('after', after), { each: hook('after.each', after.each) }),
  only: leftIn('only'),
  skip: leftIn('skip'),
  run: uvu.test.run,
});
