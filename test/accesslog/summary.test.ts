import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ByteTable, blockOf } from '#accesslog/byte-table.ts';
import { LatencySketch } from '#accesslog/latency.ts';
import { quickNumber, quickTime } from '#accesslog/quick-value.ts';
import { LogSummaries } from '#accesslog/summary.ts';
import { readThreshold } from '#accesslog/threshold.ts';
import { Timeline } from '#accesslog/timeline.ts';
import { TopCounts } from '#accesslog/top-counts.ts';
import { toolError } from '../support/rejection.ts';

test('percentiles are within one percent, the largest is exact, zero is zero', () => {
  const sketch = new LatencySketch();
  for (let ms = 0; ms <= 10_000; ms++) sketch.add(ms);
  const { p50 = 0, p90 = 0, p95 = 0, p99 = 0, max = 0 } = sketch.result() ?? {};
  for (const [got, exact] of [
    [p50, 5000],
    [p90, 9000],
    [p95, 9500],
    [p99, 9900],
  ] as const) {
    assert.ok(Math.abs(got - exact) <= exact * 0.011, `${got} for ${exact}`);
  }
  assert.is(max, 10_000);
  const zeros = new LatencySketch();
  zeros.add(0);
  assert.equal(zeros.result(), { p50: 0, p90: 0, p95: 0, p99: 0, max: 0 });
  assert.is(new LatencySketch().result(), undefined);
});

test('too many different values are counted in bounded memory, the frequent ones are kept', () => {
  const counts = new TopCounts();
  for (let n = 0; n < 100_000; n++) {
    counts.add(`/once/${n}`, false);
    counts.add('/often', n % 2 === 0);
  }
  assert.ok(counts.size <= 20_001);
  assert.ok(counts.isApproximate);
  assert.equal(counts.top(1), [{ value: '/often', count: 100_000, errors: 50_000 }]);
});

test('also where each of them is long', () => {
  const counts = new TopCounts();
  for (let n = 0; n < 200; n++) {
    counts.add(`/once/${n}`.padEnd(1024 * 1024), false);
    counts.add('/often', true);
  }
  assert.ok(counts.size <= 33);
  assert.ok(counts.isApproximate);
  assert.equal(counts.top(1), [{ value: '/often', count: 200, errors: 200 }]);
});

test('what a client makes of words that cancel out meets in no more places than other texts do', () => {
  // Bit 30 of a word goes through the product, and is bit 11 of the hash where that is turned by 13.
  const pairs = ['aaa!aiaa', 'aaaaaaaa'];
  const cancelling = Array.from({ length: 1024 }, (_, n) =>
    Array.from({ length: 10 }, (_, bit) => pairs[(n >> bit) & 1]).join(''),
  );
  const others = cancelling.map((text, n) => `${n}`.padEnd(text.length, 'a'));
  const reads = (texts: readonly string[]): number => {
    const table = new ByteTable();
    let count = 0;
    for (const text of [...texts, ...texts]) {
      const { bytes, words } = blockOf(Buffer.from(text));
      const counted = { getInt32: (at: number) => ++count && words.getInt32(at, true) };
      table.numberOf({ bytes, words: counted as DataView }, new Int32Array([0, text.length]));
    }
    return count;
  };
  // Some tables turn by just that.
  const mostly = (texts: readonly string[]): number =>
    Array.from({ length: 15 }, () => reads(texts)).sort((one, other) => one - other)[7] ?? 0;
  assert.ok(mostly(cancelling) < 1.5 * mostly(others), `${mostly(cancelling)} words read, and ${mostly(others)}`);
});

test('values are told apart by every byte, and those that are forgotten are the rarest of the earliest', () => {
  const counts = new TopCounts();
  const expected = new Map<string, { count: number; errors: number }>();
  const values = [
    '',
    'a',
    'b',
    'aaaa',
    'aaaab',
    'aaaac',
    'ä',
    '✓',
    '\ud83d\ude00',
    'x'.repeat(5000),
    `${'x'.repeat(4999)}y`,
  ];
  for (let n = 0; n < 60_000; n++) {
    const value = n % 3 === 0 ? (values[n % values.length] as string) : `/${n % 41_000}`;
    const counted = expected.get(value) ?? { count: 0, errors: 0 };
    expected.set(value, { count: counted.count + 1, errors: counted.errors + (n % 5 === 0 ? 1 : 0) });
    counts.add(value, n % 5 === 0);
    if (expected.size > 20_000) forgetRarest(expected);
  }
  const top = [...expected].map(([value, counted]) => ({ value, ...counted }));
  top.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  assert.equal(counts.top(30_000), top);
});

function forgetRarest(values: Map<string, { readonly count: number }>): void {
  const sorted = [...values.values()].map(({ count }) => count).sort((a, b) => a - b);
  for (const [value, { count }] of values)
    if (count <= (sorted[10_000] as number) && values.size > 10_000) values.delete(value);
}

test('a number is read from its bytes where it has digits alone, and no more than a number holds', () => {
  const read = (text: string): number | undefined =>
    quickNumber(blockOf(Buffer.from(`"${text}"`)), new Int32Array([1, 1 + text.length]));
  assert.equal(['', '0', '015', '999999999999999'].map(read), [undefined, 0, 15, 999_999_999_999_999]);
  for (const other of ['1234567890123456', '-1', '1.5', '1 ', 'x']) assert.ok(Number.isNaN(read(other)), other);
});

