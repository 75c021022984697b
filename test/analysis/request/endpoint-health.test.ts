import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isInPanic, priorityLoads, usableEndpoints } from '#analysis/request/endpoint-health.ts';
import type { Endpoint } from '#model/cluster.ts';
import { endpoint } from '../../support/builders/way.ts';

/** `HHU/H`: two of three healthy at priority 0, one of one at priority 1. */
const of = (text: string): Endpoint[] =>
  text.split('/').flatMap((group, priority) =>
    [...group].map((letter) =>
      endpoint({
        priority,
        health: ({ H: 'HEALTHY', D: 'DEGRADED', X: 'DRAINING' } as const)[letter] ?? 'UNHEALTHY',
      }),
    ),
  );
const loads = (text: string): number[] => priorityLoads(of(text)).map(({ percent }) => percent);

test('the best priority takes everything while 72 % of it are healthy', () => {
  assert.equal(loads('HHH/HHH'), [100, 0]);
  assert.equal(loads('HHHHU/HHH'), [100, 0]);
  assert.equal(loads('HU/HH'), [70, 30]);
  assert.equal(loads('UU/HH'), [0, 100]);
  assert.equal(loads('UU/U/H'), [0, 0, 100]);
});

test('where all together are not enough, each takes its part', () => {
  assert.equal(loads('HUUU/HUUU'), [50, 50]);
  assert.equal(loads('UU/UU'), [0, 0]);
});

test('a threshold is for what is left when the priorities together are not enough', () => {
  assert.is(isInPanic(of('HUU'), 50), true);
  assert.is(isInPanic(of('HUU'), 30), false);
  assert.is(isInPanic(of('HHU'), 50), false);
  assert.is(isInPanic(of('UUU'), 0), false);
  assert.is(isInPanic(of('HUU/HHH'), 50), false);
  assert.is(isInPanic([], 50), false);
});

test('degraded endpoints are used, draining ones are not; in panic all are', () => {
  assert.is(usableEndpoints(of('HDXU'), 0).length, 2);
  assert.is(usableEndpoints(of('HUUU'), 50).length, 4);
  assert.is(usableEndpoints(of('UU'), 0).length, 0);
});

test.run();
