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
  const note = 'rows that look alike differ in what no column shows: kubectl istio-ingress diff';
  const isUnlike = podsOf(rows).size > 1 && areSomeAlike(columns.slice(0, -1), rows);
  return [...renderTable(columns, rows, style), ...(isUnlike ? ['', paint(`! ${note}`, 'warning', style.color)] : [])];
}

const podsOf = (rows: readonly OnPods<unknown>[]): ReadonlySet<string> =>
  new Set(rows.map(({ pods }) => pods.join('\n')));

function areSomeAlike<Row extends OnPods<unknown>>(columns: readonly Column<Row>[], rows: readonly Row[]): boolean {
  const alike = Map.groupBy(rows, (row) => columns.map((column) => textOf(column.cell(row))).join('\n'));
  return [...alike.values()].some((group) => podsOf(group).size > 1);
}
