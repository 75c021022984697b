// One thing that explains (nearly) all errors, and nothing where there is none.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LogSummaries, type SummarisedEntry } from '#accesslog/summary.ts';
import { verdictLine } from '#render/views/log-summary.ts';

const fine: SummarisedEntry = {
  method: 'GET',
  responseCode: 200,
  responseCodeDetails: 'via_upstream',
  durationMs: 12,
  userAgent: 'curl/8',
  authority: 'web.example.test',
  path: '/a',
};
const stable = 'outbound|80|stable|web.shop.svc.cluster.local';
const canary = 'outbound|80|canary|web.shop.svc.cluster.local';

interface Line {
  readonly times: number;
  readonly pod?: string;
  readonly entry: SummarisedEntry;
}

function verdictOf(...lines: readonly Line[]): string | undefined {
  const summaries = new LogSummaries();
  for (const { times, pod = 'gw-aaaaa', entry } of lines)
    for (let n = 0; n < times; n++) summaries.add({ ...entry, path: `/${n % 7}` }, { pod, time: '' });
  const { verdict } = summaries.result(3);
  return verdict && verdictLine(verdict);
}

test('a pod', () => {
  const failing: SummarisedEntry = { ...fine, responseCode: 503, responseFlags: ['UF'], responseCodeDetails: 'x' };
  assert.is(
    verdictOf(
      { times: 50, entry: fine },
      { times: 50, pod: 'gw-7pcwb', entry: fine },
      { times: 9, pod: 'gw-7pcwb', entry: failing },
    ),
    'all 9 UF come from pod 7pcwb',
  );
});

test('a subset', () => {
  const failing: SummarisedEntry = { ...fine, responseCode: 503, upstreamCluster: canary };
  assert.is(
    verdictOf({ times: 90, entry: { ...fine, upstreamCluster: stable } }, { times: 10, entry: failing }),
    'all 10 503 at subset canary of shop/web',
  );
});

test("a client's timeout", () => {
  const left = (durationMs: number): SummarisedEntry => ({
    ...fine,
    responseCode: 0,
    responseFlags: ['DC'],
    responseCodeDetails: 'downstream_remote_disconnect',
    durationMs,
    userAgent: 'dashboard/4.1',
  });
  assert.is(
    verdictOf({ times: 90, entry: fine }, ...[1880, 1900, 1920].map((ms) => ({ times: 3, entry: left(ms) }))),
    'all 9 DC after 1.9 s, by dashboard/4.1: a timeout of 2 s at the client',
  );
  // People who leave at any time have no timeout.
  assert.is(
    verdictOf({ times: 30, entry: fine }, ...[100, 1900, 4000].map((ms) => ({ times: 3, entry: left(ms) }))),
    'all 9 DC by dashboard/4.1',
  );
});

test('nearly all are counted; what all requests have explains nothing', () => {
  const failing: SummarisedEntry = { ...fine, responseCode: 500, upstreamCluster: canary };
  assert.is(
    verdictOf(
      { times: 90, entry: { ...fine, upstreamCluster: stable } },
      { times: 19, entry: failing },
      { times: 1, entry: { ...failing, upstreamCluster: stable, userAgent: 'x' } },
    ),
    'at least 19 of 20 errors (500) at subset canary of shop/web',
  );
  assert.is(verdictOf({ times: 90, entry: fine }, { times: 9, entry: { ...fine, responseCode: 500 } }), undefined);
  assert.is(verdictOf({ times: 90, entry: fine }), undefined);
});

test('a policy is not cut off its details', () => {
  const summaries = new LogSummaries();
  const details = 'rbac_access_denied_matched_policy[ns[shop]-policy[deny-all]-rule[0]]';
  summaries.add({ ...fine, responseCode: 403, responseCodeDetails: details }, { pod: '', time: '' });
  const { refused, errors, details: list } = summaries.result(3);
  assert.equal([refused, errors, list.top[0]?.value], [1, 0, details]);
});

test.run();
