// Updates of single elements on single pods become one line for each push.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { momentsOfUpdates, type Update } from '#analysis/fleet/updates.ts';

const update = (pod: string, name: string, seconds: number, kind = 'cluster'): Update => ({
  pod,
  kind,
  name,
  at: new Date(Date.UTC(2026, 10, 23, 12, 7, seconds)).toISOString(),
});

const short = (updates: readonly Update[]): string[] =>
  momentsOfUpdates(updates).map(
    ({ at, until, what, pods }) =>
      `${at.slice(17, 19)}${until === undefined ? '' : `–${until.slice(17, 19)}`} ${what} on ${pods.join()}`,
  );

test('an element that all pods took within seconds is one line', () =>
  assert.equal(short([update('c', 'svc9', 42), update('a', 'svc9', 40), update('b', 'svc9', 41)]), [
    '40–42 cluster svc9 on a,b,c',
  ]));

test('a pod that took it later has a line of its own', () =>
  assert.equal(short([update('a', 'svc9', 0), update('b', 'svc9', 30)]), [
    '00 cluster svc9 on a',
    '30 cluster svc9 on b',
  ]));

test('elements of one push are one line, other kinds and other pods another', () =>
  assert.equal(
    short([
      ...['e', 'd', 'c', 'b'].map((name) => update('a', name, 1)),
      update('a', 'x', 1, 'secret'),
      update('a', 'y', 1),
      update('b', 'y', 1),
    ]).toSorted(),
    ['01 4 clusters: b, c, d and 1 more on a', '01 cluster y on a,b', '01 secret x on a'],
  ));

test.run();
