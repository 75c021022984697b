import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ToolError } from '#core/error.ts';
import recorded from '#demo/fleet.json' with { type: 'json' };
import { renderTop } from '#render/views/top.ts';
import { onTerminal } from '../support/builders/answer.ts';
import { golden } from '../support/golden.ts';
import { withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

const pod = 'istio-ingressgateway-66qlf';
const line = recorded.pods[0]?.log.findLast((one) => one.includes('via_upstream')) ?? '';

interface Snapshot {
  readonly rows: readonly { readonly key: string; readonly requests: number }[];
  readonly total: { readonly requests: number };
}

/** Snapshots until every line that was written is in one. */
async function snapshots(words: string): Promise<readonly Snapshot[]> {
  return withDemo({}, async ({ demo, kii }) => {
    const writing = setInterval(() => demo.logs.write(pod, line), 50);
    const { code, out, err } = await kii(`top --interval 1s ${words} -o json`);
    clearInterval(writing);
    assert.equal([code, err], [0, '']);
    const documents = out
      .split('\n')
      .slice(0, -1)
      .map((one) => JSON.parse(one) as Snapshot);
    for (const document of documents) assert.equal(schemaErrors(document), []);
    return documents;
  });
}

test('each snapshot counts the requests of its interval, and nothing of before', async () => {
  const documents = await snapshots('--count 2');
  assert.is(documents.length, 2);
  const [, last] = documents;
  assert.ok((last?.total.requests ?? 0) > 0 && (last?.total.requests ?? 0) < 40, JSON.stringify(last));
  assert.equal(
    last?.rows.map(({ key }) => key),
    ['expired.discovery.wmnet'],
  );
});

test('--by groups by something else, the filters leave out', async () => {
  const [, last] = await snapshots('--count 2 --by pod --status 2xx');
  assert.equal(
    last?.rows.map(({ key }) => key),
    [pod],
  );
});

test('on a terminal a snapshot takes the place of the one before; Ctrl-C ends it', () =>
  withDemo({ traffic: 'busy' }, async ({ kii }) => {
    const end = new AbortController();
    const terminal = { isTTY: true, columns: 80, color: false };
    let out = '';
    const writeOut = async (text: string): Promise<void> => {
      out += text;
      if (out.split(' UTC, last').length > 2) end.abort(new ToolError('interrupted', 'interrupted by SIGINT'));
    };
    const { code } = await kii('top --interval 1s', { terminal, writeOut, signal: end.signal });
    assert.is(code, 130);
    const lines = out.split('\u001b')[0]?.split('\n').length ?? 0;
    assert.ok(out.includes(`\u001b[${lines - 1}A\u001b[0J`), JSON.stringify(out));
  }));

test('an interval that is too short is refused', () =>
  withDemo({}, async ({ kii }) => {
    assert.match((await kii('top --interval 200ms')).err, '--interval is at least 1s');
  }));

test('a snapshot has one line for the whole, then the busiest', () => {
  const latency = { p50: 3, p90: 40, p95: 56, p99: 1500, max: 3000 };
  const snapshot = {
    at: '2026-11-23T12:08:41.000Z',
    intervalMs: 5000,
    by: 'host',
    total: { key: '', requests: 1500, errors: 15, perSecond: 300, latency },
    rows: [
      { key: 'svc1.discovery.wmnet', requests: 1200, errors: 15, perSecond: 240, latency },
      { key: 'svc2.discovery.wmnet', requests: 299, errors: 0, perSecond: 59.8, latency },
      { key: 'pass.discovery.wmnet', requests: 1, errors: 0, perSecond: 0.2, latency: undefined },
    ],
    hidden: 4,
  } as const;
  golden(
    'top/snapshot.txt',
    onTerminal(renderTop(snapshot, { color: false, columns: 80, wide: false, now: new Date('2026-11-23T12:08:41Z') })),
  );
  assert.ok(true);
});

test.run();
