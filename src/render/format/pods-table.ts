// Tables of what pods hold, whose last column has the pods.

import type { Style } from '#command/command.ts';
import type { OnPods } from '#model/merge-pods.ts';
import { type Column, type Laid, layOut, renderLaid, rowsAlike } from './table.ts';
import { paint } from './tone.ts';

export const renderOnPods = <Row extends OnPods<unknown>>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  style: Style,
): string[] =>
  renderLaidOnPods(
    columns.map((column) => layOut(column, rows)),
    rows,
    style,
  );

/** Says so where rows of different pods look alike: no column has what they differ in. */
export function renderLaidOnPods(columns: readonly Laid[], rows: readonly OnPods<unknown>[], style: Style): string[] {
  const note = 'rows that look alike differ in what no column shows: kubectl istio-ingress diff';
  const isUnlike =
    areOnDifferentPods(rows) &&
    rowsAlike(columns.slice(0, -1)).some((alike) => areOnDifferentPods(alike.flatMap((row) => rows[row] ?? [])));
  return [...renderLaid(columns, style), ...(isUnlike ? ['', paint(`! ${note}`, 'warning', style.color)] : [])];
}

const areOnDifferentPods = (rows: readonly OnPods<unknown>[]): boolean =>
  new Set(rows.map(({ pods }) => pods.join('\n'))).size > 1;
