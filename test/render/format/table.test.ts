import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Cell, type Column, layOut, rowsAlike, renderTable as tableLines } from '#render/format/table.ts';
import { terminalLine, terminalText } from '#render/format/terminal.ts';
import { piped, terminal, wide } from '../../support/builders/answer.ts';

const renderTable: (...args: Parameters<typeof tableLines<Row>>) => string = (...args) =>
  terminalText(tableLines(...args));

interface Row {
  readonly host: string;
  readonly error: string;
  readonly serial: string;
}

const columns: readonly Column<Row>[] = [
  { title: 'HOST', cell: ({ host }) => host },
  { title: 'ERROR', cell: ({ error }) => ({ text: error, tone: 'bad' }), narrow: 'wrap', minimum: 8 },
  { title: 'SERIAL', cell: ({ serial }) => serial, narrow: 'elide', minimum: 7 },
];

const rows: readonly Row[] = [
  { host: 'a.example', error: 'no route to the host', serial: '0123456789ABCDEF' },
  { host: 'b', error: '', serial: '' },
];

test('separates columns by three spaces and ends no line in a space', () => {
  assert.is(
    renderTable(columns, rows, piped),
    'HOST        ERROR                  SERIAL\na.example   no route to the host   0123456789ABCDEF\nb\n',
  );
});

test('paints a cell by its own tone, though its neighbour says the same', () => {
  const cells: readonly Cell[] = ['same', { text: 'same', tone: 'bad' }, 'same'];
  assert.is(
    tableLines([{ title: 'CELL', cell: (cell: Cell) => cell }], cells, { ...piped, color: true })
      .map(terminalLine)
      .join('\n'),
    'CELL\nsame\n\u001b[31msame\u001b[39m\nsame',
  );
});

test('prints nothing for no rows', () => {
  assert.is(renderTable(columns, [], piped), '');
});

test('elides first, where wide has the whole text', () => {
  assert.is(
    renderTable(columns, rows, terminal(43)),
    'HOST        ERROR                  SERIAL\na.example   no route to the host   012…DEF\nb\n'.replace(
      '012…DEF',
      '0123…DEF',
    ),
  );
});

test('then breaks between words', () => {
  assert.is(
    renderTable(columns, rows, terminal(30)),
    'HOST        ERROR      SERIAL\na.example   no route   012…DEF\n            to the\n            host\nb\n',
  );
});

test('leaves to the terminal what does not fit at all', () => {
  assert.is(renderTable(columns, rows, terminal(5)), renderTable(columns, rows, terminal(30)));
});

test('never narrows wide output', () => {
  assert.is(renderTable(columns, rows, { ...wide, columns: 20 }), renderTable(columns, rows, piped));
});

test('colours every line of a cell and none of the padding', () => {
  const text = renderTable(columns, rows, { ...terminal(30), color: true });
  assert.match(text, '\u001b[31mno route\u001b[39m   012');
  assert.match(text, '            \u001b[31mto the\u001b[39m\n');
});

test('a cell that spans makes no column wider, and breaks at the end of the line', () => {
  const spanning: readonly Column<Row>[] = [
    { title: 'HOST', cell: ({ host }) => host },
    { title: 'ERROR', cell: ({ error }) => ({ text: error, tone: 'bad', spans: true }) },
    { title: 'SERIAL', cell: () => '' },
  ];
  assert.is(renderTable(spanning, rows, piped), 'HOST        ERROR   SERIAL\na.example   no route to the host\nb\n');
  assert.is(
    renderTable(spanning, rows, terminal(24)),
    'HOST        ERROR   SERIAL\na.example   no route to\n            the host\nb\n',
  );
});

test('says which rows look alike', () => {
  const laid = (['host', 'error'] as const).map((key) =>
    layOut({ title: key, cell: (row: Row) => row[key] }, [
      ...rows,
      ...rows,
      { host: 'b', error: '?', serial: '' },
      { host: 'b', error: '!', serial: '' },
    ]),
  );
  assert.equal(rowsAlike(laid), [
    [0, 2],
    [1, 3],
  ]);
});

test.run();
