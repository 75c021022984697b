import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LogSummaries } from '#accesslog/summary.ts';
import { renderSummary } from '#render/views/log-summary.ts';

const note = 'too many different ones to keep: there may be others, and each was seen at least so often';

/** What stands under PATHS, from its head to the next list. */
function pathsOf(different: number): readonly string[] {
  const summaries = new LogSummaries();
  const at = { pod: '', time: '2026-11-23T12:07:53.234Z' };
  for (let n = 0; n < different; n++) summaries.add({ method: 'GET', responseCode: 200, path: `/${n}` }, at);
  const lines = renderSummary(summaries.result(2), [], {
    color: false,
    columns: Number.POSITIVE_INFINITY,
    wide: false,
    now: new Date(at.time),
  });
  const lists = lines.join('\n').split('\n\n');
  return lists.find((list) => list.startsWith('PATHS'))?.split('\n') ?? [];
}

test('a list that could not keep all values says so', () => {
  const [head, ...lines] = pathsOf(20_001);
  assert.match(head ?? '', /^PATHS \(more than \d+ more\)/);
  assert.is(lines.at(-1), note);
  assert.not.ok(pathsOf(20_000).includes(note));
});

test("where all requests are this tool's own, that is said", () => {
  const summaries = new LogSummaries();
  summaries.add({ method: 'GET', userAgent: 'kubectl-istio-ingress/1.0' }, { pod: '', time: '2026-11-23T12:07:53Z' });
  const style = { color: false, columns: 80, wide: false, now: new Date() };
  assert.equal(renderSummary(summaries.result(2), [], style), [
    'no requests',
    'not counted: 1 of this tool itself (explain --send)',
  ]);
});

test.run();
