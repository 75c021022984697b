// How `top` looks: one line for the whole, then the busiest; on a terminal each snapshot takes the place of the one
// before.

import type { Style } from '#command/command.ts';
import { describeSpan } from '#core/duration.ts';
import type { TopRow, TopSnapshot } from '#model/top.ts';
import { type Column, renderTable } from '#render/format/table.ts';
import { describeLatency } from './log-line.ts';
import { describeShare } from './log-summary.ts';

export function renderTop(snapshot: TopSnapshot, style: Style): string[] {
  const { total, rows, hidden, at, intervalMs } = snapshot;
  const head = [
    `${at.slice(11, 19)} UTC, last ${describeSpan(intervalMs)}`,
    `${rate(total)} requests/s`,
    total.requests === 0 ? 'no request' : `errors ${describeShare(total.errors, total.requests)} of requests`,
    ...(total.latency
      ? [
          `p50 ${describeLatency(total.latency.p50)}`,
          `p95 ${describeLatency(total.latency.p95)}`,
          `p99 ${describeLatency(total.latency.p99)}`,
        ]
      : []),
  ].join(' · ');
  const more = hidden > 0 ? [`and ${hidden} more`] : [];
  return [head, ...renderTable(columnsFor(snapshot), rows, style), ...more];
}

/** One document a line. */
export const topJson = (snapshot: TopSnapshot): string =>
  `${JSON.stringify({ apiVersion: 'istio-ingress/v1', kind: 'TopSnapshot', ...snapshot })}\n`;

const columnsFor = ({ by }: TopSnapshot): readonly Column<TopRow>[] => [
  { title: by.toUpperCase(), cell: ({ key }) => key, narrow: 'wrap', minimum: 16 },
  { title: 'REQ/S', cell: rate },
  {
    title: 'ERRORS',
    cell: ({ errors, requests }) => ({ text: describeShare(errors, requests), tone: errors > 0 ? 'bad' : undefined }),
  },
  { title: 'P50', cell: ({ latency }) => (latency ? describeLatency(latency.p50) : '—') },
  { title: 'P95', cell: ({ latency }) => (latency ? describeLatency(latency.p95) : '—') },
  { title: 'P99', cell: ({ latency }) => (latency ? describeLatency(latency.p99) : '—') },
];

const rate = ({ perSecond }: TopRow): string =>
  perSecond >= 100 ? String(Math.round(perSecond)) : perSecond.toFixed(1);