test('a time is read from its bytes as Date.parse reads it', () => {
  const read = quickTime();
  const near = fc.constantFrom(
    '2026-11-23T12:00:07.123Z',
    '2026-11-23T12:00:59.000Z',
    '2026-11-23T12:01:00.999Z',
    '2026-13-23T12:00:07.123Z',
    'Nov 23 2026 12:00:07.123Z',
    '2026-11-23T12:00:60.000Z',
    '2026-11-23T24:00:00.000Z',
    '2026-11-23T24:00:07.000Z',
    '2026-11-23T12:00:07.123+',
  );
  const changed = fc.tuple(near, fc.nat({ max: 23 }), fc.constantFrom(...'0123456789:.TZ- '));
  fc.assert(
    fc.property(
      fc.oneof(
        near,
        changed.map(([time, at, put]) => time.slice(0, at) + put + time.slice(at + 1)),
      ),
      (time) => {
        const block = blockOf(Buffer.from(`"${time}"`));
        assert.equal([read(block, new Int32Array([1, 1 + time.length]))], [Date.parse(time)], time);
      },
    ),
    { numRuns: 3000 },
  );
});

test('a timeline of any length has as many columns as asked for, and loses no request', () => {
  const timeline = new Timeline();
  const begin = Date.parse('2026-11-23T12:00:00Z');
  for (let second = 0; second < 100_000; second++) timeline.add(begin + second * 1000, second % 10 === 0);
  const { buckets, bucketMs } = timeline.columns(60);
  assert.ok(buckets.length <= 60 && buckets.length > 50);
  assert.is(
    buckets.reduce((sum, { count }) => sum + count, 0),
    100_000,
  );
  assert.is(
    buckets.reduce((sum, { errors }) => sum + errors, 0),
    10_000,
  );
  assert.ok(buckets.every(({ from }, index) => index === 0 || from - (buckets[index - 1]?.from ?? 0) === bucketMs));
  assert.equal(new Timeline().columns(60), { bucketMs: 0, buckets: [] });
});

test('who answered is not known where no line has details, flags or an upstream', () => {
  const answered = (...entries: readonly Parameters<LogSummaries['add']>[0][]) => {
    const summaries = new LogSummaries();
    for (const entry of entries) summaries.add(entry, { pod: 'a', time: '' });
    const { answeredBy, errorsBy, refused } = summaries.result(1);
    return [answeredBy.gateway, answeredBy.unknown, errorsBy.unknown, refused];
  };
  const [failed, refused] = [
    { method: 'GET', responseCode: 503 },
    { method: 'GET', responseCode: 404 },
  ];
  assert.equal(answered(failed, refused), [0, 2, 1, 0]);
  assert.equal(answered(failed, refused, { method: 'GET', responseCode: 200, upstreamHost: '10.0.0.1:80' }), [
    2,
    undefined,
    undefined,
    1,
  ]);
});

test('what this tool has sent itself is counted apart, and is no error', () => {
  const summaries = new LogSummaries();
  const add = (entry: Parameters<LogSummaries['add']>[0]): void => summaries.add(entry, { pod: 'a', time: '' });
  add({
    method: 'GET',
    path: '/',
    responseCode: 503,
    userAgent: 'kubectl-istio-ingress/0.1.0 (explain --send 1a2b3c4d)',
  });
  add({ responseFlags: ['NR'], serverName: 'kubectl-istio-ingress.example' });
  add({ method: 'GET', path: '/', responseCode: 200, userAgent: 'curl/8' });
  const { requests, connections, errors, own, userAgents } = summaries.result(5);
  assert.equal([requests, connections, errors, own], [1, 0, 0, 2]);
  assert.equal(
    userAgents.top.map(({ value }) => value),
    ['curl/8'],
  );
  assert.not.ok('own' in new LogSummaries().result(5));
});

test('a server name unlike the host is counted, with the port left aside', () => {
  const summaries = new LogSummaries();
  const add = (serverName: string, authority: string): void =>
    summaries.add({ method: 'GET', responseCode: 200, serverName, authority }, { pod: 'a', time: '' });
  add('a.test', 'A.test:8443');
  add('a.test', 'b.test');
  assert.equal(summaries.result(5).misdirected.top, [{ value: 'a.test → b.test', requests: 1, errors: 0 }]);
});

test('a connection is no request, and its length no latency', () => {
  const summaries = new LogSummaries();
  summaries.add(
    { responseCode: 0, durationMs: 3_600_000, serverName: 'a.test' },
    { pod: 'a', time: '2026-11-23T12:00:00.000000000Z' },
  );
  const { requests, connections, latency, from } = summaries.result(5);
  assert.equal([requests, connections, latency, from], [0, 1, undefined, '2026-11-23T12:00:00.000Z']);
});

test('without the kubelet’s time a request is placed where it ended', () => {
  const summaries = new LogSummaries();
  summaries.add({ method: 'GET', startTime: '2026-11-23T12:00:00.000Z', durationMs: 30_000 }, { pod: '', time: '' });
  assert.is(summaries.result(1).from, '2026-11-23T12:00:30.000Z');
});

test('a limit is a number or a share of errors', () => {
  assert.equal(
    [
      readThreshold('errors>1%')(1, 100),
      readThreshold('errors>1%')(2, 100),
      readThreshold('errors > 0')(1, 1),
      readThreshold('errors>0%')(0, 0),
    ],
    [false, true, true, false],
  );
  assert.is(toolError(() => readThreshold('1%')).code, 'usage');
});

test('a time that no calendar has is left out of the timeline; the request counts', () => {
  const summaries = new LogSummaries();
  const startTime = '2026-11-23T12:07:53.234Z';
  summaries.add({ method: 'GET', responseCode: 200, startTime, durationMs: 1e20 }, { pod: '', time: '' });
  summaries.add({ method: 'GET', responseCode: 200, startTime, durationMs: 0 }, { pod: '', time: '' });
  const { requests, from, to } = summaries.result(1);
  assert.equal([requests, from, to], [2, startTime, startTime]);
});

test.run();
