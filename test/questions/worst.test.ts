// The sentence of `report`: what it says is no better than what is known.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ErrorSignature } from '#model/report.ts';
import { type WorstFacts, worstOf } from '#questions/report/worst.ts';

const quiet = { requests: 40, errors: 0, hosts: new Map(), signatures: [], gaps: [] };
const said = (requests: Partial<NonNullable<WorstFacts['requests']>>): readonly string[] => {
  const { severity, text } = worstOf({ requests: { ...quiet, ...requests }, checks: [], pods: 3 });
  return [severity, text];
};

test('nothing failed is said where everything that was logged is counted', () => {
  assert.equal(said({}), ['none', 'none of 40 requests failed; no check found anything']);
  assert.equal(said({ gaps: ['gfn8x: its current log file begins at 12:00'] }), [
    'unknown',
    'none of 40 requests failed; no check found anything; not everything that was logged is counted',
  ]);
});

test('of requests that failed it is said where not all are counted', () => {
  const hosts = new Map([['a.example', { requests: 40, errors: 40 }]]);
  assert.equal(said({ errors: 40, hosts, gaps: ['cannot read the log of istio-system/gfn8x: forbidden'] }), [
    'error',
    'a.example: all 40 requests failed; not everything that was logged is counted',
  ]);
});

test('errors of connections that name no host are errors', () => {
  assert.equal(said({ errors: 2 }), ['error', '2 of 40 requests failed, and for which hosts is not known']);
});

test('the kind of error is that of the host, however it is written', () => {
  const one = { code: 503, flags: ['UF'], details: undefined, upstream: undefined, count: 3, samples: [] };
  const times = { first: '2026-11-23T12:00:00Z', last: '2026-11-23T12:01:00Z', pods: ['a'] };
  const signature = (host: string): ErrorSignature => ({ ...one, ...times, host });
  for (const [name, written] of [
    ['a.example', 'A.example:8443'],
    ['fd00::1', 'fd00::1'],
  ] as const)
    assert.equal(
      said({ errors: 3, hosts: new Map([[name, { requests: 4, errors: 3 }]]), signatures: [signature(written)] }),
      ['error', `${name}: 3 of 4 requests failed from 12:00:00 UTC on, most with 503 UF, on 1 of 3 pods`],
    );
});

test.run();
