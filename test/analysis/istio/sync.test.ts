import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mergeSync } from '#analysis/istio/sync.ts';
import type { PodOutcome } from '#core/fleet.ts';
import type { ProxySync } from '#model/sync.ts';
import { failure, pod } from '../../support/builders/fleet.ts';

const own = pod('a');
const entry = (sentAt: string | undefined, istioVersion: string): ProxySync => ({
  pod: own.name,
  namespace: own.namespace,
  istioVersion,
  types: { CDS: { state: 'SYNCED', error: undefined, sentAt } },
});
const newest = (...istiods: (readonly ProxySync[])[]): unknown => {
  const sync = mergeSync(
    own,
    istiods.map((ok, index) => ({ pod: pod(`istiod-${index}`), ok })),
  );
  return sync.state === 'connected' && [sync.istioVersion, sync.istiods.length];
};

test('of connections to several istiods that counts to which was sent last, however the time is written', () => {
  const times = ['2026-11-23T12:00:00.5Z', '2026-11-23T12:00:00Z'] as const;
  assert.equal(newest([entry(times[0], 'new')], [entry(times[1], 'old')]), ['new', 2]);
  assert.equal(newest([entry(times[1], 'old')], [entry(times[0], 'new')]), ['new', 2]);
  assert.equal(newest([entry('2026-11-23T12:30:00+01:00', 'old')], [entry(times[1], 'new')]), ['new', 2]);
  assert.equal(newest([entry(undefined, 'old')], [entry('0001-01-01T00:00:00Z', 'old')], [entry(times[1], 'new')]), [
    'new',
    3,
  ]);
});

test('of two connections to one istiod, which a proxy that connects anew has for a while, the newer one counts', () => {
  const both = [entry('2026-11-23T12:00:00Z', 'old'), entry('2026-11-23T13:00:00Z', 'new')];
  assert.equal(
    [newest(both), newest(both.toReversed())],
    [
      ['new', 1],
      ['new', 1],
    ],
  );
});

test('an istiod that has not started knows no proxy; one whose node is lost may', () => {
  const other = { pod: pod('istiod-0'), ok: [] };
  const silent = (phase: string): PodOutcome<never> => failure(pod('istiod-1', { phase }));
  assert.is(mergeSync(own, [other, silent('Pending')]).state, 'not-connected');
  assert.is(mergeSync(own, [silent('Pending')]).state, 'not-connected');
  for (const phase of ['Unknown', 'Running']) assert.is(mergeSync(own, [other, silent(phase)]).state, 'unknown');
});

test.run();
