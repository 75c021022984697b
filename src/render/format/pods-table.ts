// Tables of what pods hold, whose last column has the pods.

import type { Style } from '#command/command.ts';
import type { OnPods } from '#model/merge-pods.ts';
import { type Column, renderTable, textOf } from './table.ts';
import { paint } from './tone.ts';

/** Says so where rows of different pods look alike: no column has what they differ in. */
export function renderOnPods<Row extends OnPods<unknown>>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  style: Style,
): string[] {
  const alike = Map.groupBy(rows, (row) =>
    columns
      .slice(0, -1)
      .map((column) => textOf(column.cell(row)))
      .join('\n'),
  );
  const isUnlike = [...alike.values()].some((group) => new Set(group.map(({ pods }) => pods.join('\n'))).size > 1);
  const note = 'rows that look alike differ in what no column shows: kubectl istio-ingress diff';
  return [...renderTable(columns, rows, style), ...(isUnlike ? ['', paint(`! ${note}`, 'warning', style.color)] : [])];
}
