// Tables as kubectl prints them: upper-case titles, three spaces between columns, no space at the end of a line.
//
// On a terminal that is too narrow, in this order, and only as far as needed: columns that may be elided (their whole
// text is in `-o wide`) lose their middle, the least important first; then columns break into several lines, the widest
// first, between words; then within words (after a dot or a slash where there is one), each down to its minimum. What
// still does not fit is left to the terminal to wrap: nothing is ever cut. Piped and wide output is one line per row.

import type { Style } from '#command/command.ts';
import { cleanText } from './terminal.ts';
import { elideText, padText, spaces, textWidth, wrapText } from './text.ts';
import { paint, type Tone } from './tone.ts';

export type Cell =
  | string
  /** `spans`: reaches over the columns after it, which are empty in this row, and makes none of them wider. */
  | { readonly text: string; readonly tone: Tone | undefined; readonly spans?: boolean };

export const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Cell;
  /**
   * How it gives way on a narrow terminal: `elide` only for what `-o wide` shows whole. Neither where it is not given.
   */
  readonly narrow?: 'elide' | 'wrap';
  /** The least width to narrow it to; 12 where it is not given. */
  readonly minimum?: number;
}

const gap = '   ';
const defaultMinimum = 12;

interface LaidCell {
  readonly text: string;
  readonly tone: Tone | undefined;
  readonly spans: boolean;
  readonly width: number;
}

/** A column with the cells of all rows. */
export interface Laid {
  readonly title: string;
  readonly cells: readonly LaidCell[];
  readonly narrow: 'elide' | 'wrap' | undefined;
  readonly minimum: number;
  width: number;
}

/** Lines; none where there are no rows: the caller says what exists instead. */
export const renderTable = <Row>(columns: readonly Column<Row>[], rows: readonly Row[], style: Style): string[] =>
  renderLaid(
    columns.map((column) => layOut(column, rows)),
    style,
  );

/** For columns that were looked at before; once, as it narrows them. */
export function renderLaid(laid: readonly Laid[], style: Style): string[] {
  const rows = laid[0]?.cells ?? [];
  if (rows.length === 0) return [];
  if (!style.wide) narrow(laid, style.columns);
  const titles = renderBlocks(
    laid.map(({ title, width }) => ({ lines: wrapText(title, width), tone: undefined, width })),
    style,
  );
  return [...titles, ...rows.flatMap((_, index) => renderRow(laid, index, style))];
}

export function layOut<Row>(column: Column<Row>, rows: readonly Row[]): Laid {
  const { title, narrow } = column;
  const minimum = Math.max(column.minimum ?? defaultMinimum, ...title.split(' ').map((part) => part.length));
  let width = title.length;
  let before: Cell = '';
  let laid = layOutCell(before);
  const cells = rows.map((row) => {
    const cell = column.cell(row);
    // Neighbours often say the same.
    if (cell !== before) laid = layOutCell(cell);
    before = cell;
    if (laid.width > width && !laid.spans) width = laid.width;
    return laid;
  });
  return { title, cells, narrow, minimum, width };
}

function layOutCell(cell: Cell): LaidCell {
  const text = cleanText(textOf(cell));
  const { tone = undefined, spans = false } = typeof cell === 'string' ? {} : cell;
  return { text, tone, spans, width: textWidth(text) };
}

/**
 * Rows that look alike, in groups of at least two, by their indexes. The first columns tell most rows apart, and the
 * others are asked about the rest.
 */
export function rowsAlike(columns: readonly Laid[]): readonly (readonly number[])[] {
  let groups: number[][] = [[...(columns[0]?.cells.keys() ?? [])]];
  for (const { cells } of columns)
    groups = groups.flatMap((rows) => {
      const alike = Map.groupBy(rows, (row) => cells[row]?.text);
      return [...alike.values()].filter(({ length }) => length > 1);
    });
  return groups;
}

/** Columns of the longest word. */
const longestWord = ({ cells }: Laid): number =>
  cells.reduce(
    (longest, { text, spans }) => (spans ? longest : Math.max(longest, ...text.split(' ').map(textWidth))),
    0,
  );

const widthOf = (columns: readonly Laid[]): number =>
  columns.reduce((sum, column) => sum + column.width, (columns.length - 1) * gap.length);

function narrow(columns: readonly Laid[], available: number): void {
  const excess = (): number => widthOf(columns) - available;
  for (const column of columns.toReversed()) {
    if (column.narrow === 'elide') shrink(column, excess(), column.minimum);
  }
  const wrapping = columns.filter((column) => column.narrow === 'wrap');
  if (excess() <= 0) return;
  const words = new Map(wrapping.map((column) => [column, longestWord(column)]));
  level(wrapping, excess, (column) => Math.max(column.minimum, words.get(column) ?? 0));
  level(wrapping, excess, (column) => column.minimum);
}

/** Narrows the widest to the second widest, and so on, until all fits or none can give more. */
function level(columns: readonly Laid[], excess: () => number, least: (column: Laid) => number): void {
  for (;;) {
    const [widest, second] = columns
      .filter((column) => column.width > least(column))
      .toSorted((a, b) => b.width - a.width);
    const over = excess();
    if (over <= 0 || widest === undefined) return;
    shrink(widest, Math.min(over, Math.max(1, widest.width - (second?.width ?? 0))), least(widest));
  }
}

function shrink(column: Laid, by: number, least: number): void {
  column.width = Math.min(column.width, Math.max(least, column.width - Math.max(0, by)));
}

function renderRow(columns: readonly Laid[], index: number, style: Style): readonly string[] {
  const line = rowInOneLine(columns, index, style);
  if (line !== undefined) return [line];
  return renderBlocks(
    columns.map((column, position) => {
      const { text, tone, spans } = column.cells[index] as LaidCell;
      const before = widthOf(columns.slice(0, position)) + gap.length;
      if (spans)
        return { lines: wrapText(text, Math.max(defaultMinimum, style.columns - before)), tone, width: column.width };
      const lines = column.narrow === 'elide' ? [elideText(text, column.width)] : wrapText(text, column.width);
      return { lines, tone, width: column.width };
    }),
    style,
  );
}

/** Most rows fit as they are, and tables have thousands. Undefined for another. */
function rowInOneLine(columns: readonly Laid[], index: number, style: Style): string | undefined {
  let line = '';
  let padding = '';
  for (const column of columns) {
    const { text, tone, spans, width } = column.cells[index] as LaidCell;
    if (spans || width > column.width) return undefined;
    if (text !== '') {
      line += padding + paint(text, tone, style.color);
      padding = '';
    }
    padding += spaces(column.width - width + gap.length);
  }
  return line;
}

interface Block {
  readonly lines: readonly string[];
  readonly tone: Tone | undefined;
  readonly width: number;
}

function renderBlocks(blocks: readonly Block[], style: Style): string[] {
  const height = Math.max(...blocks.map((block) => block.lines.length));
  return Array.from({ length: height }, (_, line) =>
    joinLine(
      blocks.map(({ lines, tone, width }) => ({ text: lines[line] ?? '', tone, width })),
      style,
    ),
  );
}

function joinLine(parts: readonly { text: string; tone: Tone | undefined; width: number }[], style: Style): string {
  const last = parts.findLastIndex((part) => part.text !== '');
  return parts
    .slice(0, last + 1)
    .map((part, index) => {
      const padding = index === last ? '' : padText(part.text, part.width).slice(part.text.length);
      return paint(part.text, part.tone, style.color) + padding;
    })
    .join(gap);
}
