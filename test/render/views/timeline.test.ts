import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Moment } from '#model/timeline.ts';
import { timelineView } from '#render/views/timeline.ts';
import { answerOf, onTerminal, piped } from '../../support/builders/answer.ts';

/** As the cell of its time, on 23 November. */
function timeOf(at: string, until: string): string | undefined {
  const moment: Moment = { at, until, kind: 'event', what: 'BackOff', by: undefined, pods: [], count: 300 };
  const text = timelineView.table([moment], answerOf(timelineView, [moment], []), piped);
  return onTerminal(text).split('\n')[1]?.split(/ {2,}/)[0];
}

test('the end of a stretch has its day, where it is another than that of its beginning', () => {
  assert.is(timeOf('2026-11-22T11:00:00Z', '2026-11-23T11:05:00Z'), '2026-11-22 11:00:00.000–2026-11-23 11:05:00.000');
  assert.is(timeOf('2026-11-22T11:00:00Z', '2026-11-22T11:05:00Z'), '2026-11-22 11:00:00.000–11:05:00.000');
  assert.is(timeOf('2026-11-23T11:00:00Z', '2026-11-23T11:05:00Z'), '11:00:00.000–11:05:00.000');
});

test.run();
